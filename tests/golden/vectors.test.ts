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

describe('golden vectors', function () {
  this.timeout(180_000);
  const runner = new ConformRunner();

  for (const [file, lines] of Object.entries(FILES)) {
    it(`${file}: all ${lines} lines`, async () => {
      const name = `${file}-public.jsonl.gz`;
      const bytes = new Uint8Array(await readFile(new URL(`../vectors/${name}`, import.meta.url)));
      const { passed, failed, failures } = await runner.run(bytes, { name });
      expect(failed, JSON.stringify(failures, null, 1)).to.equal(0);
      expect(passed).to.equal(lines);
    });
  }
});
