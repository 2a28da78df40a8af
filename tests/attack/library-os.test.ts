import { expect } from 'chai';
import { PERMISSION } from '../../src/host/index.ts';
import { SLOT_PROGRAM, SLOT_SIZE } from '../../src/monitor/abi.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { address, DATA, libraryOs, notesOf, PROGRAM, programWord, SAVE } from '../monitor/library-os-stub.ts';
import { World } from '../monitor/world.ts';

const CHERI = 28n;
const TAG = 2n;
const LENGTH = 1n;
const ACCESS_SYSTEM_REGISTERS = 0x18n;
const PCC = 32n;
const DDC = 33n;
/** xtval of a failed capability check. */
const capex = (check: bigint, register: bigint): bigint => check | (register << 5n);
const END = 'li a7, 93\n li a0, 0\n ecall';

/** What the program's traps were, in order, the last system call left out. */
async function trapsOf(program: string): Promise<{ traps: [bigint, bigint][]; world: World; cvm: Cvm }> {
  const world = await World.create();
  const cvm = libraryOs(world, 'os', { program: `${program}\n${END}` });
  world.start(cvm);
  await world.monitor.run({ budget: 1_000_000n });
  expect([cvm.ending, cvm.faults, cvm.refusals]).to.deep.equal(['exit with code 0', 0, 0]);
  const notes = notesOf(world, cvm).slice(0, -1);
  return { traps: notes.map(([cause, value]) => [cause, value]), world, cvm };
}

describe('attack: a program on its library OS', () => {
  it('does not reach the trap registers: each try is a trap that its library OS answers', async () => {
    const registers = ['utcc', 'utdc', 'uscratchc', 'uepcc'];
    const csrs = ['ustatus', 'uie', 'utvec', 'uscratch', 'uepc', 'ucause', 'utval', 'uip'];
    const { traps } = await trapsOf(`
      ${registers.map((name) => `cspecialrw ct0, ${name}, cnull\n cspecialrw cnull, ${name}, ct0`).join('\n')}
      ${csrs.map((name) => `csrrs t0, ${name}, zero\n csrrw zero, ${name}, t0`).join('\n')}
      uret`);
    expect(traps).to.deep.equal([
      ...[4n, 5n, 6n, 7n].flatMap((scr) => Array(2).fill([CHERI, capex(ACCESS_SYSTEM_REGISTERS, 32n + scr)])),
      ...Array(2 * csrs.length + 1).fill([CHERI, capex(ACCESS_SYSTEM_REGISTERS, PCC)]),
    ]);
  });

  it('does not reach the c-list, the library OS, or what lies behind its own memory', async () => {
    const places = [-0x10000 + DATA, -8, 0, PROGRAM - 8, PROGRAM + 0x40000, 2 ** 31 - 4096];
    const { traps } = await trapsOf(
      places.map((place) => `li t0, ${place}\n ld t1, 0(t0)\n sd t1, 0(t0)\n lc ct1, 0(t0)`).join('\n'),
    );
    expect(traps).to.deep.equal(Array(3 * places.length).fill([CHERI, capex(LENGTH, DDC)]));
  });

  it('does not forge the permissions that it has not, nor use what it forged', async () => {
    const forged = (change: string): string => `
      cspecialrw ct0, pcc, cnull
      ${change}
      jalr.cap cra, ct0`;
    const { traps, cvm, world } = await trapsOf(`
      li t1, -1
      ${forged('cgethigh t2, ct0\n or t2, t2, t1\n csethigh ct0, ct0, t2')}
      ${forged('cspecialrw ct1, ddc, cnull\n cbuildcap ct0, ct1, ct0')}
      ${forged('li t2, 0\n csetoffset ct0, ct0, t2\n li t2, 0x100000\n csetbounds ct0, ct0, t2')}
      cspecialrw ct0, pcc, cnull
      li t1, -1
      candperm ct0, ct0, t1
      cgetperm t0, ct0
      li t1, ${PROGRAM + 64}
      sd t0, 0(t1)`);
    expect(traps).to.deep.equal(Array(3).fill([CHERI, capex(TAG, 5n)]));
    expect(programWord(world, cvm, PROGRAM + 64)).to.equal(BigInt(PERMISSION.Execute | PERMISSION.User0));
  });

  it('takes nothing away from its library OS with its own DDC, stack and registers spoilt', async () => {
    const { traps } = await trapsOf(`
      cspecialrw cnull, ddc, csp
      ld t0, 0(zero)
      li sp, -1
      li gp, -1
      li tp, -1
      ecall
      cspecialrw csp, pcc, cnull
      ecall`);
    expect(traps).to.deep.equal([
      [CHERI, capex(TAG, DDC)],
      [8n, 0n],
      [8n, 0n],
    ]);
  });
});

