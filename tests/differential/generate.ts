// Random snippets: a profile says which units and what state, the seed says everything else.
import { Random } from '../helpers/random.ts';
import { pairedDelegation } from './differences.ts';
import { PTE_SLOTS, SCRATCH, SETUP_CSRS } from './memory-map.ts';
import type { Context, Privilege, Snippet, Unit } from './snippet.ts';
import * as arithmetic from './units/arithmetic.ts';
import * as control from './units/control.ts';
import * as float from './units/float.ts';
import * as memory from './units/memory.ts';
import * as paging from './units/paging.ts';
import * as system from './units/system.ts';
import * as words from './units/words.ts';
import { floatRegister, integer } from './values.ts';

type Weights = readonly (readonly [number, (context: Context) => Unit])[];
type Profile = {
  units: Weights;
  privileges: readonly Privilege[];
  translated: boolean;
  count: readonly [number, number];
};

const ANY: readonly Privilege[] = [3, 3, 1, 0];
const INTEGER: Weights = [
  [6, arithmetic.base],
  [4, arithmetic.compressed],
];
const BITS: Weights = [[3, arithmetic.bits]];
const MEMORY: Weights = [
  [5, memory.plain],
  [3, memory.compressed],
  [1, memory.awkward],
  [2, memory.atomic],
  [1, memory.reserved],
];
const FLOAT: Weights = [
  [6, float.operation],
  [4, float.operands],
  [2, float.conversion],
  [2, float.control],
];
const CONTROL: Weights = [
  [4, control.branch],
  [2, control.loop],
  [2, control.call],
  [2, control.computed],
  [1, control.wild],
  [1, control.selfModifying],
];
const SYSTEM: Weights = [
  [4, system.access],
  [3, system.status],
  [3, system.existence],
  [1, system.legalised],
  [3, system.environment],
  [2, system.fences],
  [2, system.descend],
  [1, system.interrupt],
  [1, system.retired],
];
const WORDS: Weights = [
  [3, words.random16],
  [3, words.random32],
  [2, words.neighbour],
];
const PAGING: Weights = [
  [8, paging.window],
  [2, paging.remap],
  [1, paging.permissions],
  [1, paging.modifiedPrivilege],
];
const MOVES: Weights = [[1, memory.movePointer]];

// prettier-ignore
export const PROFILES: Readonly<Record<string, Profile>> = {
  integer: { units: [...INTEGER, ...BITS, [1, control.branch]], privileges: ANY, translated: false, count: [20, 60] },
  memory: { units: [...INTEGER, ...MEMORY, ...MOVES], privileges: ANY, translated: false, count: [15, 40] },
  float: { units: [...FLOAT, [1, arithmetic.base], [1, memory.plain], [1, memory.compressed]], privileges: ANY, translated: false, count: [15, 40] },
  control: { units: [...INTEGER, ...CONTROL], privileges: ANY, translated: false, count: [10, 30] },
  system: { units: [...SYSTEM, [2, arithmetic.base], [1, memory.plain], [1, float.operation]], privileges: [3, 3, 3, 1, 1, 0], translated: false, count: [6, 20] },
  words: { units: [...WORDS, [1, arithmetic.base], [1, arithmetic.bits]], privileges: ANY, translated: false, count: [10, 25] },
  paging: { units: [...PAGING, [1, arithmetic.base], [2, memory.plain], [1, memory.reserved]], privileges: [3, 1, 1, 0, 0], translated: true, count: [8, 20] },
  mixed: { units: [...INTEGER, ...MEMORY, ...FLOAT, ...CONTROL, ...SYSTEM, ...WORDS], privileges: ANY, translated: false, count: [15, 35] },
  virtual: { units: [...INTEGER, ...MEMORY, ...FLOAT, ...CONTROL, ...SYSTEM, ...PAGING], privileges: [1, 0], translated: true, count: [10, 30] },
};

const PROFILE_WEIGHTS: readonly (readonly [number, string])[] = [
  [2, 'integer'],
  [3, 'memory'],
  [6, 'float'],
  [2, 'control'],
  [3, 'system'],
  [2, 'words'],
  [4, 'paging'],
  [3, 'mixed'],
  [2, 'virtual'],
];

/** Scratch addresses for two or three registers, one of them usually a compressed one, sometimes sp. */
function choosePointers(random: Random): number[] {
  const chosen = new Set([random.between(8, 15), random.chance(0.4) ? 2 : random.between(3, 31)]);
  if (random.chance(0.5)) chosen.add(random.between(16, 31));
  return [...chosen];
}

