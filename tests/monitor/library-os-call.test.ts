// A library OS that calls another cVM while it answers its program: what that does cannot touch the thread's trap
// registers, and however the call ends, the program goes on.
import { expect } from 'chai';
import { formatCapability } from '../../src/host/index.ts';
import { FILE_READ, SLOT_CALL, SLOT_FILE, SLOT_SIZE } from '../../src/monitor/abi.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { address, DATA, libraryOs, notesOf, plainCvm, PROGRAM, programWord, SAVE, STACK } from './library-os-stub.ts';
import { VECTOR } from './library-os-stub.ts';
import { World } from './world.ts';

const INTERRUPT = 1n << 63n;
const [EPIPE, ETIMEDOUT, ECANCELED] = [32n, 110n, 125n].map((error) => BigInt.asUintN(64, -error));

/** A name of one letter for a hostcall: a0, a1. */
const named = (letter: string): string => `
  li t0, ${SAVE + 64}
  li a1, ${letter.charCodeAt(0)}
  sd a1, 0(t0)
  mv a0, t0
  li a1, 1`;

/** Offers `e`, whose handler is `handler`, and sleeps. */
const callee = (handler: string): string => `
  start:  ${named('e')}
          ${address('a2', 'handler')}
          li a3, ${STACK}
          li a4, 0
          li a5, 1
          li a7, 24
          call hostcall
          mv s0, a0
  wait:   li a0, 1000000000
          li a7, 5
          call hostcall
          j wait
  handler: ${handler}
          li t2, ${DATA}
          lc ct0, ${2 * SLOT_SIZE}(t2)
          lc ct1, ${3 * SLOT_SIZE}(t2)
          cinvoke ct0, ct1`;

/** Binds `e`, waits until it is offered, and runs the program. */
const CALLER = `
  start:  ${named('e')}
          li a7, 25
          call hostcall
          beqz a0, enter
          li a7, 4
          call hostcall
          j start`;

/** System call 2 is a call of `e` that may last 100 us; system call 3 does `more`. */
const vector = (more = ''): string =>
  VECTOR.replace('t1, back', 't1, call').replace('back:   addi a0, a0, 1', (back) =>
    [
      'call: li t1, 2',
      'bne a7, t1, other',
      'sd ra, 24(sp)',
      `li t2, ${DATA + SLOT_SIZE * SLOT_CALL}`,
      'lc ct0, 0(t2)',
      `lc ct1, ${SLOT_SIZE}(t2)`,
      ...['a0', 'a4', 'a5', 'a7'].map((register) => `li ${register}, 0`),
      'li a6, 100000',
      'call enter_other',
      'ld ra, 24(sp)',
      'j leave',
      'enter_other: cinvoke ct0, ct1',
      'other:',
      more,
      back,
    ].join('\n'),
  );

/** Notes the result of system call 2, and goes on. */
const PROGRAM_TEXT = `
  li a7, 2
  ecall
  li t0, ${PROGRAM + 256}
  sd a0, 0(t0)
  li a7, 1
  ecall
  li a7, 93
  li a0, 0
  ecall`;

async function scene(handler: string): Promise<{ world: World; os: Cvm; other: Cvm }> {
  const world = await World.create();
  const other = plainCvm(world, 'other', callee(handler));
  const os = libraryOs(world, 'os', { start: CALLER, vector: vector(), program: PROGRAM_TEXT });
  world.monitor.allowCall('e', os, other);
  world.start(other, os);
  return { world, os, other };
}

/** It ran to its end, and its library OS answered all of its traps. */
function expectWell(world: World, os: Cvm): void {
  expect([os.ending, os.faults]).to.deep.equal(['exit with code 0', 0]);
  expect(notesOf(world, os).map(([cause]) => cause)).to.deep.equal([8n, 8n, 8n]);
}

