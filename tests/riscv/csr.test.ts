// CSRs: which exist for whom, legal values, views, counters. Manual: Privileged 1.12; CHERI ISAv9.
import { expect } from 'chai';
import type { Privilege } from '../../src/host/index.ts';
import * as csr from '../../assembly/riscv/csr-numbers.ts';
import {
  Bench,
  CHERI,
  CODE,
  FS,
  HANDLER,
  ILLEGAL,
  MIE,
  MPIE,
  MPP,
  MPP_SHIFT,
  MPRV,
  MXR,
  SD,
  SIE,
  SPIE,
  SPP,
  SUM,
  T0,
  TSR,
  TVM,
  TW,
  XL,
} from './bench.ts';

const ALL_ONES = (1n << 64n) - 1n;
const LEVEL: Record<Privilege, number> = { U: 0, S: 1, M: 3 };
const MODES = ['U', 'S', 'M'] as const;
const USER_TRAPS = [0x000, 0x004, 0x005, 0x040, 0x041, 0x042, 0x043, 0x044];
const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

const COUNTERS = range(csr.CSR_CYCLE, 32);
const FLOAT = [csr.CSR_FFLAGS, csr.CSR_FRM, csr.CSR_FCSR];
const SUPERVISOR = [...USER_TRAPS.map((n) => n | 0x100), 0x106, 0x10a, 0x180];
const MACHINE = [
  ...USER_TRAPS.map((n) => n | 0x300),
  0x301,
  0x306,
  0x30a,
  0x320,
  ...range(0x323, 29),
  0x3a0,
  0x3a2,
  ...range(0x3b0, 16),
  ...range(0x7a0, 4),
  0xb00,
  ...range(0xb02, 30),
  ...range(0xf11, 5),
];

/** What a machine must have. */
function registersOf(options: { sMode: boolean; userTraps: boolean; cheri: boolean }): Set<number> {
  const { sMode, userTraps, cheri } = options;
  return new Set([
    ...FLOAT,
    ...COUNTERS,
    ...MACHINE,
    ...(sMode ? SUPERVISOR : []),
    ...(userTraps ? USER_TRAPS : []),
    ...(sMode && userTraps ? [0x102, 0x103] : []),
    ...(sMode || userTraps ? [0x302, 0x303] : []),
    ...(cheri ? [0x8c0, 0xbc0] : []),
    ...(cheri && sMode ? [0x9c0] : []),
  ]);
}

