// A guest that keeps the host busy must not keep it from budgets, timers and signals, nor fill its memory.
import { expect } from 'chai';
import { Machine, parseConcerns, Tracer } from '../../src/host/index.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, elf, RAM, T0, T1, UART } from '../host/programs.ts';

const DATA = RAM + 0x2000n;

describe('a busy guest', () => {
  it('cannot hide an endless trap from the tracer', async () => {
    // The trap vector points at a word that is no instruction.
    const code = new CodeBuilder(RAM)
      .li(T0, RAM + 0x100n)
      .word(0x30529073, 4)
      .word(0x00000073, 4);
    const machine = await Machine.create({ memory: '1M', stopOnMachineTrap: false });
    machine.load(elf(code));
    machine.watchTraps(false);
    let steps = 0;
    const tracer = new Tracer(machine, parseConcerns('trap'), () => void steps++);
    const stop = machine.runSync({ budget: 1000, tracer });
    expect(stop.reason).to.equal('trap-loop');
    expect(steps).to.be.below(20);
  });

  it('cannot keep a run from its signal with HTIF requests', async () => {
    // magic[0] = 1; tohost = magic; for ever, with no fromhost to answer to.
    const code = new CodeBuilder(RAM)
      .li(A0, DATA)
      .li(A1, DATA + 0x40n)
      .li(T1, 1n);
    code.op('sd', { s: A0, t: T1, i: 0 }).op('sd', { s: A1, t: A0, i: 0 }).word(0xff9ff06f, 4);
    const machine = await Machine.create({ memory: '1M' });
    machine.load(elf(code, { symbols: { _start: RAM, tohost: DATA + 0x40n } }));
    const stop = await machine.run({ signal: AbortSignal.timeout(200) });
    expect(stop.reason).to.equal('aborted');
  });

  it('cannot fill the host through the UART looped back', async () => {
    // MCR.LOOP, then 64 bytes: the FIFO keeps 16, and reading gives just those.
    const code = new CodeBuilder(RAM).li(A0, UART).li(T0, 0x10n).op('sb', { s: A0, t: T0, i: 4 });
    for (let i = 0; i < 64; i++) code.op('sb', { s: A0, t: T0, i: 0 });
    const machine = await Machine.create({ memory: '1M' });
    machine.load(elf(code));
    machine.runSync({ budget: 80 });
    let kept = 0;
    while ((machine.bus.load(Number(UART) + 5, 1) & 1) !== 0 && kept < 100) {
      machine.bus.load(Number(UART), 1);
      kept++;
    }
    expect(kept).to.equal(16);
  });

  it('takes plain access faults on a machine without capabilities', async () => {
    const code = new CodeBuilder(RAM).li(T0, -1n).op('ld', { d: A0, s: T0, i: 0 });
    const machine = await Machine.create({ memory: '1M', cheri: false, stopOnMachineTrap: true });
    machine.load(elf(code));
    const stop = machine.runSync({ budget: 100 });
    expect([stop.reason, stop.cause]).to.deep.equal(['trap', 5n]);
  });

  it('faults on the last byte of the address space', async () => {
    for (const [operation, cause] of [
      ['lb', 5n],
      ['sb', 7n],
    ] as const) {
      const registers = operation === 'lb' ? { d: A0, s: T0, i: 0 } : { s: T0, t: A0, i: 0 };
      const machine = await Machine.create({ memory: '1M', stopOnMachineTrap: true });
      machine.load(elf(new CodeBuilder(RAM).li(T0, -1n).op(operation, registers)));
      const stop = machine.runSync({ budget: 100 });
      expect([stop.reason, stop.cause]).to.deep.equal(['trap', cause]);
    }
  });
});
