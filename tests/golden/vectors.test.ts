// The golden vectors (tests/vectors/README.md), every line of them, through the same code as `capvm conform`.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ConformRunner } from '../../src/host/conform/conform.ts';

/** Lines per file: a truncated copy must not pass. */
const FILES: Readonly<Record<string, number>> = {
  cc128: 33_523,
  insn: 55_354,
  prog: 2_721,
  sv39: 759,
  sv39q: 517,
  reloc: 2_400,
  utrap: 666,
};

/** The others are about single instructions outside of programs: nothing to translate. */
const PROGRAMS = ['prog', 'sv39', 'sv39q', 'reloc', 'utrap'];

for (const engine of ['interp', 'translate'] as const) {
  describe(`golden vectors (${engine})`, function () {
    this.timeout(180_000);
    const runner = new ConformRunner();

    for (const [file, lines] of Object.entries(FILES)) {
      if (engine === 'translate' && !PROGRAMS.includes(file)) continue;
      it(`${file}: all ${lines} lines`, async () => {
        const name = `${file}-public.jsonl.gz`;
        const bytes = new Uint8Array(await readFile(new URL(`../vectors/${name}`, import.meta.url)));
        const { passed, failed, failures } = await runner.run(bytes, { name, engine });
        expect(failed, JSON.stringify(failures, null, 1)).to.equal(0);
        expect(passed).to.equal(lines);
      });
    }
  });
}
