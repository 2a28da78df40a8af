// User traps that only marked code has (userTraps: 'marked'): MachineOptions. Not of any manual.
import { expect } from 'chai';
import { ArgumentError, Machine } from '../../src/host/index.ts';
import type { MachineOptions } from '../../src/host/index.ts';
import { ENGINES } from '../helpers/engines.ts';
import { assemble } from '../helpers/assembler.ts';
import { Bench, BREAKPOINT, CHERI, CODE, ECALL, ECALL_U, HANDLER, INTERRUPT } from './bench.ts';

const OPTIONS: MachineOptions = { sMode: false, userTraps: 'marked', stopOnMachineTrap: true, memory: '1M' };
/** User0 in the high word. */
const MARK = 1n << 60n;
const UIE = 1n;

function changeHigh(machine: Machine, name: string, change: (high: bigint) => bigint): void {
  const { registers } = machine;
  const capability = registers.capability(name);
  registers.setCapability(name, { ...capability, high: change(capability.high) });
}

describe('traps of marked code', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create(OPTIONS)));

  beforeEach(() => {
    bench.reset();
    bench.set('medeleg', -1n);
    bench.set('mideleg', 1n);
  });

  it('go to U-mode, with cause, value and PCC saved there', () => {
    bench.word(ECALL, 'U');
    expect([bench.mode, bench.get('ucause'), bench.get('pc')]).to.deep.equal(['U', ECALL_U, HANDLER]);
    const saved = bench.machine.registers.capability('uepcc');
    expect([saved.tag, saved.address, saved.high & MARK]).to.deep.equal([true, CODE, MARK]);
  });

  it('go to M-mode where they are not delegated, or UTCC is untagged, or the mark is missing', () => {
    const { machine } = bench;
    changeHigh(machine, 'pcc', (high) => high & ~MARK);
    expect([bench.word(ECALL, 'U').cause, bench.mode]).to.deep.equal([ECALL_U, 'M']);
    bench.reset();
    bench.set('medeleg', ~(1n << BREAKPOINT));
    expect([bench.op('ebreak', {}, 'U').cause, bench.mode]).to.deep.equal([BREAKPOINT, 'M']);
    bench.reset();
    bench.set('medeleg', -1n);
    const { registers } = machine;
    registers.setCapability('utcc', { ...registers.capability('utcc'), tag: false });
    expect([bench.word(ECALL, 'U').cause, bench.mode]).to.deep.equal([ECALL_U, 'M']);
  });

  it('do not come from a PCC that says it is marked and has no tag', () => {
    const { registers } = bench.machine;
    registers.privilege = 'U';
    registers.setCapability('pcc', { ...registers.capability('pcc'), tag: false, address: CODE });
    expect([bench.machine.step().cause, bench.mode]).to.deep.equal([CHERI, 'M']);
  });

  it('leave M-mode its own', () => {
    expect([bench.op('ebreak', {}, 'M').cause, bench.mode]).to.deep.equal([BREAKPOINT, 'M']);
  });

  it('include the software interrupt, which waits until marked code runs', () => {
    const pending = (): void => {
      bench.set('mie', 1n);
      bench.set('mip', 1n);
      bench.set('mstatus', UIE);
    };
    pending();
    bench.op('addi', {}, 'U');
    expect([bench.mode, bench.get('ucause'), bench.get('pc')]).to.deep.equal(['U', INTERRUPT, HANDLER]);
    bench.reset();
    bench.set('mideleg', 1n);
    pending();
    changeHigh(bench.machine, 'pcc', (high) => high & ~MARK);
    bench.op('addi', {}, 'U');
    expect([bench.mode, bench.get('pc'), bench.get('mip')]).to.deep.equal(['U', CODE + 4n, 1n]);
  });

  it('go with uie and uip, which show the software interrupt alone', () => {
    expect(bench.writeBack(0x004, -1n)).to.equal(1n);
    expect(bench.writeBack(0x044, -1n)).to.equal(1n);
    expect(bench.writeBack(0x044, 0n)).to.equal(0n);
  });

  it('need a machine with capabilities and without S-mode', async () => {
    for (const options of [{ sMode: true }, { cheri: false }, { userTraps: 'some' as 'marked' }]) {
      let error: unknown;
      await Machine.create({ ...OPTIONS, ...options }).catch((thrown: unknown) => (error = thrown));
      expect(error, JSON.stringify(options)).to.be.instanceOf(ArgumentError);
    }
  });

  // The interrupt is pending all the time; what lets it in is the jump into marked code, by each way there.
  const WAYS = {
    jump: 'jalr.cap cra, ca0',
    cinvoke: 'cinvoke ca1, ca2',
    uret: 'uret',
  };
  for (const engine of ENGINES)
    for (const [name, way] of Object.entries(WAYS))
      it(`come at the first instruction of marked code, after ${name} (${engine.name})`, async () => {
        const machine = await engine.create(OPTIONS);
        const { bytes, labels } = assemble(`start: nop\n nop\n ${way}\n nop\n marked: addi t0, t0, 1\n j marked`, {
          base: CODE,
        });
        machine.memory.write(CODE, bytes);
        machine.memory.write(HANDLER, assemble('handler: j handler').bytes);
        const { registers } = machine;
        registers.set('pmpaddr0', (1n << 54n) - 1n);
        registers.set('pmpcfg0', 0x1fn);
        for (const [csr, value] of Object.entries({ mideleg: 1n, mie: 1n, mip: 1n, mstatus: 0x11n, utvec: HANDLER }))
          registers.set(csr, value);
        const marked = { ...registers.capability('pcc'), address: labels.get('marked')! };
        const pair = 7n << 27n;
        const sealed = (high: bigint): bigint => (high & ~(0x3ffffn << 27n)) | pair;
        for (const register of ['ca0', 'uepcc']) registers.setCapability(register, marked);
        registers.setCapability('ca1', { ...marked, high: sealed(marked.high) });
        registers.setCapability('ca2', { ...marked, high: sealed(marked.high) & ~(2n << 48n) });
        changeHigh(machine, 'pcc', (high) => high & ~MARK);
        registers.privilege = 'U';
        registers.pc = CODE;
        engine.execute(machine, 20);
        expect(['ucause', 'uepc', 't0'].map((register) => registers.get(register))).to.deep.equal([
          INTERRUPT,
          labels.get('marked')!,
          0n,
        ]);
      });
});
