// Traps and returns: delegation, what is saved, xRET, WFI, interrupts. Manual: Privileged 1.12 §3.1, §3.3; N extension.
import { expect } from 'chai';
import type { MachineOptions, Privilege } from '../../src/host/index.ts';
import {
  Bench,
  BREAKPOINT,
  CHERI,
  CODE,
  ECALL,
  ECALL_M,
  ECALL_S,
  ECALL_U,
  HANDLER,
  ILLEGAL,
  MIE,
  MPIE,
  MPP,
  MPP_SHIFT,
  MPRV,
  MRET,
  SIE,
  SPIE,
  SPP,
  SRET,
  TSR,
  TVM,
  TW,
  URET,
  XL,
} from './bench.ts';

const UIE = 1n;
const UPIE = 1n << 4n;
const EBREAK = 0x0010_0073;
const MODES = ['U', 'S', 'M'] as const;
const CAUSE_OF_ECALL: Record<Privilege, bigint> = { U: ECALL_U, S: ECALL_S, M: ECALL_M };
const EPC: Record<Privilege, string> = { U: 'uepc', S: 'sepc', M: 'mepc' };

describe('exceptions', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create({ userTraps: true, sedelegWide: true })));
  beforeEach(() => bench.reset());

  it('save cause, value and pc, push the interrupt enable and enter xtvec', () => {
    bench.set('mstatus', MIE);
    bench.set('mtvec', HANDLER + 1n);
    const stop = bench.word(ECALL, 'U');
    expect([stop.cause, stop.tval]).to.deep.equal([ECALL_U, 0n]);
    expect([bench.get('mcause'), bench.get('mtval'), bench.get('mepc')]).to.deep.equal([ECALL_U, 0n, CODE]);
    expect(bench.get('mstatus')).to.equal(XL | MPIE);
    expect(bench.get('pc'), 'exceptions are never vectored').to.equal(HANDLER);
    expect(bench.machine.registers.capability('mepcc').address).to.equal(CODE);
  });

  it('give the pc as the value of ebreak, 0 of an illegal instruction', () => {
    expect(bench.word(EBREAK)).to.include({ cause: BREAKPOINT, tval: CODE });
    expect(bench.word(0)).to.include({ cause: ILLEGAL, tval: 0n });
  });

  it('have a cause of their own for ecall in each mode', () => {
    for (const mode of MODES) expect(bench.word(ECALL, mode).cause).to.equal(CAUSE_OF_ECALL[mode]);
  });

  it('do not retire', () => {
    expect(bench.word(ECALL, 'U').instructions).to.equal(0n);
  });

  it('push SPP and SPIE when delegated to S-mode, and leave the machine fields alone', () => {
    bench.set('medeleg', 1n << BREAKPOINT);
    bench.set('mstatus', SIE | MIE | MPP);
    bench.word(EBREAK, 'S');
    expect(bench.mode).to.equal('S');
    expect(bench.get('mstatus')).to.equal(XL | SPIE | SPP | MIE | MPP);
    expect([bench.get('scause'), bench.get('stval'), bench.get('sepc')]).to.deep.equal([BREAKPOINT, CODE, CODE]);
    expect(bench.get('mcause')).to.equal(0n);
    bench.word(EBREAK, 'U');
    expect(bench.get('sstatus') & SPP).to.equal(0n);
  });

  it('push UPIE alone when delegated to U-mode', () => {
    bench.set('medeleg', 1n << BREAKPOINT);
    bench.set('sedeleg', 1n << BREAKPOINT);
    bench.set('mstatus', UIE | SPP | MPP);
    bench.word(EBREAK, 'U');
    expect(bench.mode).to.equal('U');
    expect(bench.get('mstatus')).to.equal(XL | UPIE | SPP | MPP);
    expect([bench.get('ucause'), bench.get('utval'), bench.get('uepc')]).to.deep.equal([BREAKPOINT, CODE, CODE]);
    expect(bench.get('pc')).to.equal(HANDLER);
  });

  /** Mode in which an ebreak of `mode` is handled. */
  async function handler(
    options: MachineOptions,
    mode: Privilege,
    medeleg: boolean,
    sedeleg: boolean,
  ): Promise<Privilege> {
    const machine = await Bench.create(options);
    machine.reset();
    if (machine.has('medeleg') && medeleg) machine.set('medeleg', 1n << BREAKPOINT);
    if (machine.has('sedeleg') && sedeleg) machine.set('sedeleg', 1n << BREAKPOINT);
    machine.word(EBREAK, mode);
    return machine.mode;
  }

  it('go where medeleg and sedeleg say, but never below the current mode', async () => {
    const all = { userTraps: true };
    for (const mode of MODES) {
      expect(await handler(all, mode, false, true)).to.equal('M');
      expect(await handler(all, mode, true, false)).to.equal(mode === 'M' ? 'M' : 'S');
      expect(await handler(all, mode, true, true)).to.equal(mode);
    }
    expect(await handler({}, 'U', true, true), 'without N').to.equal('S');
    expect(await handler({ ...all, sMode: false }, 'U', true, false), 'without S').to.equal('U');
    expect(await handler({ ...all, sMode: false }, 'U', false, false)).to.equal('M');
    expect(await handler({ ...all, sMode: false }, 'M', true, false)).to.equal('M');
    expect(await handler({ sMode: false }, 'U', true, false), 'with neither').to.equal('M');
  });

  it('reach U-mode with causes above 8 only where sedeleg is widened', async () => {
    for (const sedelegWide of [false, true]) {
      const machine = await Bench.create({ userTraps: true, sedelegWide });
      machine.reset();
      machine.set('medeleg', -1n);
      machine.set('sedeleg', -1n);
      machine.dropSystemAccess();
      machine.op('csrrs', { d: 5, s: 0, i: 0x040 }, 'U');
      expect(machine.mode).to.equal(sedelegWide ? 'U' : 'S');
      expect(machine.get(sedelegWide ? 'ucause' : 'scause')).to.equal(CHERI);
      expect(machine.get(sedelegWide ? 'utval' : 'stval')).to.equal(0x418n);
    }
  });

  it('drop the reservation of lr', () => {
    bench.set('medeleg', 1n << ECALL_U);
    bench.set('a0', CODE + 0x400n);
    bench.set('mepc', CODE);
    bench.run((code) => code.op('lr.w', { d: 5, s: 10 }).op('ecall'), 'U');
    expect(bench.op('sc.w', { d: 6, s: 10, t: 5 }, 'S').cause).to.equal(undefined);
    expect(bench.get('t1')).to.equal(1n);
  });
});