describe('a library OS that calls another cVM', () => {
  const HANDLERS: Record<string, [handler: string, result: bigint, check: string | undefined]> = {
    'goes on after the result': ['li a0, 5', 5n, undefined],
    ...Object.fromEntries(
      ['utcc', 'utdc', 'uscratchc', 'uepcc'].flatMap((name) => [
        [
          `keeps its ${name} to itself`,
          [`cspecialrw ct0, ${name}, cnull`, ECANCELED, 'CapEx_AccessSystemRegsViolation'],
        ],
        [`keeps its ${name}`, [`cspecialrw cnull, ${name}, cra`, ECANCELED, 'CapEx_AccessSystemRegsViolation']],
      ]),
    ),
    'keeps its ustatus': ['csrrwi zero, ustatus, 0', ECANCELED, 'CapEx_AccessSystemRegsViolation'],
    'is not returned from': ['uret', ECANCELED, 'CapEx_AccessSystemRegsViolation'],
    'gets none of its system calls': ['ecall', ECANCELED, 'environment call from U-mode'],
    'gets none of its faults': ['ld t0, 0(zero)', ECANCELED, 'CapEx_LengthViolation'],
    'waits no longer than it said': ['spin: j spin', ETIMEDOUT, undefined],
  };
  for (const [name, [handler, result, check]] of Object.entries(HANDLERS))
    it(name, async () => {
      const { world, os, other } = await scene(handler);
      await world.monitor.run({ budget: 10_000_000n });
      expectWell(world, os);
      expect(programWord(world, os, PROGRAM + 256)).to.equal(result);
      const checks = world.monitor.audit.records().filter(({ kind, cvm }) => kind === 'fault' && cvm === other.name);
      expect(checks.map((record) => record.check)).to.deep.equal(check === undefined ? [] : [check]);
    });

  it('goes on when that is killed, and each holds its own until then', async () => {
    const { world, os, other } = await scene('spin: j spin');
    await world.monitor.run({ budget: 20_000n });
    const told = [os, other].map((cvm) => world.monitor.holdings(cvm));
    for (const { where, title, capability } of told.flat())
      expect(title, `${where} ${formatCapability(capability)}`).to.not.equal(undefined);
    const special = told.map((holdings) =>
      holdings.filter(({ where }) => / u[tse]/.test(where)).map(({ title }) => title),
    );
    expect(special).to.deep.equal([['code', 'data', 'program'], []]);
    world.monitor.kill(other);
    await world.monitor.run({ budget: 10_000_000n });
    expectWell(world, os);
    expect(programWord(world, os, PROGRAM + 256)).to.equal(EPIPE);
  });

  it('loses what was revoked out of its trap registers too, and nobody else does', async () => {
    const world = await World.create();
    const open = (slot: number): string => `
          ${named('f')}
          li a2, ${FILE_READ}
          li a7, 33
          call hostcall
          li t2, ${DATA + SLOT_SIZE * slot}
          lc cs1, 0(t2)`;
    const other = plainCvm(world, 'other', callee(`${open(SLOT_FILE)}\n spin: j spin`));
    const os = libraryOs(world, 'os', {
      start:
        CALLER.replace('enter', 'bound') +
        `
  bound:  ${open(SLOT_FILE)}
          cspecialrw cnull, utdc, cs1
          cspecialrw cnull, uscratchc, cs1
          cspecialrw cnull, uepcc, cs1
          cmove cs1, cnull
          li t2, ${DATA + SLOT_SIZE * SLOT_CALL}
          lc ct0, 0(t2)
          lc ct1, ${SLOT_SIZE}(t2)
          li a6, 0
          cinvoke ct0, ct1`,
    });
    world.monitor.allowCall('e', os, other);
    const file = world.monitor.createFile('f', 256);
    for (const cvm of [os, other]) world.monitor.allowFile(file, cvm, FILE_READ);
    world.start(other, os);
    await world.monitor.run({ budget: 100_000n });
    const files = (cvm: Cvm): string[] =>
      world.monitor
        .holdings(cvm)
        .filter(({ title }) => title === 'file')
        .map(({ where }) => where.split(' ').at(-1)!);
    expect(files(os).slice(0, 3)).to.deep.equal(['utdc', 'uscratchc', 'uepcc']);
    const others = files(other);
    expect(others).to.include('c9');
    world.monitor.revokeFile(file, os);
    expect([files(os), files(other)]).to.deep.equal([[], others]);
    world.monitor.revokeFile(file, other);
    expect(files(other)).to.deep.equal([]);
  });

  it('is interrupted when it is back, and not what it called', async () => {
    const world = await World.create();
    const other = plainCvm(
      world,
      'other',
      callee('li a0, 20000\n li a7, 5\n mv s1, ra\n call hostcall\n addi a0, a0, 5'),
    );
    const start = `
  start:  ${address('a0', 'second')}
          li a1, ${STACK}
          li a7, 8
          call hostcall
          mv s0, a0
          li a0, 15000
          li a7, 5
          call hostcall
          mv a0, s0
          li a7, 13
          call hostcall
          li a0, 1000000
          li a7, 5
          call hostcall
          ${CALLER.replace('start:', 'second:').replace('j start', 'j second')}`;
    const os = libraryOs(world, 'os', { start, vector: vector(), program: PROGRAM_TEXT });
    world.monitor.allowCall('e', os, other);
    world.start(other, os);
    await world.monitor.run({ budget: 10_000_000n });
    expect([os.ending, programWord(world, os, PROGRAM + 256)]).to.deep.equal(['exit with code 0', 5n]);
    const notes = notesOf(world, os).map(([cause, , pc]) => [cause, pc]);
    expect(notes.slice(0, 2)).to.deep.equal([
      [8n, BigInt(PROGRAM + 4)],
      [INTERRUPT, BigInt(PROGRAM + 8)],
    ]);
  });

  for (const engine of ['interp', 'translate', 'lockstep'] as const)
    it(`goes on when it is interrupted again and again, wherever it is (${engine})`, async () => {
      const program = `
        li s2, 60
        again: li a7, 2
        ecall
        add s3, s3, a0
        li a0, 7
        li a7, 1
        ecall
        add s3, s3, a0
        addi s2, s2, -1
        bnez s2, again
        li t0, ${PROGRAM + 256}
        sd s3, 0(t0)
        li a7, 93
        li a0, 0
        ecall`;
      for (const [pause, slice] of [
        [97, 3],
        [211, 50],
        [333, 1],
        [1009, 400],
      ]) {
        const world = await World.create({ engine, slice, translateAfter: 0 });
        const other = plainCvm(world, 'other', callee('li a0, 5'));
        const start = `
      start:  ${address('a0', 'second')}
              li a1, ${STACK}
              li a7, 8
              call hostcall
              mv s0, a0
      storm:  li a0, ${pause}
              li a7, 5
              call hostcall
              addi s4, s4, 1
              mv a0, s0
              li a7, 13
              call hostcall
              j storm
              ${CALLER.replace('start:', 'second:').replace('j start', 'j second')}`;
        // Interrupts are counted, not noted.
        const counting = vector()
          .replace('addi t1, t1, 24', '')
          .replace('li s1, 1', 'ld t1, 40(sp)\n addi t1, t1, 1\n sd t1, 40(sp)');
        const os = libraryOs(world, 'os', { start, vector: counting, program });
        world.monitor.allowCall('e', os, other);
        world.start(other, os);
        await world.monitor.run({ budget: 10_000_000n });
        expect([os.ending, os.faults, other.faults], `${pause} ${slice}`).to.deep.equal(['exit with code 0', 0, 0]);
        expect(programWord(world, os, PROGRAM + 256)).to.equal(60n * (5n + 8n));
        const interrupts = world.monitor.machine.memory.readU64(os.origin + SAVE + 40);
        expect(Number(interrupts)).to.be.greaterThan(3);
      }
    });

  it('offers no calls itself: a handler would have the trap registers of its caller', async () => {
    const world = await World.create();
    const os = libraryOs(world, 'os', { start: callee('').replace('wait:', 'j enter\n wait:'), program: PROGRAM_TEXT });
    world.monitor.allowCall('e', plainCvm(world, 'other', CALLER), os);
    world.start(os);
    await world.monitor.run({ budget: 100_000n });
    expect(world.audit(os).filter((line) => line.startsWith('refusal'))).to.deep.equal(['refusal: call_offer: EPERM']);
  });
});
