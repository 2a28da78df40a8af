// Interrupts: which is taken, by whom, when. Manual: Privileged 1.12 §3.1.6.1, §3.1.9, §4.1.3; N extension.
import { expect } from 'chai';
import { Bench, CODE, ECALL, HANDLER, INTERRUPT, MIE, SIE, SUM } from './bench.ts';

const UIE = 1n;
const MODES = ['U', 'S', 'M'] as const;

describe('interrupts', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create({ userTraps: true })));
  beforeEach(() => {
    bench.reset();
    bench.set('mie', 0xfffn);
  });

  const lines = (mask: number): void => {
    for (let bit = 0; bit < 12; bit++) bench.machine.core.exports.setInterruptLine(bit, (mask >> bit) & 1);
  };

  it('are taken in the order MEI MSI MTI SEI SSI STI UEI USI UTI', () => {
    const order = [11, 3, 7, 9, 1, 5, 8, 0, 4];
    let pending = order.reduce((mask, bit) => mask | (1 << bit), 0);
    for (const bit of order) {
      lines(pending);
      expect(bench.op('addi', {}, 'U').cause).to.equal(INTERRUPT | BigInt(bit));
      pending &= ~(1 << bit);
    }
    lines(0);
    expect(bench.op('addi', {}, 'U').cause).to.equal(undefined);
  });

  it('need mie, and xIE in their own mode; higher modes are deaf to lower ones', () => {
    bench.set('mideleg', 0x333n);
    bench.set('sideleg', 0x111n);
    for (const [bit, own, enable] of [
      [11, 'M', MIE],
      [9, 'S', SIE],
      [8, 'U', UIE],
    ] as const) {
      for (const mode of MODES) {
        for (const enabled of [false, true]) {
          for (const unmasked of [false, true]) {
            bench.set('mstatus', enabled ? enable : 0n);
            bench.set('mie', unmasked ? 1n << BigInt(bit) : 0n);
            lines(1 << bit);
            const pc = bench.get('mtvec');
            bench.op('addi', {}, mode);
            lines(0);
            const taken = unmasked && (mode === own ? enabled : MODES.indexOf(mode) < MODES.indexOf(own));
            expect(bench.get('pc') === CODE + 4n, `${bit} in ${mode}`).to.equal(!taken);
            if (taken) expect([bench.mode, bench.get('pc')]).to.deep.equal([own, own === 'M' ? pc : HANDLER]);
          }
        }
      }
    }
  });

  it('are vectored by cause in mode 1', () => {
    bench.set('mtvec', HANDLER + 1n);
    lines(1 << 11);
    bench.op('addi');
    bench.set('mstatus', MIE);
    bench.op('addi');
    expect([bench.get('pc'), bench.get('mepc'), bench.get('mtval')]).to.deep.equal([HANDLER + 44n, CODE, 0n]);
    lines(0);
  });

  it('go to U-mode on delegation by mideleg alone where there is no S-mode', async () => {
    const plain = await Bench.create({ sMode: false, userTraps: true });
    plain.reset();
    plain.set('mideleg', 0x111n);
    plain.set('mie', 1n);
    plain.set('mip', 1n);
    plain.set('mstatus', UIE);
    plain.op('addi', {}, 'U');
    expect([plain.mode, plain.get('ucause'), plain.get('pc')]).to.deep.equal(['U', INTERRUPT, HANDLER]);
  });

  it('come as soon as software opens them', () => {
    bench.set('mip', 2n);
    bench.set('t0', SIE | SUM);
    bench.set('mideleg', 2n);
    bench.set('stvec', CODE + 0x100n);
    bench.machine.memory.writeU32(CODE + 0x100n, ECALL);
    bench.run((code) => code.op('csrrs', { d: 0, s: 5, i: 0x100 }).op('addi', { d: 6, s: 6, i: 1 }), 'S', 3n);
    expect([bench.get('scause'), bench.get('sepc'), bench.get('t1')]).to.deep.equal([INTERRUPT | 1n, CODE + 4n, 0n]);
  });
});
