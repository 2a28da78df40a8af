import { expect } from 'chai';
import { Bus, NO_DEVICE } from '../../src/host/devices/bus.ts';
import { Console } from '../../src/host/devices/console.ts';
import { Plic, PLIC_BASE } from '../../src/host/devices/plic.ts';
import { TestFinisher } from '../../src/host/devices/test-finisher.ts';
import { Uart16550 } from '../../src/host/devices/uart16550.ts';
import { Machine } from '../../src/host/machine.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, DATA, elf, exit, RAM, T0, T1, text, UART } from './programs.ts';

const RBR = 0;
const IER = 1;
const IIR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;

function uartBench() {
  const console = new Console();
  let output = '';
  console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
  let level = false;
  const uart = new Uart16550(console, (raised) => (level = raised));
  return { uart, console, output: () => (console.flush(), output), interrupt: () => level };
}

describe('UART 16550', () => {
  it('sends what is written to THR and is always ready for more', () => {
    const { uart, output } = uartBench();
    for (const byte of text('ok')) uart.store(RBR, 1, byte);
    expect(output()).to.equal('ok');
    expect(uart.load(LSR, 1)).to.equal(0x60);
  });

  it('receives the console input in order', () => {
    const { uart, console } = uartBench();
    expect(uart.load(LSR, 1) & 1).to.equal(0);
    console.write(text('ab'));
    expect(uart.load(LSR, 1) & 1).to.equal(1);
    expect([uart.load(RBR, 1), uart.load(RBR, 1), uart.load(LSR, 1) & 1]).to.deep.equal([97, 98, 0]);
  });

  it('interrupts for input while it is enabled and not read', () => {
    const { uart, console, interrupt } = uartBench();
    console.write(text('x'));
    expect(interrupt()).to.equal(false);
    uart.store(IER, 1, 1);
    expect(interrupt()).to.equal(true);
    expect(uart.load(IIR, 1)).to.equal(4);
    uart.load(RBR, 1);
    expect([interrupt(), uart.load(IIR, 1)]).to.deep.equal([false, 1]);
  });

  it('interrupts for an empty transmitter until IIR is read', () => {
    const { uart, interrupt } = uartBench();
    uart.store(IER, 1, 2);
    expect([interrupt(), uart.load(IIR, 1), interrupt(), uart.load(IIR, 1)]).to.deep.equal([true, 2, false, 1]);
    uart.store(RBR, 1, 65);
    expect(interrupt()).to.equal(true);
  });

  it('keeps the divisor apart from data, and its FIFOs show', () => {
    const { uart, output } = uartBench();
    uart.store(LCR, 1, 0x83);
    uart.store(RBR, 1, 0x34);
    uart.store(IER, 1, 0x12);
    expect([uart.load(RBR, 1), uart.load(IER, 1), uart.load(LCR, 1)]).to.deep.equal([0x34, 0x12, 0x83]);
    uart.store(LCR, 1, 3);
    uart.store(IIR, 1, 1);
    expect([uart.load(IER, 1), uart.load(IIR, 1), output()]).to.deep.equal([0, 0xc1, '']);
  });

  it('loops back', () => {
    const { uart, output } = uartBench();
    uart.store(MCR, 1, 0x10);
    uart.store(RBR, 1, 90);
    expect([uart.load(LSR, 1) & 1, uart.load(RBR, 1), output()]).to.deep.equal([1, 90, '']);
  });

  it('asks for input once, when the guest first looks', () => {
    const { uart, console } = uartBench();
    let asked = 0;
    console.onInputWanted = () => asked++;
    uart.load(LSR, 1);
    expect(asked, 'no input can come').to.equal(0);
    console.open();
    uart.store(RBR, 1, 65);
    expect(asked).to.equal(0);
    for (let turn = 0; turn < 3; turn++) uart.load(LSR, 1);
    expect(asked).to.equal(1);
  });
});

