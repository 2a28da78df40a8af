import { expect } from 'chai';
import {
  ALMIGHTY_CAPABILITY,
  ArgumentError,
  CapvmError,
  formatCapability,
  Machine,
  StateError,
} from '../../src/host/index.ts';
import type { MachineOptions } from '../../src/host/index.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, boundsFault, DATA, echo, elf, endless, exit, hello, RAM, T0, text } from './programs.ts';

async function machineWith(
  image: Uint8Array,
  options: MachineOptions = {},
): Promise<{ machine: Machine; output: () => string }> {
  const machine = await Machine.create({ memory: '1M', ...options });
  let collected = '';
  machine.console.onOutput = (bytes) => (collected += new TextDecoder().decode(bytes));
  machine.load(image);
  return { machine, output: () => collected };
}

describe('Machine', () => {
  it('runs a program to its exit and delivers its output', async () => {
    const { machine, output } = await machineWith(hello('Hello, capability', 7));
    const stop = await machine.run();
    expect(stop.reason).to.equal('exit');
    expect(stop.exitCode).to.equal(7);
    expect(output()).to.equal('Hello, capability');
    expect(stop.explain()).to.equal('exit with code 7');
  });

  it('stops exactly at the budget and goes on from there', async () => {
    const { machine } = await machineWith(endless());
    const first = machine.runSync({ budget: 1001 });
    expect([first.reason, first.instructions, first.pc]).to.deep.equal(['budget', 1001n, RAM + 4n]);
    const second = await machine.run({ budget: 2n });
    expect([second.instructions, second.totalInstructions]).to.deep.equal([2n, 1003n]);
    expect(machine.registers.get('t0')).to.equal(502n);
    expect(machine.runSync({ budget: 0 }).instructions).to.equal(0n);
  });

  it('stops before `until`, by symbol or address, and each time it comes by', async () => {
    const { machine } = await machineWith(endless());
    expect(machine.runSync({ until: RAM + 4n }).instructions).to.equal(1n);
    const again = machine.runSync({ until: ['loop', RAM + 0x100n] });
    expect([again.reason, again.pc, again.instructions]).to.deep.equal(['until', RAM, 1n]);
    expect(machine.runSync({ until: 'loop', budget: 100 }).instructions).to.equal(2n);
    expect(again.explain()).to.equal('reached 0x80000000 <loop>');
    expect(() => machine.runSync({ until: 'nowhere' })).to.throw(ArgumentError, /no symbol "nowhere"/);
  });

  it('obeys an AbortSignal and reports progress', async () => {
    const { machine } = await machineWith(endless());
    const controller = new AbortController();
    let calls = 0;
    const stop = await machine.run({
      signal: controller.signal,
      onProgress: () => ++calls === 3 && controller.abort(),
    });
    expect(stop.reason).to.equal('aborted');
    expect(stop.instructions > 0n).to.equal(true);
  });

  it('steps one instruction at a time', async () => {
    const { machine } = await machineWith(endless());
    expect(machine.step().pc).to.equal(RAM + 4n);
    expect(machine.step().pc).to.equal(RAM);
    expect(machine.instructions).to.equal(2n);
  });

  it('gives the same hash for the same state and another for another', async () => {
    const { machine } = await machineWith(hello('hash'));
    const start = machine.stateHash();
    machine.runSync({ budget: 5 });
    const later = machine.stateHash();
    expect(later).to.match(/^[0-9a-f]{16}$/);
    expect(later).to.not.equal(start);
    const { machine: other } = await machineWith(hello('hash'));
    expect(other.stateHash()).to.equal(start);
    for (let step = 0; step < 5; step++) other.step();
    expect(other.stateHash()).to.equal(later);
  });

  it('resets to the entry, keeping RAM', async () => {
    const { machine } = await machineWith(endless());
    machine.runSync({ budget: 10 });
    machine.memory.writeU32(DATA, 0xabcd);
    machine.reset();
    expect(machine.registers.pc).to.equal(RAM);
    expect(machine.registers.get('t0')).to.equal(0n);
    expect(machine.instructions).to.equal(0n);
    expect(machine.memory.readU32(DATA)).to.equal(0xabcd);
  });

  it('hands over arguments at the end of RAM', async () => {
    const machine = await Machine.create({ memory: '1M' });
    machine.load(endless(), { args: ['prog', 'größe', ''] });
    expect(machine.registers.get('a0')).to.equal(3n);
    const argv = machine.registers.get('a1');
    const strings = [0n, 8n, 16n].map((at) => machine.memory.readString(machine.memory.readU64(argv + at)));
    expect(strings).to.deep.equal(['prog', 'größe', '']);
    expect(machine.memory.readU64(argv + 24n)).to.equal(0n);
    expect(machine.registers.get('sp') % 16n).to.equal(0n);
  });

  it('waits for console input, however late it comes', async () => {
    const { machine, output } = await machineWith(echo());
    let wanted = 0;
    machine.console.open();
    machine.console.onInputWanted = () => {
      wanted++;
      setTimeout(() => machine.console.write(text('HAL')), 5);
      setTimeout(() => machine.console.write(text('!')), 10);
    };
    expect((await machine.run()).reason).to.equal('exit');
    expect([output(), wanted]).to.deep.equal(['IBM', 1]);
  });

  it('runs many machines side by side', async () => {
    const machines = await Promise.all(
      Array.from({ length: 8 }, (_, index) => machineWith(hello(`machine ${index}`, index))),
    );
    const stops = await Promise.all(machines.map(({ machine }) => machine.run()));
    expect(stops.map(({ exitCode }) => exitCode)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(machines[5].output()).to.equal('machine 5');
  });

  it('refuses to be used while running or after dispose', async () => {
    const { machine } = await machineWith(endless());
    const running = machine.run({ budget: 3_000_000 });
    expect(() => machine.runSync({ budget: 1 })).to.throw(StateError, /running/);
    await running;
    machine.dispose();
    expect(() => machine.reset()).to.throw(StateError, /disposed/);
  });

  it('passes an exception of a host device on, not through the guest', async () => {
    const { machine } = await machineWith(hello('x'));
    machine.console.onOutput = () => {
      throw new Error('disk full');
    };
    expect(() => machine.runSync()).to.throw('disk full');
  });
});

describe('Machine options', () => {
  const refusals: [string, MachineOptions, RegExp][] = [
    ['too little memory', { memory: 4096 }, /out of range/],
    ['too much memory', { memory: '4G' }, /4G is out of range/],
    ['memory that is no size', { memory: 'lots' }, /not a size/],
    ['half pages', { memory: (1 << 20) + 1 }, /multiple of 4 KiB/],
    ['an unknown addressing', { addressing: 'virtual' as 'absolute' }, /neither "absolute" nor "relocated"/],
    ['relocation without capabilities', { addressing: 'relocated', cheri: false }, /needs cheri/],
    ['misspelt options', { adressing: 'relocated' } as MachineOptions, /unknown machine option "adressing"/],
    ['something else as core', { core: new Uint8Array([1, 2, 3, 4]) }, /not the capvm core/],
  ];
  for (const [what, options, message] of refusals) {
    it(`refuse ${what}`, async () => {
      const error: unknown = await Machine.create(options).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(CapvmError);
      expect((error as Error).message).to.match(message);
    });
  }

  it('accept RAM of 1 MiB and of 3 GiB, untouched memory costing nothing', async () => {
    for (const memory of ['1M', '3G']) {
      const { machine, output } = await machineWith(hello(memory), { memory });
      expect(machine.runSync().reason).to.equal('exit');
      expect(output()).to.equal(memory);
      const last = machine.memory.end - 8n;
      machine.memory.writeU64(last, 0x1122334455667788n);
      expect(machine.memory.readU64(last)).to.equal(0x1122334455667788n);
      machine.dispose();
    }
  });
});

describe('Registers and memory', () => {
  it('are read and written by name', async () => {
    const { machine } = await machineWith(endless());
    const { registers } = machine;
    registers.set('a0', -1);
    registers.set('x11', 5n);
    registers.set('ft0', 0x3ff0000000000000n);
    registers.set('mscratch', 77);
    expect([registers.get('x10'), registers.get('a1'), registers.get('f0')]).to.deep.equal([
      (1n << 64n) - 1n,
      5n,
      0x3ff0000000000000n,
    ]);
    expect(registers.get('mscratch')).to.equal(77n);
    registers.set('zero', 9);
    expect(registers.get('x0')).to.equal(0n);
    expect(() => registers.get('a99')).to.throw(ArgumentError, /no register or CSR called "a99"/);
    expect(() => registers.set('ddc', 1)).to.throw(ArgumentError, /setCapability/);
  });

  it('hold capabilities with their text form', async () => {
    const { machine } = await machineWith(endless());
    machine.registers.setCapability('c10', { ...ALMIGHTY_CAPABILITY, address: 0x1234n });
    const capability = machine.registers.capability('ca0');
    expect(formatCapability(capability)).to.equal('0x1234 [rwxRW,0x0-0x10000000000000000]');
    machine.registers.setX(10, 0x1234n);
    expect(formatCapability(machine.registers.capability('c10'))).to.equal('0x1234');
  });

  it('clear tags when data is written, and keep every bit of a capability', async () => {
    const { machine } = await machineWith(endless());
    const { memory } = machine;
    memory.writeCapability(DATA, { ...ALMIGHTY_CAPABILITY, address: 0xfeedn });
    expect(memory.tag(DATA + 15n)).to.equal(true);
    expect(memory.readCapability(DATA)).to.include({ tag: true, address: 0xfeedn, base: 0n, top: 1n << 64n });
    memory.write(DATA + 15n, new Uint8Array(2));
    expect([memory.tag(DATA), memory.tag(DATA + 16n)]).to.deep.equal([false, false]);
    expect(() => memory.readCapability(DATA + 8n)).to.throw(/not 16-byte aligned/);
  });

  it('check bounds', async () => {
    const { machine } = await machineWith(endless());
    for (const [address, length] of [
      [0n, 1],
      [RAM - 1n, 2],
      [machine.memory.end - 1n, 2],
      [-1n, 1],
      [1n << 64n, 1],
    ] as const) {
      expect(() => machine.memory.read(address, length), `${address}`).to.throw(
        CapvmError,
        /RAM is 0x80000000-0x80100000/,
      );
    }
    expect(machine.memory.read(machine.memory.end, 0)).to.have.length(0);
  });

  it('see code that the host writes', async () => {
    const { machine } = await machineWith(endless());
    machine.runSync({ budget: 100 });
    machine.memory.write(RAM, exit(new CodeBuilder(RAM), 9).finish());
    machine.registers.pc = RAM;
    expect(machine.runSync({ budget: 100 }).exitCode).to.equal(9);
  });
});

describe('Trap reports', () => {
  it('say which check of which capability failed', async () => {
    const { machine } = await machineWith(boundsFault());
    const stop = machine.runSync({ budget: 1000 });
    expect([stop.reason, stop.cause, stop.pc]).to.deep.equal(['trap', 28n, machine.symbols.address('faulting_load')]);
    const report = stop.explain();
    expect(report).to.match(/CapEx_LengthViolation/);
    expect(report).to.match(/<faulting_load> in M-mode/);
    expect(report).to.match(/ld\.cap a3,\(ca2\)/);
    expect(report).to.match(/c12 \(ca2\)/);
    expect(report).to.contain('0x8000100c [rwxRW,0x80001000-0x80001010]');
    expect(report).to.contain('load of 8 bytes at 0x8000100c, 4 bytes past the bounds');
    expect(report).to.contain('none: the trap vector is 0x0');
  });

  it('name plain faults and their address', async () => {
    const program = elf(new CodeBuilder(RAM).li(A0, 0x20000n).op('lw', { d: A1, s: A0, i: -16 }));
    const { machine } = await machineWith(program);
    const stop = machine.runSync({ budget: 10 });
    expect(stop.explain()).to.match(/^trap: load access fault/);
    expect(stop.explain()).to.match(/load of 4 bytes at 0x1fff0/);
    expect(JSON.parse(JSON.stringify(stop))).to.include({ reason: 'trap', cause: '0x5', tval: '0x1fff0' });
  });

  it('let a handler handle, once there is one', async () => {
    const program = new CodeBuilder(RAM)
      .la(T0, RAM + 64n)
      .word(0x30529073, 4)
      .op('ecall');
    while (program.pc < RAM + 64n) program.word(0x13, 4);
    const { machine } = await machineWith(elf(exit(program, 3)));
    expect(machine.runSync({ budget: 100 }).exitCode).to.equal(3);
  });

  it('notice a handler in supervisor mode that cannot even start', async () => {
    const program = new CodeBuilder(RAM).op('addi', { d: T0, s: 0, i: -1 }).word(0x30229073, 4); // csrw medeleg,t0
    program.word(0x3b029073, 4).op('addi', { d: A0, s: 0, i: 31 }).word(0x3a051073, 4); // pmpaddr0, pmpcfg0: everything
    program.li(A1, 0x800n).word(0x3005a073, 4); // csrs mstatus,a1: MPP = S
    program
      .la(A1, RAM + 0x100n)
      .word(0x34159073, 4)
      .word(0x30200073, 4); // csrw mepc,a1; mret
    while (program.pc < RAM + 0x100n) program.word(0x13, 4);
    const { machine } = await machineWith(elf(program.op('ebreak')));
    const stop = machine.runSync({ budget: 1000 });
    expect([stop.reason, stop.cause, stop.pc, stop.privilege]).to.deep.equal(['trap-loop', 1n, 0n, 'S']);
    expect(stop.explain()).to.match(/^trap loop: .*instruction access fault[^]*0x0 cannot run/);
  });

  it('come for every trap with stopOnMachineTrap', async () => {
    const program = new CodeBuilder(RAM)
      .la(T0, RAM + 64n)
      .word(0x30529073, 4)
      .op('ecall');
    const { machine } = await machineWith(elf(program), { stopOnMachineTrap: true });
    const stop = machine.runSync({ budget: 100 });
    expect([stop.reason, stop.cause, machine.registers.pc]).to.deep.equal(['trap', 11n, RAM + 64n]);
  });
});

describe('Relocated addressing', () => {
  it('counts integer addresses from DDC', async () => {
    const image = elf(new CodeBuilder(RAM).op('lbu', { d: A1, s: 0, i: 2 }), { data: text('abc') });
    const { machine } = await machineWith(image, { addressing: 'relocated' });
    machine.registers.setCapability('ddc', { ...ALMIGHTY_CAPABILITY, address: DATA });
    machine.runSync({ budget: 1 });
    expect(machine.registers.get('a1')).to.equal(99n);
  });

  it('shows the pc as the guest sees it beside the absolute one', async () => {
    const image = elf(new CodeBuilder(RAM).op('auipc', { d: A1, i: 0 }));
    const { machine } = await machineWith(image, { addressing: 'relocated' });
    expect(machine.registers.architecturalPc).to.equal(machine.registers.pc);
    expect(machine.registers.pc).to.equal(RAM);
  });
});
