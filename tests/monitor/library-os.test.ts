import { expect } from 'chai';
import { PERMISSION } from '../../src/host/index.ts';
import { BOOT_PROGRAMS } from '../../src/monitor/abi.ts';
import { CvmError } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { address, codeOf, libraryOs, notesOf, PROGRAM, programWord, SAVE, STACK, VECTOR } from './library-os-stub.ts';
import { World } from './world.ts';

const INTERRUPT = 1n << 63n;
const ENGINES = ['interp', 'translate', 'lockstep'] as const;

/** Each way a program can leave its code, then a word of its own memory. */
const TRAPS = `
  start:  li a0, 41
          li a7, 1
          ecall
          mv s0, a0
  null:   ld t2, 0(zero)
  bad:    .word 0xffffffff
  point:  ebreak
          li t2, ${PROGRAM + 64}
          sd s0, 0(t2)
  spin:   beqz s1, spin
          li a7, 93
          li a0, 7
          ecall
`;

/** A second thread runs the program; the first interrupts it when it is spinning. */
const WATCHED = `
  start:  ${address('a0', 'enter')}
          li a1, ${STACK}
          li a7, 8
          call hostcall
          mv s0, a0
          li a0, 5000
          li a7, 5
          call hostcall
          mv a0, s0
          li a7, 13
          call hostcall
          li a7, 5
          li a0, 1000000
          call hostcall
`;

/** The least that answers an ecall, and the rest as it is. */
const QUICK = VECTOR.replace(
  'ld t1, 16(sp)',
  `
          csrr t0, ucause
          addi t0, t0, -8
          bnez t0, slow
          li t0, 93
          beq a7, t0, slow
          csrr t0, uepc
          addi t0, t0, 4
          csrw uepc, t0
          ld t0, 0(sp)
          cspecialrw csp, uscratchc, csp
          cspecialrw csp, ddc, csp
          cspecialrw csp, utdc, csp
          uret
  slow:   ld t1, 16(sp)`,
);
const QUICK_INSTRUCTIONS = 18;

for (const engine of ENGINES) {
  describe(`a library OS (${engine})`, () => {
    it('answers system calls, faults and interrupts of its program without the monitor', async () => {
      const world = await World.create({ engine, translateAfter: 0 });
      const cvm = libraryOs(world, 'os', { start: WATCHED, program: TRAPS });
      world.start(cvm);
      await world.monitor.run();
      expect([cvm.state, cvm.ending, cvm.exitCode]).to.deep.equal(['exited', 'exit with code 7', 7]);
      const place = (index: number): bigint => BigInt(PROGRAM + 4 * index);
      expect(notesOf(world, cvm)).to.deep.equal([
        [8n, 0n, place(2)],
        [28n, 1n | (33n << 5n), place(4)],
        [2n, 0n, place(5)],
        [3n, notesOf(world, cvm)[3][1], place(6)],
        [INTERRUPT, 0n, place(10)],
        [8n, 0n, place(13)],
      ]);
      expect(programWord(world, cvm, PROGRAM + 64)).to.equal(42n);
      expect([cvm.faults, cvm.refusals]).to.deep.equal([0, 0]);
    });

    it('costs a system call of nothing some instructions', async () => {
      const calls = 1000n;
      const program = (call: string): string =>
        `li s2, ${calls}\n again: addi s2, s2, -1\n ${call}\n bnez s2, again\n li a7, 93\n li a0, 0\n ecall`;
      const spent: bigint[] = [];
      for (const call of ['nop', 'ecall']) {
        const world = await World.create({ engine });
        const cvm = libraryOs(world, 'os', { program: program(call), vector: QUICK });
        world.start(cvm);
        await world.monitor.run();
        expect(cvm.ending).to.equal('exit with code 0');
        spent.push(cvm.instructions);
      }
      // The ecall does not retire, its vector's instructions do.
      expect(Number((spent[1] - spent[0]) / calls)).to.equal(QUICK_INSTRUCTIONS - 1);
    });

    it('is preempted at any instruction, beside another of the same code', async () => {
      const program = `
        li s2, 100
        li a0, 0
        again: li a7, 1
        ecall
        add s3, s3, a0
        addi s2, s2, -1
        bnez s2, again
        li t0, ${PROGRAM + 512}
        sd s3, 0(t0)
        li a7, 93
        li a0, 0
        ecall`;
      const code = codeOf('shared', program);
      for (const slice of [7, 1_000_000]) {
        const world = await World.create({ engine, slice, translateAfter: 0 });
        const free = world.monitor.freeBytes;
        const cvms = ['a', 'b'].map((name) => libraryOs(world, name, {}, { program: { codes: [code] } }));
        world.start(...cvms);
        await world.monitor.run();
        for (const cvm of cvms) {
          expect(cvm.ending).to.equal('exit with code 0');
          expect(notesOf(world, cvm).map(([cause, value, pc]) => [cause, value, pc])).to.deep.equal([
            ...Array(100).fill([8n, 0n, BigInt(PROGRAM + 12)]),
            [8n, 0n, BigInt(PROGRAM + 4 * 12)],
          ]);
          expect(programWord(world, cvm, PROGRAM + 512)).to.equal(5050n);
        }
        for (const cvm of cvms) world.monitor.destroy(cvm);
        expect(world.monitor.freeBytes).to.equal(free);
      }
    });
  });
}