describe('returns from traps', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create({ userTraps: true })));
  beforeEach(() => {
    bench.reset();
    for (const epc of Object.values(EPC)) bench.set(epc, HANDLER);
  });

  it('restore mode and interrupt enable', () => {
    bench.set('mstatus', MPIE | (1n << MPP_SHIFT));
    expect(bench.word(MRET, 'M').cause).to.equal(undefined);
    expect([bench.mode, bench.get('mstatus'), bench.get('pc')]).to.deep.equal(['S', XL | MIE | MPIE, HANDLER]);
    bench.set('mstatus', SIE | SPP);
    bench.word(SRET, 'S');
    expect([bench.mode, bench.get('mstatus')]).to.deep.equal(['S', XL | SPIE]);
    bench.set('mstatus', UPIE);
    bench.word(URET, 'M');
    expect([bench.mode, bench.get('mstatus')]).to.deep.equal(['U', XL | UIE | UPIE]);
  });

  it('retire', () => {
    expect(bench.word(MRET).instructions).to.equal(1n);
  });

  it('clear MPRV unless they return to M-mode; uret leaves it', () => {
    bench.set('mstatus', MPRV | MPP);
    bench.word(MRET);
    expect(bench.get('mstatus') & MPRV).to.equal(MPRV);
    bench.word(MRET);
    expect(bench.get('mstatus') & MPRV).to.equal(0n);
    bench.set('mstatus', MPRV);
    bench.word(SRET, 'M');
    expect(bench.get('mstatus') & MPRV).to.equal(0n);
    bench.set('mstatus', MPRV);
    bench.word(URET, 'U');
    expect(bench.get('mstatus') & MPRV).to.equal(MPRV);
  });

  it('are illegal below their mode, sret also with TSR in S-mode; uret is legal everywhere', () => {
    for (const [word, legal] of [
      [MRET, ['M']],
      [SRET, ['S', 'M']],
      [URET, ['U', 'S', 'M']],
    ] as const) {
      for (const mode of MODES) {
        const expected = (legal as readonly string[]).includes(mode) ? undefined : ILLEGAL;
        expect(bench.word(word, mode).cause, `${word.toString(16)} in ${mode}`).to.equal(expected);
      }
    }
    bench.set('mstatus', TSR);
    expect(bench.word(SRET, 'S').cause).to.equal(ILLEGAL);
    expect(bench.word(SRET, 'M').cause).to.equal(undefined);
  });

  it('do not exist without their mode', async () => {
    const plain = await Bench.create({ sMode: false });
    expect(plain.word(SRET, 'M').cause).to.equal(ILLEGAL);
    expect(plain.word(URET, 'M').cause).to.equal(ILLEGAL);
  });

  it('need Access_System_Registers, tested after legality', () => {
    for (const word of [MRET, SRET, URET]) {
      bench.machine.registers.setCapability('pcc', bench.machine.registers.capability('mtcc'));
      bench.dropSystemAccess();
      const stop = bench.word(word, 'M');
      expect([stop.cause, stop.tval]).to.deep.equal([CHERI, 0x418n]);
    }
    bench.machine.registers.setCapability('pcc', bench.machine.registers.capability('mtcc'));
    bench.dropSystemAccess();
    expect(bench.word(MRET, 'S').cause).to.equal(ILLEGAL);
  });

  it('unseal a sentry, and fault at the target if xEPCC is sealed otherwise', () => {
    const { registers } = bench.machine;
    const almighty = registers.capability('mtcc');
    const OTYPE_SHIFT = 27n;
    // In memory the otype is inverted: sentry (-2) is 1, otype 5 is 0x3ffff - 5.
    registers.setCapability('mepcc', { ...almighty, high: almighty.high | (1n << OTYPE_SHIFT), address: HANDLER });
    bench.set('mstatus', MPP);
    bench.word(MRET);
    expect(registers.capability('pcc')).to.include({ tag: true, sealed: false, address: HANDLER });
    registers.setCapability('mepcc', {
      ...almighty,
      high: almighty.high | (0x3fffan << OTYPE_SHIFT),
      address: HANDLER,
    });
    bench.set('mstatus', MPP);
    expect(bench.word(MRET).cause).to.equal(undefined);
    const fetch = bench.machine.step();
    expect([fetch.cause, fetch.tval, fetch.pc]).to.deep.equal([CHERI, 0x403n, HANDLER]);
  });
});