/** How a library OS ends that is up to something, beside a bystander at work, whom nothing of it reaches. */
async function endOf(stub: Parameters<typeof libraryOs>[2]): Promise<string> {
  const world = await World.create();
  const free = world.monitor.freeBytes;
  const bystander = world.cvm('bystander', { image: 'hello' });
  const cvm = libraryOs(world, 'os', { program: `ecall\n${END}`, ...stub }, { instructions: 100_000n });
  world.start(cvm, bystander);
  const stop = await world.monitor.run({ budget: 10_000_000n });
  expect([stop.reason, bystander.state, bystander.faults]).to.deep.equal(['ended', 'exited', 0]);
  for (const one of world.monitor.cvms) world.monitor.destroy(one);
  expect(world.monitor.freeBytes).to.equal(free);
  return kindOf(cvm);
}

/** Why it ended, without place and register. */
const kindOf = ({ ending }: Cvm): string => ending.replace(/( of .*)? at .*/, '');

/** Into the program at once, with what `change` says of ct0: a code capability to the vector; ct4 is the program's. */
const entering = (change: string): string => `
  start:  li t2, ${DATA}
          lc ct4, ${SLOT_PROGRAM * SLOT_SIZE}(t2)
          li t0, ${PROGRAM}
          csetoffset ct4, ct4, t0
          cspecialrw ct0, pcc, cnull
          ${address('t1', 'vector')}
          csetoffset ct0, ct0, t1
          ${change}
          cspecialrw cnull, uepcc, ct4
          uret
`;