describe('the life of a library OS', () => {
  const SPIN = 'li a7, 1\n ecall\n spin: addi s2, s2, 1\n j spin';

  it('shares the code of its programs, and gives everything back', async () => {
    const world = await World.create();
    const before = world.monitor.freeBytes;
    const code = { name: 'code', bytes: new Uint8Array(100_000) };
    const create = (name: string): Cvm => libraryOs(world, name, {}, { program: { codes: [code, code] } });
    const first = create('first');
    const alone = before - world.monitor.freeBytes;
    expect(world.monitor.stats(first).memory.programBytes).to.be.within(200_000, 2 * 102_400);
    const second = create('second');
    const both = before - world.monitor.freeBytes;
    expect(both - alone).to.be.lessThan(alone - code.bytes.length);
    const [a, b] = [first, second].map((cvm) =>
      [4, 5].map((slot) => world.monitor.machine.memory.readCapability(cvm.data.base + 16 * slot)),
    );
    expect(a).to.deep.equal(b);
    for (const { tag, permissions, top, base } of a) {
      expect([tag, permissions]).to.deep.equal([true, PERMISSION.Execute | PERMISSION.User0]);
      expect(Number(top - base)).to.be.within(100_000, 102_400);
    }
    world.monitor.destroy(first);
    world.monitor.destroy(second);
    expect(world.monitor.freeBytes).to.equal(before);
  });

  it('is refused with more code than there are places, none, or no room, and takes nothing', async () => {
    const world = await World.create();
    const before = world.monitor.freeBytes;
    const code = (sizeBytes: number) => ({ name: 'code', bytes: new Uint8Array(sizeBytes) });
    for (const [codes, message] of [
      [Array(9).fill(code(16)), '9 codes of programs, 8 at most'],
      [[code(0)], 'a code of programs is empty'],
      [[code(4096), code(2 ** 23)], 'the machine has no room'],
    ] as const)
      expect(() => libraryOs(world, 'os', {}, { program: { codes } })).to.throw(CvmError, message);
    expect(world.monitor.freeBytes).to.equal(before);
  });

  it('tells it how many codes there are, and marks none of its own', async () => {
    const world = await World.create();
    const cvm = libraryOs(world, 'os', { program: ['ecall', 'ebreak', 'nop'] });
    expect(world.monitor.machine.memory.readU64(cvm.data.base + BOOT_PROGRAMS)).to.equal(3n);
    world.start(cvm);
    await world.monitor.run({ budget: 3n });
    const pcc = world.monitor.holdings(cvm).find(({ where }) => where.endsWith(' pcc'))!;
    expect([pcc.title, pcc.capability.permissions]).to.deep.equal([
      'code',
      PERMISSION.Execute | PERMISSION.AccessSystemRegisters,
    ]);
  });

  it('goes on after a pause in its program, and begins anew after a restart', async () => {
    const world = await World.create();
    const cvm = libraryOs(world, 'os', { program: SPIN });
    world.start(cvm);
    const budget = 10_000n;
    await world.monitor.run({ budget });
    world.monitor.pause(cvm);
    const { instructions } = cvm;
    expect((await world.monitor.run({ budget })).reason).to.equal('paused');
    expect(cvm.instructions).to.equal(instructions);
    world.monitor.resume(cvm);
    await world.monitor.run({ budget });
    expect([cvm.state, cvm.instructions]).to.deep.equal(['running', instructions + budget]);
    const notes = notesOf(world, cvm);
    world.monitor.restart(cvm);
    await world.monitor.run({ budget });
    expect([cvm.state, notesOf(world, cvm)]).to.deep.equal(['running', notes]);
    world.monitor.kill(cvm);
    expect((await world.monitor.run()).reason).to.equal('ended');
  });

  it('lands at its fault handler with its own authority, and can go down again', async () => {
    const world = await World.create();
    const start = `
      start: ${address('a0', 'again')}
             li a7, 10
             call hostcall
             ld t0, 0(zero)
      again: mv s11, a0
             j enter`;
    const program = `li t0, ${PROGRAM + 256}\n sd s11, 0(t0)\n li a7, 93\n li a0, 0\n ecall`;
    const cvm = libraryOs(world, 'os', { start, program }, { faults: 1 });
    world.start(cvm);
    await world.monitor.run();
    expect([cvm.ending, cvm.faults, programWord(world, cvm, PROGRAM + 256)]).to.deep.equal([
      'exit with code 0',
      1,
      28n,
    ]);
  });
});