function initialCsrs(
  random: Random,
  { privilege, translated }: { privilege: Privilege; translated: boolean },
  supervisorTrap: bigint,
): Record<string, bigint> {
  const bit = (position: number, probability: number): bigint =>
    random.chance(probability) ? 1n << BigInt(position) : 0n;
  const fs = random.weighted<bigint>([
    [17, 3n],
    [1, 2n],
    [1, 1n],
    [1, 0n],
  ]);
  const csrs = Object.fromEntries(SETUP_CSRS.map((csr) => [csr, 0n]));
  return {
    ...csrs,
    medeleg: random.chance(0.4) ? pairedDelegation(random.u64() & 0xb1ffn) : 0n,
    mideleg: random.chance(0.3) ? random.u64() & 0x222n : 0n,
    stvec: supervisorTrap,
    ...Object.fromEntries(['sscratch', 'mscratch', 'sepc', 'stval'].map((csr) => [csr, integer(random) & ~1n])),
    mcounteren: 7n,
    scounteren: 7n,
    pmpaddr3: 0x3f_ffff_ffff_ffffn,
    pmpcfg0: 0x1f00_0000n,
    satp: translated ? (8n << 60n) | (BigInt(random.below(4)) << 44n) | (0x8001_0000n >> 12n) : 0n,
    fcsr:
      random.weighted<bigint>([
        [8, BigInt(random.below(5)) << 5n],
        [1, BigInt(random.below(256))],
      ]) | (random.chance(0.3) ? BigInt(random.below(32)) : 0n),
    mstatus:
      (BigInt(privilege) << 11n) |
      (fs << 13n) |
      bit(5, 0.3) |
      bit(8, 0.3) |
      bit(18, 0.4) |
      bit(19, 0.3) |
      (translated ? 0n : bit(20, 0.05)) |
      bit(21, 0.05) |
      bit(22, 0.05),
  };
}

/** Some regions with fewer rights in front of the one that allows everything (naturally aligned powers of two). */
function protectMemory(random: Random, csrs: Record<string, bigint>): void {
  for (const entry of [0, 1, 2]) {
    const size = 1n << BigInt(random.between(3, 12));
    const base = SCRATCH + (random.u64() & 0x3fffn & ~(size - 1n));
    csrs[`pmpaddr${entry}`] = (base >> 2n) | (size / 8n - 1n);
    const rights = random.pick([0n, 1n, 3n, 4n, 5n, 7n]);
    csrs.pmpcfg0 = (csrs.pmpcfg0 as bigint) | ((0x18n | rights) << BigInt(8 * entry));
  }
}

export function generateSnippet(seed: bigint, supervisorTrap: bigint, profileName?: string): Snippet {
  const random = new Random(seed);
  const name = profileName ?? random.weighted(PROFILE_WEIGHTS);
  const profile = PROFILES[name];
  if (profile === undefined) throw new Error(`no profile '${name}'`);
  const privilege = random.pick(profile.privileges);
  const pointers = choosePointers(random);
  const registers = Array.from({ length: 32 }, (_, r) => r);
  const context: Context = {
    random,
    privilege,
    translated: profile.translated,
    pointers,
    free: registers.filter((r) => !pointers.includes(r)),
  };
  const csrs = initialCsrs(random, context, supervisorTrap);
  const isProtected = name === 'memory' && privilege !== 3 && random.chance(0.3);
  if (isProtected) protectMemory(random, csrs);
  const units = isProtected ? profile.units.filter(([, unit]) => unit !== memory.awkward) : profile.units;
  const x = registers.map((r) =>
    pointers.includes(r)
      ? SCRATCH + BigInt(random.below(4) * 0x1000 + 8 * random.between(0x90, 0x170))
      : integer(random),
  );
  return {
    name: `${name} ${'US?M'[privilege]}${profile.translated ? ' sv39' : ''} seed ${seed}`,
    units: Array.from({ length: random.between(...profile.count) }, () => random.weighted(units)(context)),
    x,
    f: registers.map(() => floatRegister(random)),
    csrs,
    ptes: profile.translated ? paging.randomTables(random, privilege === 0) : PTE_SLOTS.map(() => 0n),
  };
}

/** Snippet seeds of one run. */
export function snippetSeeds(seed: number, count: number): bigint[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.u64());
}