describe('attack: a hostile library OS', () => {
  const ecall = 'environment call from U-mode';
  const VECTORS: Record<string, [change: string, ending: string]> = {
    'that is none': ['', ecall],
    'that is untagged': ['cspecialrw cnull, utcc, ct1', ecall],
    'that is its data': ['cspecialrw ct0, ddc, cnull\n cspecialrw cnull, utcc, ct0', 'CapEx_PermitExecuteViolation'],
    'that is a sealed gate': ['lc ct0, 0(t2)\n cspecialrw cnull, utcc, ct0', ecall],
    'that is a sealed entry': ['csealentry ct0, ct0\n cspecialrw cnull, utcc, ct0', ecall],
    'that lies outside its code': [
      'li t1, 0x2ffc\n csetoffset ct0, ct0, t1\n cspecialrw cnull, utcc, ct0',
      'CapEx_LengthViolation',
    ],
    'that is the program, which traps again': ['cspecialrw cnull, utcc, ct4', 'its trap vector traps'],
    'that is the program in its zeros': [
      'li t1, 0\n csetoffset ct0, ct4, t1\n cspecialrw cnull, utcc, ct0',
      'its trap vector traps',
    ],
  };
  for (const [name, [change, ending]] of Object.entries(VECTORS))
    it(`has a vector ${name}`, async () => {
      expect(await endOf({ start: entering(change), vector: 'vector: uret' })).to.equal(ending);
    });

  const BODIES: Record<string, [vector: string, ending: string]> = {
    'uses the memory of the program': ['ld t0, 0(zero)', 'CapEx_TagViolation'],
    'is an ecall': ['ecall', ecall],
    'returns to where the trap was': ['uret', 'used up its 100000 instructions'],
    spins: ['spin: j spin', 'used up its 100000 instructions'],
    'returns to nothing': ['cspecialrw cnull, uepcc, csp\n uret', 'CapEx_TagViolation'],
    'returns to a sealed gate': [
      `cspecialrw ct0, utdc, cnull\n cspecialrw cnull, ddc, ct0\n li t2, ${DATA}\n lc ct0, 0(t2)
       cspecialrw cnull, uepcc, ct0\n uret`,
      'CapEx_SealViolation',
    ],
    'returns to itself with interrupts on': [
      `csrrwi zero, uie, 1\n csrrwi zero, uip, 1\n csrrwi zero, ustatus, 17
       cspecialrw ct0, utcc, cnull\n cspecialrw cnull, uepcc, ct0\n uret`,
      'used up its 100000 instructions',
    ],
    'interrupts itself for ever': [
      'csrrwi zero, uie, 1\n csrrwi zero, uip, 1\n csrrwi zero, ustatus, 16\n uret',
      'used up its 100000 instructions',
    ],
  };
  for (const [name, [vector, ending]] of Object.entries(BODIES))
    it(`has a vector that ${name}`, async () => {
      const start = entering(
        'cspecialrw ct1, ddc, cnull\n cspecialrw cnull, utdc, ct1\n cspecialrw cnull, utcc, ct0\n cspecialrw cnull, ddc, csp',
      );
      expect(await endOf({ start, vector: `.align 4\n vector: ${vector}` })).to.equal(ending);
    });

  it('is told by the place in the program if nobody answers that', async () => {
    const world = await World.create();
    const cvm = libraryOs(world, 'os', { start: entering(''), vector: 'vector: uret', program: 'nop\n ecall' });
    world.start(cvm);
    await world.monitor.run();
    expect(cvm.ending).to.equal('environment call from U-mode at 0x10004 of program os 0');
  });

  it('finds a sealed capability, or none, where it keeps its stack pointer', async () => {
    const stack = (take: string): string =>
      entering(`${take}\n cspecialrw cnull, uscratchc, ct1\n cspecialrw cnull, utcc, ct0`);
    expect(await endOf({ start: stack('lc ct1, 0(t2)') })).to.equal('CapEx_TagViolation');
    expect(await endOf({ start: stack('li t1, 0') })).to.equal('CapEx_TagViolation');
  });

  it('cannot keep capabilities in memory, the trap registers are all it has', async () => {
    const store = `${address('t0', 'vector')}\n cspecialrw ct1, pcc, cnull\n li t2, ${DATA + 4096}\n sc ct1, 0(t2)`;
    expect(await endOf({ start: `start: ${store}`, vector: 'vector: uret' })).to.equal('CapEx_PermitStoreCapViolation');
  });

  it('has no authority over the machine beyond the trap registers of its thread', async () => {
    const csrs = ['mstatus', 'mepc', 'medeleg', 'mideleg', 'mie', 'mip', 'mtvec', 'pmpaddr0', 'sstatus', 'satp'];
    const tries = [
      ...csrs.map((name) => `csrrs t0, ${name}, zero`),
      ...['stcc', 'mtcc', 'mepcc', 'mtdc', 'mscratchc'].map((name) => `cspecialrw ct0, ${name}, cnull`),
      ...['mret', 'sret'],
    ];
    const world = await World.create({ memory: '16M' });
    const cvms = tries.map((attempt, at) => libraryOs(world, `os${at}`, { start: `start: ${attempt}` }));
    world.start(...cvms);
    await world.monitor.run();
    expect(cvms.map(kindOf)).to.deep.equal(tries.map(() => 'illegal instruction'));
  });

  it('leaves nothing in the trap registers to whom runs next', async () => {
    const world = await World.create({ slice: 50 });
    const spoil = `start: li t0, -1
      ${['uscratch', 'ucause', 'utval', 'ustatus', 'uie', 'uip'].map((name) => `csrrw zero, ${name}, t0`).join('\n')}
      cspecialrw ct0, pcc, cnull
      ${['utcc', 'utdc', 'uscratchc', 'uepcc'].map((name) => `cspecialrw cnull, ${name}, ct0`).join('\n')}
      spin: j spin`;
    const look = `start: li t1, ${SAVE}
      ${['uscratch', 'ucause', 'utval', 'ustatus', 'uie', 'uip'].map((name, at) => `csrrs t0, ${name}, zero\n sd t0, ${8 * at}(t1)`).join('\n')}
      ${['utcc', 'utdc', 'uscratchc', 'uepcc'].map((name, at) => `cspecialrw ct0, ${name}, cnull\n cgettag t2, ct0\n or t0, t0, t2\n sd t0, ${48 + 8 * at}(t1)`).join('\n')}
      li a0, 0
      li a7, 0
      call hostcall`;
    const spoiler = libraryOs(world, 'spoiler', { start: spoil }, { background: true });
    const looker = libraryOs(world, 'looker', { start: `${look}` });
    world.start(spoiler, looker);
    await world.monitor.run({ budget: 1_000_000n });
    expect([spoiler.state, looker.ending]).to.deep.equal(['running', 'exit with code 0']);
    const seen = world.monitor.machine.memory.read(looker.origin + SAVE, 80);
    expect([...seen].every((byte) => byte === 0)).to.equal(true);
  });
});