describe('CSR existence and access', function () {
  this.timeout(120_000);

  for (const sMode of [false, true]) {
    for (const userTraps of [false, true]) {
      for (const cheri of [false, true]) {
        const options = { sMode, userTraps, cheri };
        it(`follows the configuration ${JSON.stringify(options)} in every mode`, async () => {
          const bench = await Bench.create(options);
          bench.reset();
          bench.set('mstatus', FS);
          bench.set('mcounteren', ALL_ONES);
          if (sMode) bench.set('scounteren', ALL_ONES);
          const exists = registersOf(options);
          for (const mode of sMode ? MODES : (['U', 'M'] as const)) {
            for (let n = 0; n < 4096; n++) {
              const legal = exists.has(n) && ((n >> 8) & 3) <= LEVEL[mode];
              const cause = bench.cause('csrrs', { d: T0, s: 0, i: n }, mode);
              expect(cause, `${mode} csr 0x${n.toString(16)}`).to.equal(legal ? undefined : ILLEGAL);
            }
          }
        });
      }
    }
  }

  describe('on a machine with everything', () => {
    let bench: Bench;
    before(async () => (bench = await Bench.create({ userTraps: true })));
    beforeEach(() => bench.reset());

    it('refuses writes of read-only registers, but not csrrs and csrrc with x0 or a zero immediate', () => {
      const n = csr.CSR_MHARTID;
      expect(bench.cause('csrrs', { d: T0, s: 0, i: n })).to.equal(undefined);
      expect(bench.cause('csrrc', { d: T0, s: 0, i: n })).to.equal(undefined);
      expect(bench.cause('csrrsi', { d: T0, z: 0, i: n })).to.equal(undefined);
      expect(bench.cause('csrrci', { d: T0, z: 0, i: n })).to.equal(undefined);
      expect(bench.cause('csrrs', { d: T0, s: T0, i: n })).to.equal(ILLEGAL);
      expect(bench.cause('csrrci', { d: T0, z: 1, i: n })).to.equal(ILLEGAL);
      expect(bench.cause('csrrw', { d: T0, s: 0, i: n })).to.equal(ILLEGAL);
      expect(bench.cause('csrrwi', { d: T0, z: 0, i: n })).to.equal(ILLEGAL);
    });

    it('reports illegal accesses with xtval 0, the pc of the instruction, and leaves rd alone', () => {
      bench.set('t0', 77n);
      const stop = bench.op('csrrs', { d: T0, s: 0, i: csr.CSR_MSTATUS }, 'U');
      expect([stop.cause, stop.tval, stop.pc]).to.deep.equal([ILLEGAL, 0n, CODE]);
      expect([bench.get('t0'), bench.get('mepc')]).to.deep.equal([77n, CODE]);
      expect(stop.instructions).to.equal(0n);
    });

    it('needs Access_System_Registers for all but float status and unprivileged counters, after legality', () => {
      bench.set('mstatus', FS);
      for (const n of [...FLOAT, ...COUNTERS, 0x000, 0x100, 0x140, 0x300, 0x305, 0x3b0, 0xb00, 0xbc0, 0xf14]) {
        bench.machine.registers.privilege = 'M';
        bench.machine.registers.setCapability('pcc', bench.machine.registers.capability('mtcc'));
        bench.dropSystemAccess();
        const stop = bench.op('csrrs', { d: T0, s: 0, i: n });
        const free = FLOAT.includes(n) || COUNTERS.includes(n);
        expect([stop.cause, stop.tval], n.toString(16)).to.deep.equal(free ? [undefined, undefined] : [CHERI, 0x418n]);
      }
      bench.machine.registers.setCapability('pcc', bench.machine.registers.capability('mtcc'));
      bench.dropSystemAccess();
      expect(bench.cause('csrrs', { d: T0, s: 0, i: csr.CSR_MSTATUS }, 'S'), 'legality first').to.equal(ILLEGAL);
    });

    it('hides satp from S-mode with TVM', () => {
      bench.set('mstatus', TVM);
      expect(bench.cause('csrrs', { d: T0, s: 0, i: csr.CSR_SATP }, 'S')).to.equal(ILLEGAL);
      expect(bench.cause('csrrs', { d: T0, s: 0, i: csr.CSR_SATP }, 'M')).to.equal(undefined);
    });

    it('needs FS for the floating-point registers, and writing them makes it dirty', () => {
      for (const n of FLOAT) expect(bench.cause('csrrs', { d: T0, s: 0, i: n })).to.equal(ILLEGAL);
      bench.set('mstatus', 1n << 13n);
      expect(bench.cause('csrrs', { d: T0, s: 0, i: csr.CSR_FCSR })).to.equal(undefined);
      expect(bench.get('mstatus') & (FS | SD), 'reading').to.equal(1n << 13n);
      expect(bench.writeBack(csr.CSR_FCSR, ALL_ONES)).to.equal(0xffn);
      expect(bench.get('mstatus') & (FS | SD), 'writing').to.equal(FS | SD);
      expect(bench.writeBack(csr.CSR_FFLAGS, 0xean)).to.equal(0xan);
      expect(bench.writeBack(csr.CSR_FRM, 0xfn)).to.equal(7n);
      expect(bench.get('fcsr')).to.equal(0xean);
    });
  });
});