describe('PLIC', () => {
  const ENABLE_M = 0x2000;
  const ENABLE_S = 0x2080;
  const THRESHOLD_M = 0x200000;
  const CLAIM_M = 0x200004;
  const CLAIM_S = 0x201004;

  function bench() {
    const lines: Record<number, boolean> = {};
    const plic = new Plic((bit, level) => (lines[bit] = level));
    return { plic, lines };
  }

  it('raises MEIP and SEIP for enabled sources above the threshold', () => {
    const { plic, lines } = bench();
    plic.setSource(10, true);
    expect(lines).to.deep.equal({});
    plic.store(4 * 10, 4, 3);
    plic.store(ENABLE_M, 4, 1 << 10);
    expect(lines[11]).to.equal(true);
    plic.store(THRESHOLD_M, 4, 3);
    expect(lines[11]).to.equal(false);
    plic.store(ENABLE_S, 4, 1 << 10);
    expect(lines[9]).to.equal(true);
  });

  it('is claimed once, highest priority and then lowest number first', () => {
    const { plic, lines } = bench();
    for (const [source, priority] of [
      [10, 1],
      [20, 7],
      [30, 7],
    ] as const) {
      plic.store(4 * source, 4, priority);
      plic.setSource(source, true);
    }
    plic.store(ENABLE_M, 4, (1 << 10) | (1 << 20) | (1 << 30));
    expect([1, 2, 3, 4].map(() => plic.load(CLAIM_M, 4))).to.deep.equal([20, 30, 10, 0]);
    expect(lines[11]).to.equal(false);
    plic.store(CLAIM_M, 4, 20);
    expect(plic.load(CLAIM_M, 4), 'the level is still high').to.equal(20);
    plic.setSource(20, false);
    plic.store(CLAIM_M, 4, 20);
    expect(plic.load(CLAIM_M, 4)).to.equal(0);
  });

  it('ignores source 0, disabled claims and registers that do not exist', () => {
    const { plic } = bench();
    plic.store(0, 4, 7);
    plic.store(ENABLE_M, 4, 0xffffffff);
    expect([plic.load(0, 4), plic.load(ENABLE_M, 4)]).to.deep.equal([0, 0xfffffffe]);
    expect(plic.load(CLAIM_S, 4)).to.equal(0);
    expect(plic.load(1, 4)).to.equal(NO_DEVICE);
    expect(plic.load(0, 8)).to.equal(NO_DEVICE);
    expect(plic.store(4, 1, 1)).to.equal(false);
  });
});

describe('Test finisher', () => {
  const requests: [string, number][] = [];
  const finisher = new TestFinisher((request, code) => requests.push([request, code]));

  it('passes, fails with a code, and resets', () => {
    finisher.store(0, 4, 0x5555);
    finisher.store(0, 4, 0x2a3333);
    finisher.store(0, 4, 0x7777);
    finisher.store(0, 4, 0x1234);
    expect(requests).to.deep.equal([
      ['exit', 0],
      ['exit', 42],
      ['reset', 0],
    ]);
  });
});

describe('Bus', () => {
  it('answers nothing where no device is', () => {
    const bus = new Bus();
    bus.add(new Plic(() => {}));
    expect(bus.load(PLIC_BASE - 4, 4)).to.equal(NO_DEVICE);
    expect(bus.store(PLIC_BASE + 0x60_0000, 4, 0)).to.equal(false);
    expect(bus.load(PLIC_BASE, 4)).to.equal(0);
  });
});

describe('Devices in the machine', () => {
  it('deliver a UART interrupt through the PLIC to a sleeping guest', async () => {
    const machine = await Machine.create({ memory: '1M' });
    const code = new CodeBuilder(RAM).la(T0, RAM + 0x100n).word(0x30529073, 4); // csrw mtvec,t0
    const poke = (address: bigint, value: bigint): CodeBuilder =>
      code.li(A0, address).li(A1, value).op('sw', { s: A0, t: A1, i: 0 });
    poke(0x0c00_0028n, 1n); // priority of source 10
    poke(0x0c00_2000n, 1n << 10n);
    code.li(A0, UART).op('addi', { d: A1, s: 0, i: 1 }).op('sb', { s: A0, t: A1, i: 1 }); // IER
    code.li(T1, 1n << 11n).word(0x30431073, 4); // csrw mie,t1
    code.word(0x30046073, 4); // csrsi mstatus,8
    code.label('sleep').word(0x10500073, 4).to('sleep', 'jal', { d: 0 });
    while (code.pc < RAM + 0x100n) code.word(0x13, 4);
    code.li(A0, 0x0c20_0004n).op('lw', { d: A1, s: A0, i: 0 }); // claim
    code.li(A0, UART).op('lbu', { d: A0, s: A0, i: 0 });
    machine.load(elf(exit(code, 5)));
    machine.console.open();
    machine.console.onInputWanted = () => setTimeout(() => machine.console.write(text('Q')), 5);
    const stop = await machine.run({ budget: 1_000_000 });
    expect([stop.reason, stop.exitCode]).to.deep.equal(['exit', 5]);
    expect([machine.registers.get('a1'), machine.registers.get('a0')]).to.deep.equal([10n, 81n]);
  });

  it('call a wait idle that nothing can end', async () => {
    const machine = await Machine.create({ memory: '1M' });
    machine.load(elf(new CodeBuilder(RAM).label('sleep').word(0x10500073, 4).to('sleep', 'jal', { d: 0 })));
    const stop = await machine.run({ budget: 1000 });
    expect(stop.reason).to.equal('idle');
    expect(stop.explain()).to.match(/^idle: waits at 0x8000000/);
  });

  it('fault accesses to nothing', async () => {
    const machine = await Machine.create({ memory: '1M' });
    machine.load(elf(new CodeBuilder(RAM).li(A0, 0x4000_0000n).op('sd', { s: A0, t: A0, i: 0 })));
    const stop = machine.runSync();
    expect([stop.cause, stop.tval]).to.deep.equal([7n, 0x4000_0000n]);
  });

  it('reset on request', async () => {
    const machine = await Machine.create({ memory: '1M' });
    machine.load(elf(new CodeBuilder(RAM).li(T0, 0x100000n).li(T1, 0x7777n).op('sw', { s: T0, t: T1, i: 0 })));
    expect(machine.runSync().reason).to.equal('reset');
  });
});

