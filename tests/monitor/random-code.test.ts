import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import { formatCapability } from '../../src/host/index.ts';
import {
  HOSTCALL_CALL_BIND,
  FILE_READ,
  FILE_WRITE,
  HOSTCALL_FILE_OPEN,
  HOSTCALL_STREAM_OPEN,
  SLOT_PROGRAM,
  STREAM_SEND,
} from '../../src/monitor/abi.ts';
import type { Region } from '../../src/monitor/carve.ts';
import { readImage } from '../../src/monitor/index.ts';
import type { Cvm, Image, Stream } from '../../src/monitor/index.ts';
import { Random } from '../helpers/random.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { World } from './world.ts';

const SEED = BigInt(process.env.CAPVM_SEED ?? Date.now());
const PROGRAMS = Number(process.env.CAPVM_PROGRAMS ?? 150);
const CODE = 0x1000;
const DATA = 0x2000;
const WORDS = 300;

const NAMES = DATA + 0x1000;

const ECALL = 0x73;
const URET = 0x0020_0073;

// The few instructions that the beginning of a program needs. Register 31 holds DATA.
const lui = (rd: number, value: number): number => (value | (rd << 7) | 0x37) >>> 0;
const li = (rd: number, value: number): number => ((value << 20) | (rd << 7) | 0x13) >>> 0;
const addi = (rd: number, rs1: number, value: number): number => ((value << 20) | (rs1 << 15) | (rd << 7) | 0x13) >>> 0;
const auipc = (rd: number): number => ((rd << 7) | 0x17) >>> 0;
const loadSlot = (rd: number, slot: number): number =>
  (((16 * slot) << 20) | (31 << 15) | (2 << 12) | (rd << 7) | 0x0f) >>> 0;
const readSpecial = (rd: number, scr: number): number => ((1 << 25) | (scr << 20) | (rd << 7) | 0x5b) >>> 0;
const writeSpecial = (scr: number, cs1: number): number => ((1 << 25) | (scr << 20) | (cs1 << 15) | 0x5b) >>> 0;
const cinvoke = (cs1: number, cs2: number): number =>
  ((0x7e << 25) | (cs2 << 20) | (cs1 << 15) | (1 << 7) | 0x5b) >>> 0;

/** Hostcall `number` with a0 as it is and small a1, a2. */
function hostcall(number: number, a1: number, a2: number): number[] {
  const entry = [lui(31, DATA), loadSlot(5, 0), loadSlot(6, 1), li(11, a1), li(12, a2), li(13, 0), li(17, number)];
  return [...entry, auipc(1), addi(1, 1, 12), cinvoke(5, 6)];
}

const CHERI = INSTRUCTIONS.filter(({ name }) => /^(c[a-z]|lc|sc|jalr\.|l[bhwdc]|s[bhwdc]|amo|fpclear)/.test(name));
const HARMLESS_LOOPS = /^(wfi|c?jal|j)$/;

/** Any instruction, capability ones rather often; operands any, but immediates small enough to hit something. */
function randomWord(random: Random): number {
  const pool = random.chance(0.8) ? CHERI : INSTRUCTIONS;
  const { match, mask, name } = random.pick(pool);
  if (HARMLESS_LOOPS.test(name) && random.chance(0.9)) return randomWord(random);
  return (match | (random.u32() & ~mask)) >>> 0;
}

/** For a library OS: trap registers are written, returned to, and entered. */
function trapWord(random: Random): number {
  const scr = 4 + random.below(4);
  const words = [writeSpecial(scr, random.below(32)), readSpecial(random.below(32), scr), ECALL, URET];
  return random.pick(words);
}

/** Binds the call `e`, opens the stream `s` and the file `f`, and takes into registers all there is to have. */
function beginning(): number[] {
  const words = [lui(10, NAMES), ...hostcall(HOSTCALL_CALL_BIND, 1, 0)];
  words.push(lui(10, NAMES), addi(10, 10, 16), ...hostcall(HOSTCALL_STREAM_OPEN, 1, STREAM_SEND));
  words.push(lui(10, NAMES), addi(10, 10, 32), ...hostcall(HOSTCALL_FILE_OPEN, 1, FILE_READ | FILE_WRITE));
  words.push(lui(31, DATA), readSpecial(5, 1), readSpecial(6, 0), readSpecial(14, 1), readSpecial(15, 0));
  [0, 1, 2, 3, 16, 17, 48, 49, 80, SLOT_PROGRAM].forEach((slot, index) => words.push(loadSlot(7 + index, slot)));
  return words;
}

