// What only whole programs show: code that rewrites itself, runs cut into slices, many machines side by side, RAM sizes.
import { expect } from 'chai';
import { Machine, type MachineOptions } from '../../src/host/index.ts';
import { generateSnippet, snippetSeeds } from '../differential/generate.ts';
import { buildProgram, SUPERVISOR_TRAP } from '../differential/program.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';

/** Ends a program with exit code 0 through the test finisher. */
const EXIT = 'exit: li t5, 0x100000\n li t6, 0x5555\n sw t6, 0(t5)\n j exit\n';
const RAM = 0x8000_0000n;
type Engine = 'interp' | 'translate';

async function load(source: string, options: MachineOptions = {}, base = RAM): Promise<Machine> {
  const machine = await Machine.create({ memory: '1M', ...options });
  const { bytes } = assemble(`${source}\n${EXIT}`, { base });
  machine.load(writeElf({ entry: base, segments: [{ address: base, bytes }] }));
  return machine;
}

/** Runs to the end and returns register a0. */
async function run(source: string, engine: Engine, base = RAM): Promise<bigint> {
  const machine = await load(source, { engine, translateAfter: 0 }, base);
  const stop = machine.runSync({ budget: 10_000_000n });
  expect(stop.reason, stop.explain()).to.equal('exit');
  return machine.registers.get('a0');
}

// addi a0, a0, 1 / addi a0, a0, 16
const ONE = 0x0015_0513;
const SIXTEEN = 0x0105_0513;

for (const engine of ['interp', 'translate'] as const)
  describe(`code that rewrites itself (${engine})`, () => {
    it('is seen after fence.i, in code that has run before', async () => {
      const a0 = await run(
        `
      li s0, 3
      li t0, ${SIXTEEN}
loop: auipc t1, 0
      .word ${ONE}
      sw t0, 4(t1)
      fence.i
      addi s0, s0, -1
      bnez s0, loop`,
        engine,
      );
      expect(a0).to.equal(1n + 16n + 16n);
    });

    it('by an atomic that stores over itself has its result where it belongs, x0 stays zero', async () => {
      const a0 = await run(
        `
      auipc t1, 0
      addi t1, t1, 8
      ld a2, 0(t1)
      amoor.d a1, zero, (t1)   # the doubleword of this and the one before
      add a3, zero, zero
      sub a0, a1, a2
      or a0, a0, a3`,
        engine,
      );
      expect(a0).to.equal(0n);
    });

    it('takes a new instruction on every pass of a loop', async () => {
      const a0 = await run(
        `
      li s0, 10
      li s1, ${ONE}
      li s2, 0x100000      # one more in the immediate
loop: auipc t1, 0
      sw s1, 12(t1)
      fence.i
      .word 0              # replaced before it is reached
      add s1, s1, s2
      addi s0, s0, -1
      bnez s0, loop`,
        engine,
      );
      expect(a0).to.equal(55n);
    });

    it('may put two 16-bit instructions in the place of a 32-bit one', async () => {
      const a0 = await run(
        `
      li s0, 2
      li s1, 0x05050505    # c.addi a0, 1 twice
loop: auipc t1, 0
      .word ${SIXTEEN}
      sw s1, 4(t1)
      fence.i
      addi s0, s0, -1
      bnez s0, loop`,
        engine,
      );
      expect(a0).to.equal(18n);
    });

    it('may change the half of an instruction that lies in the next page', async () => {
      const a0 = await run(
        `
      li s0, 2
      c.nop 0
loop: .word ${ONE}         # at ...ffe
      li t1, 0x80001000
      li t0, ${SIXTEEN >>> 16}
      sh t0, 0(t1)
      fence.i
      addi s0, s0, -1
      bnez s0, loop`,
        engine,
        0x8000_0ff8n,
      );
      expect(a0).to.equal(17n);
    });

    it('may be copied over other code and run there', async () => {
      const a0 = await run(
        `
      li s0, 0x80008000
      li s1, ${ONE}
      li s2, 0x8082        # c.jr ra
      li s3, 2
loop: sw s1, 0(s0)
      sh s2, 4(s0)
      fence.i
      jalr ra, 0(s0)
      li s1, ${SIXTEEN}
      addi s3, s3, -1
      bnez s3, loop`,
        engine,
      );
      expect(a0).to.equal(17n);
    });

    it('is seen when the host writes it', async () => {
      const machine = await load(
        `
      li s0, 5
loop: .word ${ONE}
      addi s0, s0, -1
      bnez s0, loop`,
        { engine, translateAfter: 0 },
      );
      machine.runSync({ budget: 4n }); // li, the instruction, the step and the branch
      machine.memory.writeU32(0x8000_0004n, SIXTEEN);
      machine.runSync({ budget: 1_000_000n });
      expect(machine.registers.get('a0')).to.equal(1n + 4n * 16n);
    });
  });