describe('HTIF', () => {
  const TOHOST = DATA;
  const FROMHOST = DATA + 8n;

  async function run(code: CodeBuilder, input = '') {
    const machine = await Machine.create({ memory: '1M' });
    let output = '';
    machine.console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
    machine.load(elf(code, { data: new Uint8Array(256), symbols: { tohost: TOHOST, fromhost: FROMHOST } }));
    machine.console.write(text(input));
    const stop = machine.runSync({ budget: 1_000_000 });
    return { stop, output, machine };
  }

  const send = (code: CodeBuilder, value: bigint): CodeBuilder =>
    code.li(A0, TOHOST).li(A1, value).op('sd', { s: A0, t: A1, i: 0 });
  const spin = (code: CodeBuilder): CodeBuilder => code.label('spin').to('spin', 'jal', { d: 0 });

  it('exits with (code << 1) | 1', async () => {
    const { stop } = await run(spin(send(new CodeBuilder(RAM), (21n << 1n) | 1n)));
    expect([stop.reason, stop.exitCode]).to.deep.equal(['exit', 21]);
  });

  it('puts characters on the console', async () => {
    const code = new CodeBuilder(RAM);
    for (const byte of text('Hi')) send(code, (1n << 56n) | (1n << 48n) | BigInt(byte));
    const { output, stop } = await run(spin(send(code, 1n)));
    expect([output, stop.exitCode]).to.deep.equal(['Hi', 0]);
  });

  it('answers a getchar in fromhost', async () => {
    const code = send(new CodeBuilder(RAM), 1n << 56n).li(A0, FROMHOST);
    code
      .label('poll')
      .op('ld', { d: A1, s: A0, i: 0 })
      .to('poll', 'beq', { s: A1, t: 0 })
      .op('sd', { s: A0, t: 0, i: 0 });
    code.op('andi', { d: T0, s: A1, i: 255 }).op('slli', { d: T0, s: T0, i: 1 }).op('addi', { d: T0, s: T0, i: 1 });
    code.li(A0, TOHOST).op('sd', { s: A0, t: T0, i: 0 });
    const { stop } = await run(spin(code), 'z');
    expect(stop.exitCode).to.equal(122);
  });

  /** Calls the proxy as the runtime of riscv-tests' benchmarks does, exits with the low bits of the result. */
  async function systemCall(number: bigint, ...args: bigint[]) {
    const magic = DATA + 64n;
    const code = new CodeBuilder(RAM).li(A0, magic);
    [number, ...args].forEach((value, index) => code.li(A1, value).op('sd', { s: A0, t: A1, i: index * 8 }));
    send(code, magic).li(A0, FROMHOST);
    code
      .label('poll')
      .op('ld', { d: A1, s: A0, i: 0 })
      .to('poll', 'beq', { s: A1, t: 0 })
      .op('sd', { s: A0, t: 0, i: 0 });
    const result = await run(spin(send(code, 1n)));
    return { ...result, value: BigInt.asIntN(64, result.machine.memory.readU64(magic)) };
  }

  it('proxies write to the console', async () => {
    const { output, value } = await systemCall(64n, 1n, RAM, 4n);
    expect([output.length > 0, value]).to.deep.equal([true, 4n]);
  });

  it('refuses other calls, descriptors and addresses without harm', async () => {
    expect((await systemCall(63n)).value).to.equal(-38n);
    expect((await systemCall(64n, 7n, RAM, 4n)).value).to.equal(-9n);
    expect((await systemCall(64n, 1n, 0n, 4n)).value).to.equal(-14n);
    expect((await systemCall(64n, 1n, RAM, 1n << 62n)).value).to.equal(-14n);
    expect((await systemCall(93n, 17n)).stop.exitCode).to.equal(17);
  });
});
