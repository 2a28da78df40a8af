// Programs of random instructions for cVMs: a beginning that takes into registers all there is to have, then capability
// instructions with random operands, and now and then a whole hostcall, call or return with random arguments.
import { INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import * as abi from '../../src/monitor/abi.ts';
import { readImage } from '../../src/monitor/index.ts';
import type { Image } from '../../src/monitor/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import type { Random } from '../helpers/random.ts';

export const CODE = 0x1000;
export const WORDS = 600;
const DATA = 0x2000;
const NAMES = DATA + abi.BOOT_PAGE_SIZE;
/** Free for buffers, rings and stacks. */
const FREE = NAMES + 0x1000;
const MEMORY = 0x8000;
const NAME_BYTES = 32;

/** A hostcall of the beginning; a name stands for its address, and its length comes next. */
export type Request = readonly [number: number, ...values: (number | string)[]];

const CAPABILITIES = INSTRUCTIONS.filter(({ name }) =>
  /^(c[a-z]|lc|sc|jalr\.|l[bhwdc]|s[bhwdc]|amo|fpclear)/.test(name),
);
const ENDLESS = /^(wfi|c?jal|j)$/;
const DEAD_ENDS: readonly number[] = [abi.HOSTCALL_EXIT, abi.HOSTCALL_SLEEP, abi.HOSTCALL_BLOCK, abi.HOSTCALL_THREAD_EXIT]; // prettier-ignore

/** CInvoke of the pair in a slot and the next; goes on behind it. */
const invoke = (slot: number): string[] => [
  `li t6, ${DATA}`,
  ...[0, 1].flatMap((half) => [`lc ct${half}, ${abi.SLOT_SIZE * (slot + half)}(t6)`]),
  'auipc ra, 0',
  'addi ra, ra, 12',
  'cinvoke ct0, ct1',
];

function request([number, ...values]: Request, names: string[]): string[] {
  const numbers = values.flatMap((value) => (typeof value === 'number' ? [value] : [addressOf(value, names), value.length])); // prettier-ignore
  return [...numbers.map((value, index) => `li a${index}, ${value}`), `li a7, ${number}`, ...invoke(abi.SLOT_HOSTCALL_CODE)]; // prettier-ignore
}

function addressOf(name: string, names: string[]): number {
  if (!names.includes(name)) names.push(name);
  return NAMES + NAME_BYTES * names.indexOf(name);
}

/** A number as an attacker would choose it. */
const value = (random: Random): number =>
  random.pick([0, 1, 2, 3, 6, 16, 64, 255, NAMES, FREE, FREE + 64, DATA, DATA + 256, MEMORY - 16, 0x8000_2000, -1]);

function gadget(random: Random): string[] {
  const number = random.below(random.chance(0.1) ? 100 : 40);
  const slot = random.pick([0, 0, 2, abi.SLOT_CALL, abi.SLOT_CALL, abi.SLOT_STREAM]);
  const values = [0, 1, 2, 3, 4, 5, 6].map((index) => `li a${index}, ${value(random)}`);
  return [...values, `li a7, ${DEAD_ENDS.includes(number) ? abi.HOSTCALL_TIME : number}`, ...invoke(slot)];
}

function randomWord(random: Random): string {
  const { match, mask, name } = random.pick(random.chance(0.8) ? CAPABILITIES : INSTRUCTIONS);
  if (ENDLESS.test(name) && random.chance(0.9)) return randomWord(random);
  return `.word ${(match | (random.u32() & ~mask)) >>> 0}`;
}

/** `slots`: those of the c-list whose capabilities the program has in registers when it begins to run wild. */
export function randomGuest(
  random: Random,
  name: string,
  requests: readonly Request[],
  slots: readonly number[],
): Image {
  const names: string[] = [];
  const lines = requests.flatMap((one) => request(one, names));
  lines.push(`li t6, ${DATA}`, 'cspecialrw ct0, ddc, zero', 'cspecialrw ct1, pcc, zero');
  const registers = ['t2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 's2', 's3', 's4', 's5', 's6', 's7', 's8'];
  slots
    .slice(0, registers.length)
    .forEach((slot, at) => lines.push(`lc c${registers[at]}, ${abi.SLOT_SIZE * slot}(t6)`));
  const wild = Array.from({ length: WORDS }, () => (random.chance(0.03) ? gadget(random) : [randomWord(random)]));
  const text = assemble([...lines, ...wild.flat()].join('\n'), { base: BigInt(CODE) });
  const bytes = text.bytes.subarray(0, DATA - CODE);
  const data = new Uint8Array(FREE - DATA);
  names.forEach((one, index) => data.set(new TextEncoder().encode(one), NAMES - DATA + NAME_BYTES * index));
  const segments = [
    { address: BigInt(CODE), bytes, flags: 5 },
    { address: BigInt(DATA), bytes: data, memorySize: 0x4000n, flags: 6 },
  ];
  return readImage(writeElf({ entry: BigInt(CODE), segments }), name);
}

/** Where a stack may be offered: its top. */
export const STACK_TOP = FREE + 0x800;
export const BUFFER = FREE;