describe('thread_interrupt', () => {
  /** Another thread waits in `wait`; the result of that, and of the interrupt of thread `id`. */
  async function results(wait: string, id: string): Promise<bigint[]> {
    const world = await World.create();
    const start = `
      start: ${address('a0', 'second')}
             li a1, ${STACK}
             li a7, 8
             call hostcall
             mv s0, a0
             li a0, 1000
             li a7, 5
             call hostcall
             ${id}
             li a7, 13
             call hostcall
             li t0, ${SAVE + 8}
             sd a0, 0(t0)
             li a0, 1000
             li a7, 5
             call hostcall
             li a0, 0
             li a7, 0
             call hostcall
      second: ${wait}
             call hostcall
             li t0, ${SAVE}
             sd a0, 0(t0)
             li a7, 9
             call hostcall`;
    const cvm = libraryOs(world, 'os', { start });
    world.start(cvm);
    await world.monitor.run();
    expect(cvm.ending).to.equal('exit with code 0');
    return [0, 8].map((at) => BigInt.asIntN(64, world.monitor.machine.memory.readU64(cvm.origin + SAVE + at)));
  }
  const SLEEP = 'li a0, 1000000\n li a7, 5';

  it('ends what a thread waits in, however it waits', async () => {
    const block = `li a0, ${SAVE + 32}\n li a1, 0\n li a2, 0\n li a7, 6`;
    const poll = `li a0, ${SAVE + 64}\n li t1, ${SAVE + 32}\n sd t1, 8(a0)\n li a1, 1\n li a2, 0\n li a7, 12`;
    for (const wait of [SLEEP, block, poll]) expect(await results(wait, 'mv a0, s0')).to.deep.equal([-4n, 0n]);
  });

  it('knows the threads of its own cVM alone', async () => {
    expect(await results(SLEEP, 'li a0, 77')).to.deep.equal([0n, -3n]);
    expect(await results(SLEEP, 'li a0, -1')).to.deep.equal([0n, -3n]);
  });
});