describe('WFI and SFENCE.VMA', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create()));
  beforeEach(() => bench.reset());

  it('are illegal in U-mode, and in S-mode with TW or TVM', () => {
    for (const [name, trapped] of [
      ['wfi', TW],
      ['sfence.vma', TVM],
    ] as const) {
      expect(bench.cause(name, {}, 'U')).to.equal(ILLEGAL);
      expect(bench.cause(name, {}, 'S')).to.equal(undefined);
      bench.set('mstatus', trapped);
      expect(bench.cause(name, {}, 'S')).to.equal(ILLEGAL);
      expect(bench.cause(name, {}, 'M')).to.equal(undefined);
      bench.set('mstatus', 0n);
    }
  });

  it('lets U-mode wait where there is no S-mode, unless TW; sfence.vma does not exist there', async () => {
    const plain = await Bench.create({ sMode: false });
    plain.reset();
    expect(plain.cause('wfi', {}, 'U')).to.equal(undefined);
    plain.set('mstatus', TW);
    expect(plain.cause('wfi', {}, 'U')).to.equal(ILLEGAL);
    expect(plain.cause('sfence.vma')).to.equal(ILLEGAL);
  });

  it('stops as idle if nothing can wake it, having retired', () => {
    const stop = bench.run((code) => code.op('wfi').op('ecall'));
    expect([stop.reason, stop.instructions, stop.pc]).to.deep.equal(['idle', 1n, CODE + 4n]);
    expect(bench.machine.runSync().cause).to.equal(ECALL_M);
  });

  it('goes on if an enabled interrupt is pending, even one that is not taken', () => {
    bench.set('mie', 2n);
    bench.set('mip', 2n);
    expect(bench.run((code) => code.op('wfi').op('ecall')).cause).to.equal(ECALL_M);
  });
});