function randomProgram(random: Random, traps: number): Uint8Array {
  const words = beginning();
  // UTCC, UTDC, UScratchC, UEPCC: code, data, the file, a program.
  if (traps > 0) words.push(writeSpecial(4, 6), writeSpecial(5, 5), writeSpecial(6, 15), writeSpecial(7, 16));
  while (words.length < WORDS) words.push(random.chance(traps) ? trapWord(random) : randomWord(random));
  return new Uint8Array(Uint32Array.from(words).buffer);
}

function randomImage(random: Random, name: string, traps: number): Image {
  const data = new Uint8Array(0x1030);
  data.set([0x65], 0x1000); // "e"
  data.set([0x73], 0x1010); // "s"
  data.set([0x66], 0x1020); // "f"
  const segments = [
    { address: BigInt(CODE), bytes: randomProgram(random, traps), flags: 5 },
    { address: BigInt(DATA), bytes: data, memorySize: 0x4000n, flags: 6 },
  ];
  return readImage(writeElf({ entry: BigInt(CODE), segments }), name);
}

/** Of a cVM's memory, but for its ring. */
function hashOf(world: World, { data }: Cvm, hole?: Region): string {
  const bytes = world.monitor.machine.memory.read(data.base, data.sizeBytes);
  if (hole !== undefined) bytes.fill(0, hole.base - data.base, hole.base - data.base + hole.sizeBytes);
  return createHash('sha256').update(bytes).digest('hex');
}

describe(`random code in a cVM (CAPVM_SEED=${SEED})`, () => {
  it('never gets a capability beyond what it was given, nor changes what is not its own', async function () {
    this.timeout(300_000);
    const random = new Random(SEED);
    const world = await World.create({ memory: '2M', slice: 1000 });
    const titles = new Map<string, number>();
    const trapRegisters = new Set<string>();
    let faults = 0;

    /** Lets an attacker loose; each of its faults goes on somewhere in its code, with the registers that it had. */
    async function attack(attacker: Cvm, receiver: Cvm, stream: Stream): Promise<void> {
      const hole = stream.ring?.region;
      const [before, ran] = [hashOf(world, receiver, hole), receiver.instructions];
      for (let turn = 0; turn < 40 && attacker.alive; turn++) {
        attacker.faultHandler = CODE + 4 * random.below(turn % 4 === 0 ? 1 : WORDS);
        await world.monitor.run({ budget: BigInt(1 + random.below(1000)), background: true });
        // Once woken (the attacker has died, or sent) the receiver changes its memory itself.
        if (receiver.instructions === ran) expect(hashOf(world, receiver, hole), attacker.image.name).to.equal(before);
        if (!attacker.alive) break;
        for (const { title, where, capability } of world.monitor.holdings(attacker)) {
          if (title === undefined)
            expect.fail(`${attacker.image.name}: ${where} holds ${formatCapability(capability)}`);
          titles.set(title, (titles.get(title) ?? 0) + 1);
          if (/ u(tcc|tdc|scratchc|epcc)$/.test(where)) trapRegisters.add(where.split(' ')[2]);
        }
      }
      faults += attacker.faults;
    }

    for (let program = 0; program < PROGRAMS; program++) {
      const options = { image: 'worker', background: true };
      const callee = world.cvm('callee', { ...options, arguments: ['offer', 'e', '2', 'block', '0', '0'] });
      const receiver = world.cvm('receiver', { ...options, arguments: ['listen', 's', '64', '0'] });
      const isLibraryOs = program % 2 === 1;
      const name = `program ${program}`;
      const attacker = world.monitor.createCvm({
        name: 'attacker',
        image: randomImage(random, name, isLibraryOs ? 0.2 : 0),
        program: isLibraryOs ? { codes: [{ name, bytes: randomProgram(random, 0) }] } : undefined,
        memory: 0x8000,
        stack: 4096,
        faults: 40,
      });
      world.monitor.allowCall('e', attacker, callee);
      const stream = world.monitor.connect('s', attacker, receiver);
      const file = world.monitor.createFile('f', 256);
      world.monitor.allowFile(file, attacker, FILE_READ | FILE_WRITE);
      world.start(callee, receiver);
      await world.monitor.run({ budget: 20_000n, background: true });
      world.monitor.start(attacker);
      await attack(attacker, receiver, stream);
      expect([receiver.faults, callee.state]).to.deep.equal([0, 'running']);
      for (const cvm of [attacker, receiver, callee]) world.monitor.destroy(cvm);
      world.monitor.removeFile(file);
    }
    expect(faults).to.be.greaterThan(PROGRAMS);
    expect([...titles.keys()]).to.include.members(['code', 'data', 'gate', 'file', 'program']);
    expect(trapRegisters.size).to.equal(4);
  });
});
