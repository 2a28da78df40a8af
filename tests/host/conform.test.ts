import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { ConformRunner } from '../../src/host/conform/conform.ts';
import { VectorError } from '../../src/host/errors.ts';

const runner = new ConformRunner();
const bytesOf = (lines: readonly object[]): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const NULL = '0 0000000000000000 0000000000000000';
const DECODE = {
  op: 'decode', hi: '0000000000000000', lo: '0000000000000000', tag: 0, base: '0000000000000000', top: '10000000000000000',
  length: '10000000000000000', cgetlen: 'ffffffffffffffff', cgettop: 'ffffffffffffffff', offset: '0000000000000000',
  perms: '00000', otype: '3ffff', cgettype: 'ffffffffffffffff', sealed: 0, flag: 0, reserved: 0, ie: 1, E: 52, B: '0000', T: '1000',
}; // prettier-ignore
const SETBOUNDS = {
  op: 'setbounds', hi: '916a200000000000', lo: '18abf232f843e012', tag: 1, len: 'e7540dcd07bc1fee', exact: 0,
  rhi: '916a200000000317', rlo: '18abf232f843e012', rtag_csetbounds: 1, rtag_csetboundsexact: 0,
  rbase: '1880000000000000', rtop: '10000000000000000',
}; // prettier-ignore
const CANDPERM = {
  op: 'candperm', c1: '0 9d873d4a3ba78d80 0000000080c8ffbd', c2: '1 3d702000029519b7 202649e3211f2ac4',
  r: '0 88843d4a3ba78d80 0000000080c8ffbd', v: 'sail+qemu',
}; // prettier-ignore
const IMMEDIATE = {
  op: 'cincoffsetimm',
  c1: '0 9d873d4a3ba78d80 0000000080c8ffbd',
  imm: 127,
  r: '0 9d873d4a3ba78d80 0000000080c9003c',
};

/** li a0,5; ecall: from machine mode, with everything else zero. */
function program(change: object = {}) {
  const registers: Record<string, string> = Object.fromEntries(
    Array.from({ length: 31 }, (_, index) => [`x${index + 1}`, NULL]),
  );
  Object.assign(registers, { ddc: '1 ffff000000000000 0000000000000000', pcc: '1 ffff000000000000 0000000080100080' });
  for (const name of ['stcc', 'stdc', 'sscratchc', 'sepcc']) registers[name] = NULL;
  const expected = {
    mcause: 11, mtval: '0', mstatus: '8000000a00007880', fcsr: 0, f: {}, mem: {},
    regs: { x10: '0 0000000000000000 0000000000000005', mepcc: '1 ffff000000000000 0000000080100084' },
  }; // prettier-ignore
  return {
    id: 'test-1', verified: 'sail+qemu', priv: 3, fcsr: 0, prog_addr: '80100080', prog: '1305500073000000', regs: registers,
    f: Array.from({ length: 32 }, () => '0000000000000000'), mem_addr: '80200000', mem: {}, expect: { ...expected, ...change },
  }; // prettier-ignore
}

describe('Conform', () => {
  it('replays lines of every kind, plain and gzip', async () => {
    const bytes = bytesOf([DECODE, SETBOUNDS, CANDPERM, IMMEDIATE, program()]);
    expect(await runner.run(bytes)).to.deep.equal({ passed: 5, failed: 0, failures: [] });
    expect((await runner.run(new Uint8Array(gzipSync(bytes)))).passed).to.equal(5);
  });

  it('says what differs', async () => {
    const wrong = [{ ...CANDPERM, r: '1 88843d4a3ba78d80 0000000080c8ffbd' }, program({ mcause: 2, mtval: null })];
    const { passed, failed, failures } = await runner.run(bytesOf(wrong));
    expect([passed, failed]).to.deep.equal([0, 2]);
    expect(failures[0]).to.deep.include({ number: 1, name: 'candperm' });
    expect(failures[0].differences[0].actual).to.match(/^0 88843d4a3ba78d80/);
    expect(failures[1].differences).to.deep.equal([{ what: 'mcause', expected: '0x2', actual: '0xb' }]);
  });

  it('notices what is not listed as changed', async () => {
    const unlisted = program({ regs: { mepcc: '1 ffff000000000000 0000000080100084' } });
    const { failures } = await runner.run(bytesOf([unlisted]));
    expect(failures[0].differences.map(({ what }) => what)).to.deep.equal(['x10']);
  });

  it('notices a program that never traps', async () => {
    const { failures } = await runner.run(bytesOf([{ ...program(), prog: '6f000000' }]));
    expect(failures[0].differences[0]).to.include({ what: 'end', expected: 'a trap into machine mode' });
  });

  it('keeps only so many failures', async () => {
    const wrong = { ...CANDPERM, r: NULL };
    const { failed, failures } = await runner.run(bytesOf([wrong, wrong, wrong]), { limit: 2 });
    expect([failed, failures.length]).to.deep.equal([3, 2]);
  });

  const refusals: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
    ['an empty file', new Uint8Array(0), /no lines/],
    ['text', new TextEncoder().encode('hello\n'), /line 1 is not JSON/],
    ['a list', bytesOf([DECODE, []]), /line 2 is not a JSON object/],
    ['an unknown line', bytesOf([{ a: 1 }]), /neither an operation/],
    ['an unknown operation', bytesOf([{ op: 'fly', hi: '0', lo: '0', tag: 0 }]), /unknown operation "fly"/],
    ['an unknown instruction', bytesOf([{ ...CANDPERM, op: 'cfly' }]), /unknown instruction "cfly"/],
    ['a missing field', bytesOf([{ ...SETBOUNDS, rhi: undefined }]), /"rhi" is missing/],
    ['digits that are none', bytesOf([{ ...DECODE, base: 'xyz' }]), /"base" is not hexadecimal/],
    ['a capability that is none', bytesOf([{ ...CANDPERM, c1: '2 0 0' }]), /"c1" is not a capability/],
    ['broken gzip data', new Uint8Array([0x1f, 0x8b, 1, 2, 3]), /broken gzip/],
  ];
  for (const [what, bytes, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const error: unknown = await runner.run(bytes).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(VectorError);
      expect((error as Error).message).to.match(message);
    });
  }
});
