import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { DifferenceError, Machine } from '../../src/host/index.ts';
import { RAM_POINTER } from '../../assembly/layout.ts';
import { DATA, echo, hello } from './programs.ts';

const kernel = (name: string): Uint8Array =>
  readFileSync(new URL(`../../guests/images/bench/${name}.elf`, import.meta.url));
const create = (): Promise<Machine> => Machine.create({ memory: '2M', engine: 'lockstep', translateAfter: 0 });

describe('A machine in lockstep', () => {
  it('runs programs as any other machine', async () => {
    const machine = await create();
    machine.load(hello('Hello\n', 7));
    const output: number[] = [];
    machine.console.onOutput = (bytes) => output.push(...bytes);
    const stop = await machine.run();
    expect([stop.reason, stop.exitCode, Buffer.from(output).toString()]).to.deep.equal(['exit', 7, 'Hello\n']);
    const other = await Machine.create({ memory: '2M', engine: 'interp' });
    other.load(hello('Hello\n', 7));
    other.runSync();
    expect(machine.stateHash()).to.equal(other.stateHash());
  });

  it('lets devices act once', async () => {
    const machine = await create();
    machine.load(echo());
    const output: number[] = [];
    machine.console.onOutput = (bytes) => output.push(...bytes);
    machine.console.write(Buffer.from('nmbd!'));
    machine.console.end();
    await machine.run({ budget: 100_000 });
    expect(Buffer.from(output).toString()).to.equal('once');
  });

  it('takes over what the host writes between runs', async () => {
    const machine = await create();
    machine.load(kernel('fib'));
    machine.runSync({ budget: 5_000 });
    machine.registers.set('a5', 77n);
    machine.registers.setCsr(0x340, 5n);
    machine.memory.writeU64(DATA + 0x800n, 9n);
    const stop = machine.runSync({ budget: 5_000 });
    expect([stop.reason, stop.totalInstructions]).to.deep.equal(['budget', 10_000n]);
    machine.stateHash();
  });

  it('takes over what the host writes before it compares all state', async () => {
    const machine = await create();
    machine.load(kernel('fib'));
    machine.runSync({ budget: 5_000 });
    machine.registers.set('a5', 77n);
    machine.registers.setCsr(0x340, 5n);
    machine.memory.writeU64(DATA + 0x800n, 9n);
    const hash = machine.stateHash();
    machine.runSync({ budget: 5_000 });
    expect(machine.stateHash()).to.not.equal(hash);
  });

  it('stops where the engines differ, and says in what', async () => {
    const machine = await create();
    machine.load(kernel('fib'));
    machine.runSync({ budget: 1_000 });
    // As a bug of one engine would: behind the back of the other.
    machine.core.bytes[machine.core.readU32(RAM_POINTER) + 0x1000]! ^= 4;
    expect(() => machine.stateHash())
      .to.throw(DifferenceError)
      .with.property('message')
      .that.matches(/began at pc 0x8[^]*memory 0x80001000 translate 0x[0-9a-f]+, interp 0x/);
    expect(() => machine.runSync({ budget: 2_000_000 })).to.throw(DifferenceError);
  });

  it('notices a register within a slice', async () => {
    const machine = await create();
    machine.load(kernel('fib'));
    machine.runSync({ budget: 1_000 });
    const stack = machine.registers.get('sp') - 0x8000_0000n;
    const at = machine.core.readU32(RAM_POINTER) + Number(stack);
    for (let offset = 0; offset < 64; offset++) machine.core.bytes[at + offset]! ^= 2;
    try {
      machine.runSync({ budget: 10_000 });
      expect.fail('no difference');
    } catch (error) {
      expect(error).to.be.instanceOf(DifferenceError);
      const { differences, startInstructions, exitCode } = error as DifferenceError;
      expect([differences.length > 0, startInstructions >= 1_000n, exitCode]).to.deep.equal([true, true, 120]);
    }
  });
});
