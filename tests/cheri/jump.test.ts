// Jumps to capabilities and beside them: effects, links, and every rung of their ladders, in both addressing modes.
import { expect } from 'chai';
import * as layout from '../../assembly/layout.ts';
import * as names from '../../assembly/cheri/names.ts';
import { Bench } from './core.ts';
import type { Bits, Raised } from './core.ts';
import { capability, integer } from './capability.ts';
import type { Meaning } from './capability.ts';

const CODE = 0x80000000n;
const PC = CODE + 0x100n;
const RELOCATED = layout.CONFIG_CHERI | layout.CONFIG_RELOCATED;
const PCC: Meaning = { base: CODE, length: 0x1000n };
/** A 16-bit instruction word: the link is two bytes on. */
const COMPRESSED = 0x9582;

describe('capability jumps', function () {
  let bench: Bench;

  before(async function () {
    this.timeout(120_000);
    bench = await Bench.create();
  });

  beforeEach(() => start());

  function start(config = layout.CONFIG_CHERI, pcc = PCC): void {
    bench.reset(config);
    bench.set(layout.PCC, capability(pcc));
    bench.setU64(layout.PC, PC);
    bench.exports['decodeCap']!(layout.PCC);
    bench.setU64(layout.PC_BIAS, config & layout.CONFIG_RELOCATED ? bench.decoded(layout.PCC).base : 0n);
  }

  const pc = (): bigint => bench.u64(layout.PC);
  const x = (n: number): Bits => bench.get(bench.x(n));
  const set = (n: number, cap: Bits): void => bench.set(bench.x(n), cap);
  const sentry = (address: bigint, of = PCC): Bits => capability({ ...of, otype: names.OTYPE_SENTRY, address });

  /** Walks a ladder: each repair moves the exception to the next rung; the last one succeeds. */
  function climb(rungs: readonly [() => void, number, number][], jump: () => Raised | undefined): void {
    for (const [repair, capCause, regnum] of rungs) {
      repair();
      expect(jump()).to.deep.equal({ cause: 28, capCause, regnum });
      expect(pc()).to.equal(PC);
      expect(bench.get(layout.PCC)).to.deep.equal(capability(PCC));
    }
  }

  it('CJALR jumps to the capability, and links a sentry', () => {
    const target = { base: CODE + 0x2000n, length: 0x800n, flag: 1 };
    set(5, capability({ ...target, address: CODE + 0x2011n }));
    expect(bench.execute('CJALR', { rd: 1, rs1: 5, imm: 4 })).to.equal(undefined);
    expect(pc()).to.equal(CODE + 0x2014n);
    expect(bench.get(layout.PCC).high).to.equal(capability(target).high);
    expect(bench.u32(layout.CAP_MODE)).to.equal(1);
    expect(x(1)).to.deep.equal(sentry(PC + 4n));
  });

  it('CJALR links two bytes on if compressed, and may overwrite its own source', () => {
    set(5, capability({ base: CODE + 0x2000n, length: 0x800n }));
    bench.execute('CJALR', { rd: 5, rs1: 5, raw: COMPRESSED });
    expect(pc()).to.equal(CODE + 0x2000n);
    expect(x(5)).to.deep.equal(sentry(PC + 2n));
    expect(bench.decoded(bench.x(5))).to.deep.include({ base: CODE, top: CODE + 0x1000n, otype: names.OTYPE_SENTRY });
  });

  it('CJALR within the same code capability leaves PCC as it is', () => {
    set(5, capability({ ...PCC, address: CODE + 0x800n }));
    bench.execute('CJALR', { rd: 1, rs1: 5 });
    expect(pc()).to.equal(CODE + 0x800n);
    expect(bench.get(layout.PCC).high).to.equal(capability(PCC).high);
  });

  it('JALR.CAP unseals a sentry, CJALR only with immediate 0', () => {
    const target = { base: CODE + 0x2000n, length: 0x800n };
    set(5, sentry(CODE + 0x2000n, target));
    expect(bench.execute('CJALR', { rd: 1, rs1: 5, imm: 2 })?.capCause).to.equal(names.CapEx_SealViolation);
    bench.execute('JALRCAP', { rd: 1, rs1: 5, imm: 99 });
    expect(pc()).to.equal(CODE + 0x2000n);
    expect(bench.get(layout.PCC).high).to.equal(capability(target).high);
  });

  it('CJALR climbs tag, seal, Execute, unaligned base, bounds', () => {
    start(RELOCATED);
    let code: Meaning = { tag: 0, otype: 9, perms: 0, base: CODE + 1n, length: 0x100n, address: CODE + 0x200n };
    const repair = (meaning: Meaning) => () => set(5, capability((code = { ...code, ...meaning })));
    climb(
      [
        [repair({}), names.CapEx_TagViolation, 5],
        [repair({ tag: 1 }), names.CapEx_SealViolation, 5],
        [repair({ otype: names.OTYPE_UNSEALED }), names.CapEx_PermitExecuteViolation, 5],
        [repair({ perms: names.PERM_EXECUTE }), names.CapEx_UnalignedBase, 5],
        [repair({ base: CODE }), names.CapEx_LengthViolation, 5],
      ],
      () => bench.execute('CJALR', { rd: 1, rs1: 5 }),
    );
    expect(x(1)).to.deep.equal(integer(0n));
    repair({ length: 0x400n })();
    expect(bench.execute('CJALR', { rd: 1, rs1: 5 })).to.equal(undefined);
    expect(pc()).to.equal(CODE + 0x200n);
    expect(bench.u64(layout.PC_BIAS)).to.equal(CODE);
  });

  it('an odd base is no matter where addresses are absolute', () => {
    set(5, capability({ base: CODE + 1n, length: 0x100n, address: CODE + 0x10n }));
    expect(bench.execute('CJALR', { rd: 1, rs1: 5 })).to.equal(undefined);
    expect(pc()).to.equal(CODE + 0x10n);
  });

  it('CJAL stays in PCC and links an absolute sentry in both modes', () => {
    for (const config of [layout.CONFIG_CHERI, RELOCATED]) {
      start(config);
      expect(bench.execute('CJAL', { rd: 1, imm: 0x40 })).to.equal(undefined);
      expect(pc()).to.equal(PC + 0x40n);
      expect(x(1)).to.deep.equal(sentry(PC + 4n));
      start(config);
      const raised = bench.execute('CJAL', { rd: 1, imm: -0x102 });
      expect(raised).to.deep.equal({ cause: 28, capCause: names.CapEx_LengthViolation, regnum: names.REGNUM_PCC });
      expect(x(1)).to.deep.equal(integer(0n));
    }
  });

  it('JALR.PCC takes and gives integers: addresses, or offsets when relocated', () => {
    set(5, integer(CODE + 0x201n));
    bench.execute('JALRPCC', { rd: 5, rs1: 5 });
    expect(pc()).to.equal(CODE + 0x200n);
    expect(x(5)).to.deep.equal(integer(PC + 4n));
    start(RELOCATED);
    set(5, integer(0x201n));
    bench.execute('JALRPCC', { rd: 6, rs1: 5 });
    expect(pc()).to.equal(CODE + 0x200n);
    expect(x(6)).to.deep.equal(integer(0x104n));
    set(5, integer(0x1000n));
    expect(bench.execute('JALRPCC', { rd: 6, rs1: 5 })?.regnum).to.equal(names.REGNUM_PCC);
  });

  it('AUIPCC gives PCC at an absolute address, untagged where its bounds cannot follow', () => {
    bench.execute('AUIPCC', { rd: 5, imm: 0x1000 });
    expect(x(5)).to.deep.equal(capability({ ...PCC, address: PC + 0x1000n }));
    expect(bench.windows(bench.x(5)).load).to.deep.equal([CODE, CODE + 0x1000n]);
    bench.execute('AUIPCC', { rd: 5, imm: -0x80000000 });
    expect(x(5)).to.deep.equal({ ...capability({ ...PCC, address: PC - 0x80000000n }), tag: 0 });
    expect(bench.windows(bench.x(5)).load).to.equal(undefined);
  });

  describe('CInvoke', () => {
    const CALL = names.PERM_CINVOKE;
    const RUN = names.PERM_CINVOKE | names.PERM_EXECUTE;

    it('enters the code and unseals the data into c31, from c31 too', () => {
      const code = { base: CODE + 0x4000n, length: 0x100n, address: CODE + 0x4005n, perms: RUN };
      const data = { base: CODE + 0x5000n, length: 0x100n, perms: CALL | names.PERM_LOAD };
      for (const [cs1, cs2] of [
        [5, 6],
        [31, 6],
        [5, 31],
      ] as const) {
        start();
        set(cs1, capability({ ...code, otype: 9 }));
        set(cs2, capability({ ...data, otype: 9 }));
        expect(bench.execute('CINVOKE', { rs1: cs1, rs2: cs2 })).to.equal(undefined);
        expect(pc()).to.equal(CODE + 0x4004n);
        expect(bench.get(layout.PCC).high).to.equal(capability(code).high);
        expect(x(31)).to.deep.equal(capability(data));
        expect(bench.windows(bench.x(31)).load).to.deep.equal([CODE + 0x5000n, CODE + 0x5100n]);
      }
    });

    it('climbs tags, reserved types, type, CInvoke, Execute, unaligned base, bounds', () => {
      start(RELOCATED);
      let code: Meaning = {
        tag: 0,
        otype: names.OTYPE_SENTRY,
        perms: 0,
        base: CODE + 1n,
        length: 0x100n,
        address: CODE,
      };
      let data: Meaning = { tag: 0, perms: names.PERM_EXECUTE };
      const fixCode = (meaning: Meaning) => () => set(5, capability((code = { ...code, ...meaning })));
      const fixData = (meaning: Meaning) => () => set(6, capability((data = { ...data, ...meaning })));
      fixData({})();
      climb(
        [
          [fixCode({}), names.CapEx_TagViolation, 5],
          [fixCode({ tag: 1 }), names.CapEx_TagViolation, 6],
          [fixData({ tag: 1 }), names.CapEx_SealViolation, 5],
          [fixCode({ otype: 9 }), names.CapEx_SealViolation, 6],
          [fixData({ otype: 8 }), names.CapEx_TypeViolation, 5],
          [fixData({ otype: 9 }), names.CapEx_PermitCInvokeViolation, 5],
          [fixCode({ perms: CALL }), names.CapEx_PermitCInvokeViolation, 6],
          [fixData({ perms: RUN }), names.CapEx_PermitExecuteViolation, 5],
          [fixCode({ perms: RUN }), names.CapEx_PermitExecuteViolation, 6],
          [fixData({ perms: CALL }), names.CapEx_UnalignedBase, 5],
          [fixCode({ base: CODE + 2n }), names.CapEx_LengthViolation, 5],
        ],
        () => bench.execute('CINVOKE', { rs1: 5, rs2: 6 }),
      );
      fixCode({ address: CODE + 2n })();
      expect(bench.execute('CINVOKE', { rs1: 5, rs2: 6 })).to.equal(undefined);
      expect(pc()).to.equal(CODE + 2n);
      expect(bench.u64(layout.PC_BIAS)).to.equal(CODE + 2n);
    });
  });
});