describe('CSR values', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create({ userTraps: true })));
  beforeEach(() => bench.reset());

  it('has the reset state of the manual', () => {
    bench.machine.reset();
    expect(bench.get('mstatus')).to.equal(XL);
    for (const name of ['mie', 'mip', 'medeleg', 'mideleg', 'satp', 'mcause', 'mtvec', 'pmpcfg0', 'mcountinhibit']) {
      expect(bench.get(name), name).to.equal(0n);
    }
    expect([bench.get('mcounteren'), bench.get('scounteren')]).to.deep.equal([7n, 7n]);
    expect(bench.mode).to.equal('M');
  });

  it('states the machine in misa, which ignores writes', async () => {
    expect(bench.writeBack(csr.CSR_MISA, 0n)).to.equal(0x8000_0000_0094_312dn);
    const plain = await Bench.create({ cheri: false });
    expect(plain.get('misa')).to.equal(0x8000_0000_0014_112dn);
    expect((await Bench.create({ sMode: false })).get('misa')).to.equal(0x8000_0000_0090_112dn);
  });

  it('keeps the legal fields of mstatus: XL fixed, XS and VS zero, SD derived, MPP one of U S M', () => {
    const fields = 0x11n | SIE | MIE | SPIE | MPIE | SPP | MPP | FS | MPRV | SUM | MXR | TVM | TW | TSR;
    expect(bench.writeBack(csr.CSR_MSTATUS, ALL_ONES)).to.equal(fields | XL | SD);
    expect(bench.writeBack(csr.CSR_MSTATUS, 0n)).to.equal(XL);
    expect(bench.writeBack(csr.CSR_MSTATUS, 2n << MPP_SHIFT)).to.equal(XL);
    expect(bench.writeBack(csr.CSR_MSTATUS, 1n << MPP_SHIFT)).to.equal(XL | (1n << MPP_SHIFT));
    expect(bench.writeBack(csr.CSR_MSTATUS, 1n << 13n)).to.equal(XL | (1n << 13n));
  });

  it('shows S-mode and U-mode their part of mstatus', () => {
    bench.set('mstatus', ALL_ONES);
    const supervisor = 0x11n | SIE | SPIE | SPP | FS | SUM | MXR;
    expect(bench.get('sstatus')).to.equal(supervisor | SD | (2n << 32n));
    expect(bench.get('ustatus')).to.equal(0x11n);
    bench.writeBack(csr.CSR_SSTATUS, 0n);
    expect(bench.get('mstatus') & supervisor).to.equal(0n);
    expect(bench.get('mstatus') & (MIE | MPIE | MPP)).to.equal(MIE | MPIE | MPP);
    bench.writeBack(csr.CSR_USTATUS, ALL_ONES);
    expect(bench.get('mstatus') & 0xffn).to.equal(0x11n | MIE | MPIE);
  });

  it('has only the fields of its modes without S-mode', async () => {
    const plain = await Bench.create({ sMode: false });
    expect(plain.writeBack(csr.CSR_MSTATUS, ALL_ONES)).to.equal(XL | SD | MIE | MPIE | MPP | FS | MPRV | TW);
    expect(plain.writeBack(csr.CSR_MSTATUS, 1n << MPP_SHIFT)).to.equal(XL);
    expect(plain.writeBack(csr.CSR_MIE, ALL_ONES)).to.equal(0x888n);
  });

  it('holds in the interrupt registers only interrupts that exist, in the views only delegated ones', () => {
    expect(bench.writeBack(csr.CSR_MIDELEG, ALL_ONES)).to.equal(0x333n);
    expect(bench.writeBack(csr.CSR_MIE, ALL_ONES)).to.equal(0xbbbn);
    expect(bench.writeBack(csr.CSR_MIP, ALL_ONES)).to.equal(0x333n);
    expect(bench.writeBack(csr.CSR_SIP, 0n), 'sip: SSIP, USIP, UEIP').to.equal(0x230n);
    bench.set('mideleg', 0x222n);
    expect([bench.get('sie'), bench.get('sip')]).to.deep.equal([0x222n, 0x220n]);
    expect(bench.writeBack(csr.CSR_SIE, 0n)).to.equal(0n);
    expect(bench.get('mie')).to.equal(0x999n);
    bench.set('mideleg', 0x333n);
    expect(bench.writeBack(csr.CSR_SIDELEG, ALL_ONES)).to.equal(0x333n);
    bench.set('sideleg', 0x101n);
    expect(bench.writeBack(csr.CSR_UIE, ALL_ONES)).to.equal(0x101n);
    bench.set('mip', 0n);
    expect(bench.writeBack(csr.CSR_UIP, ALL_ONES), 'uip: USIP').to.equal(1n);
  });

  it('keeps a device line out of what csrrs writes back to mip', () => {
    bench.machine.core.exports.setInterruptLine(9, 1);
    bench.op('csrrsi', { d: T0, z: 2, i: csr.CSR_MIP });
    expect(bench.get('t0')).to.equal(0x200n);
    expect(bench.get('mip')).to.equal(0x202n);
    bench.machine.core.exports.setInterruptLine(9, 0);
    expect(bench.get('mip')).to.equal(2n);
  });

  it('keeps all of medeleg but bit 10, and of sedeleg bits 8 to 0 unless widened', async () => {
    expect(bench.writeBack(csr.CSR_MEDELEG, ALL_ONES)).to.equal(ALL_ONES & ~(1n << 10n));
    expect(bench.writeBack(csr.CSR_SEDELEG, ALL_ONES)).to.equal(0x1ffn);
    const wide = await Bench.create({ userTraps: true, sedelegWide: true });
    expect(wide.writeBack(csr.CSR_SEDELEG, ALL_ONES)).to.equal(ALL_ONES & ~(1n << 10n));
  });

  it('takes modes 0 and 1 of xtvec and keeps the old mode otherwise', () => {
    for (const n of [csr.CSR_MTVEC, csr.CSR_STVEC, csr.CSR_UTVEC]) {
      expect(bench.writeBack(n, 0x8000_1001n)).to.equal(0x8000_1001n);
      expect(bench.writeBack(n, 0x8000_2002n)).to.equal(0x8000_2001n);
      expect(bench.writeBack(n, 0x8000_3000n)).to.equal(0x8000_3000n);
    }
    expect(bench.machine.registers.capability('mtcc').address).to.equal(0x8000_3000n);
  });

  it('hides bit 0 of xepc', () => {
    for (const n of [csr.CSR_MEPC, csr.CSR_SEPC, csr.CSR_UEPC]) {
      expect(bench.writeBack(n, 0x8000_1237n)).to.equal(0x8000_1236n);
    }
  });

  it('ignores a satp with a mode that does not exist, and holds the whole of one that does', () => {
    const sv39 = (8n << 60n) | (0xabcdn << 44n) | 0x8_0000n;
    expect(bench.writeBack(csr.CSR_SATP, sv39)).to.equal(sv39);
    for (const mode of [9n, 10n, 1n, 15n]) {
      expect(bench.writeBack(csr.CSR_SATP, (mode << 60n) | 1n)).to.equal(sv39);
    }
    expect(bench.writeBack(csr.CSR_SATP, 0n)).to.equal(0n);
  });

  it('states its CHERI features in xccsr; sccsr holds the capability generations', async () => {
    for (const n of [csr.CSR_MCCSR, csr.CSR_UCCSR]) expect(bench.writeBack(n, 0n)).to.equal(0xc000_0001n);
    expect(bench.writeBack(csr.CSR_SCCSR, ALL_ONES)).to.equal(0xc000_000dn);
    const relocated = await Bench.create({ addressing: 'relocated' });
    expect(relocated.get('mccsr')).to.equal(0x8000_0001n);
  });

  it('has no triggers: tselect and tdata read zero', () => {
    for (let n = csr.CSR_TSELECT; n <= csr.CSR_TDATA3; n++) expect(bench.writeBack(n, ALL_ONES)).to.equal(0n);
  });

  it('reads xtvec and xepc as offsets where addresses are relocated', async () => {
    const relocated = await Bench.create({ addressing: 'relocated' });
    const { registers } = relocated.machine;
    // Bounds [0x80001000, 0x80002000): mantissa fields of a length of 4 KiB at exponent 0.
    const bounded = { tag: true, high: 0xffff_0000_0401_8004n, address: HANDLER };
    registers.setCapability('mepcc', bounded);
    const { base } = registers.capability('mepcc');
    expect(relocated.get('mepc')).to.equal(HANDLER - base);
    relocated.set('mepc', 0x124n);
    expect(registers.capability('mepcc').address).to.equal(base + 0x124n);
  });
});