describe('slices', function () {
  this.timeout(60_000);
  // Traps, floating point, self-modification and paging, with a fixed seed.
  const profiles = ['float', 'control', 'paging'];
  const snippets = snippetSeeds(7, profiles.length).map((seed, i) =>
    generateSnippet(seed, SUPERVISOR_TRAP, profiles[i]),
  );
  const { elf } = buildProgram(snippets);

  type Outcome = { hash: string; instructions: bigint; output: string };

  async function runIn(budget: bigint, options: MachineOptions = { engine: 'interp' }): Promise<Outcome> {
    const machine = await Machine.create({ memory: '64M', ...options });
    const output: number[] = [];
    machine.console.onOutput = (bytes) => void output.push(...bytes);
    machine.load(elf);
    for (;;) {
      const stop = machine.runSync({ budget });
      if (stop.reason === 'exit') break;
      expect(stop.reason).to.equal('budget');
      expect(stop.instructions).to.equal(budget);
    }
    return {
      hash: machine.stateHash(),
      instructions: machine.instructions,
      output: Buffer.from(output).toString('hex'),
    };
  }

  it('of 1, 7 and 1000 instructions end in the state of one run', async () => {
    const whole = await runIn(100_000_000n);
    expect(whole.output.length).to.be.greaterThan(1000);
    for (const budget of [1n, 7n, 1000n]) expect(await runIn(budget), `slices of ${budget}`).to.deep.equal(whole);
  });

  it('end in the same state when translated', async () => {
    const whole = await runIn(100_000_000n);
    const options: MachineOptions = { engine: 'translate', translateAfter: 0 };
    for (const budget of [100_000_000n, 1009n, 61n])
      expect(await runIn(budget, options), `slices of ${budget}`).to.deep.equal(whole);
  });
});

describe('machines', () => {
  it('do not know of each other', async () => {
    const source = (start: number): string => `
      li a0, ${start}
      li s0, 200
      li s1, 0x80010000
loop: sd a0, 0(s1)
      ld a1, 0(s1)
      add a0, a1, s0
      addi s0, s0, -1
      bnez s0, loop`;
    const machines = await Promise.all(Array.from({ length: 20 }, (_, i) => load(source(i))));
    const running = new Set(machines);
    while (running.size > 0)
      for (const machine of running) if (machine.runSync({ budget: 37n }).reason === 'exit') running.delete(machine);
    machines.forEach((machine, i) => expect(machine.registers.get('a0')).to.equal(BigInt(i) + 20_100n));
    expect(new Set(machines.map((machine) => machine.instructions)).size).to.equal(1);
  });

  for (const [memory, bytes] of [
    ['1M', 1n << 20n],
    ['3G', 3n << 30n],
  ] as const) {
    it(`have ${memory} of memory if asked, and not a byte more`, async () => {
      const last = 0x8000_0000n + bytes - 8n;
      const machine = await load(
        `
        li a0, 0x1122334455667788
        li a1, ${last}
        sd a0, 0(a1)
        ld a2, 0(a1)
        lc ca3, -8(a1)
        ld a4, 1(a1)`,
        { memory, stopOnMachineTrap: true },
      );
      const stop = machine.runSync({ budget: 100n });
      expect([stop.reason, stop.cause]).to.deep.equal(['trap', 5n]);
      expect(machine.registers.get('a2')).to.equal(0x1122334455667788n);
      expect(machine.memory.readU64(last)).to.equal(0x1122334455667788n);
    });
  }
});
