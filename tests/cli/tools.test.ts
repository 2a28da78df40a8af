import { expect } from 'chai';
import { hello } from '../host/programs.ts';
import { capvm, compileIfStale, withFiles } from './capvm.ts';

const CANDPERM = {
  op: 'candperm', c1: '0 9d873d4a3ba78d80 0000000080c8ffbd', c2: '1 3d702000029519b7 202649e3211f2ac4',
  r: '0 88843d4a3ba78d80 0000000080c8ffbd', v: 'sail+qemu',
}; // prettier-ignore
const line = (change: object = {}): string => `${JSON.stringify({ ...CANDPERM, ...change })}\n`;

describe('capvm disasm', () => {
  before(compileIfStale);

  it('shows code with addresses, words and symbols', async () => {
    const { stdout, code } = await withFiles({ 'p.elf': hello('x') }, (directory) =>
      capvm(['disasm', 'p.elf'], { directory }),
    );
    expect(code).to.equal(0);
    expect(stdout).to.contain('0000000080000000 <_start>:\n80000000:\t');
    expect(stdout).to.match(/80000\w+:\t0000c\w*|lbu\ta2,0\(a0\)/);
  });

  it('takes words, modes and ranges', async () => {
    expect((await capvm(['disasm', '--words', '0x852e', '1205a50f'])).stdout).to.equal(
      '852e      mv a0,a1\n1205a50f  lc ca0,288(a1)\n',
    );
    expect((await capvm(['disasm', '--mode', 'cap', '--words', '--json', '1205a50f'])).stdout).to.equal(
      '{"raw":"0x1205a50f","text":"lc ca0,288(ca1)"}\n',
    );
    const { stdout } = await withFiles({ 'p.elf': hello('x') }, (directory) =>
      capvm(['disasm', '--json', '--start', '0x80000000', '--stop', '0x80000004', 'p.elf'], { directory }),
    );
    expect(JSON.parse(stdout)).to.include({ address: '0x80000000', symbol: '_start' });
  });
});

describe('capvm conform', () => {
  before(compileIfStale);

  it('prints a line per file and exits with 0', async () => {
    await withFiles({ 'a.jsonl': line(), 'b.jsonl': line() + line() }, async (directory) => {
      const { code, stdout, stderr } = await capvm(['conform', '--engine', 'interp', 'a.jsonl', 'b.jsonl'], {
        directory,
      });
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(
        /^a\.jsonl: 1 passed, 0 failed .*\nb\.jsonl: 2 passed, 0 failed .*\ntotal: 3 passed, 0 failed\n$/,
      );
    });
  });

  it('shows the first differences and exits with 1', async () => {
    await withFiles({ 'a.jsonl': line() + line({ r: CANDPERM.c1 }).repeat(3) }, async (directory) => {
      const { code, stdout } = await capvm(['conform', '--limit', '1', 'a.jsonl'], { directory });
      expect(code).to.equal(1);
      expect(stdout).to.match(
        /1 passed, 3 failed[^]*line 2 candperm[^]*expected 0 9d87[^]*got 0 8884[^]*and 2 more lines/,
      );
      const json = JSON.parse((await capvm(['conform', '--json', 'a.jsonl'], { directory })).stdout) as Record<
        string,
        unknown
      >;
      expect(json).to.include({ passed: 1, failed: 3 });
    });
  });
});
