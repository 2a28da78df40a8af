// Units for Sv39: accesses through the random window, changes of page tables, SUM, MXR and MPRV.
import { NOTHING, PTE_SLOTS, SCRATCH, WINDOW, WINDOW_L1, WINDOW_PAGES, csrNumber } from '../memory-map.ts';
import {
  instruction,
  anyRegister,
  destination,
  loadConstant,
  target,
  type Context,
  type Instruction,
  type Unit,
} from '../snippet.ts';
import type { Random } from '../../helpers/random.ts';
import { access } from './memory.ts';

const V = 1n,
  R = 2n,
  W = 4n,
  X = 8n,
  U = 16n,
  G = 32n,
  A = 64n,
  D = 128n;
const GIGAPAGE = 0x8000_0000n;
const SUPERPAGE = SCRATCH & ~0x1f_ffffn;
/** Offset in every scratch page where the image holds `c.jr ra`. */
export const RETURN_OFFSET = 0x10;

export const pte = (physical: bigint, flags: bigint): bigint => ((physical >> 12n) << 10n) | flags;

function flags(random: Random, user: boolean): bigint {
  const drawn = random.weighted([
    [4, R | W],
    [3, R | W | X],
    [2, R],
    [2, R | X],
    [1, X],
    [1, W],
    [1, W | X],
    [1, 0n],
  ]);
  const owner = random.chance(0.75) === user ? U : 0n;
  // QEMU's TLB lets supervisor code run from a user page that it read with SUM: such pages are not executable here.
  const permissions = !user && owner !== 0n && (drawn & X) !== 0n ? (drawn & ~X) | R : drawn;
  const bits = [
    [0.95, V],
    [0.3, G],
    [0.7, A],
    [0.7, D],
    [0.2, 1n << 8n],
    [0.2, 1n << 9n],
  ] as const;
  return bits.reduce((sum, [probability, bit]) => sum | (random.chance(probability) ? bit : 0n), permissions | owner);
}

/** A random leaf (or broken) entry for a page of the window. */
export function pageEntry(random: Random, user: boolean): bigint {
  if (random.chance(0.93)) return pte(SCRATCH + 0x1000n * BigInt(random.below(4)), flags(random, user));
  // Readable and writable, so that an AMO meets the same fault whether it is looked at as a load or as a store.
  return pte(NOTHING, flags(random, user) | R | W);
}

function superEntry(random: Random, user: boolean, aligned: bigint): bigint {
  const misaligned = random.chance(0.15) ? 0x1000n * BigInt(1 + random.below(3)) : 0n;
  return pte(aligned + misaligned, flags(random, user));
}

/** All entries of PTE_SLOTS for a snippet that runs at `user` or supervisor level. */
export function randomTables(random: Random, user: boolean): bigint[] {
  const owner = user ? U : 0n;
  const ownPages = V | R | W | X | A | D | owner;
  return [
    ...Array.from({ length: WINDOW_PAGES }, () => pageEntry(random, user)),
    pte(WINDOW_L1 + 0x2000n, random.chance(0.94) ? V : V | random.pick([A, D, U, G])), // to WINDOW_L0
    superEntry(random, user, SUPERPAGE),
    superEntry(random, user, SUPERPAGE),
    superEntry(random, user, SUPERPAGE),
    pte(0x8020_0000n, ownPages),
    pte(SCRATCH, ownPages),
    superEntry(random, user, GIGAPAGE),
    superEntry(random, user, GIGAPAGE),
  ];
}

/** A virtual address of the window's pages, superpages or gigapages, or one that cannot be mapped. */
function address(random: Random, offset: bigint): bigint {
  const inScratch = BigInt(random.below(4)) * 0x1000n + offset;
  return random.weighted<() => bigint>([
    [8, () => WINDOW + 0x1000n * BigInt(random.below(WINDOW_PAGES)) + offset],
    [3, () => WINDOW + 0x20_0000n * BigInt(random.between(1, 3)) + inScratch],
    [1, () => 0xc000_0000n + (SCRATCH - GIGAPAGE) + inScratch],
    [1, () => 0xffff_ffff_c000_0000n + (SCRATCH - GIGAPAGE) + inScratch],
    [
      1,
      () =>
        random.pick([0x0000_0040_0000_0000n, 0xffff_ffbf_ffff_f000n, 0x8000_0000_0000_0000n, 0x40_0001_0000n]) + offset,
    ],
  ])();
}

/** Not from machine mode, where the window is device space (but see modifiedPrivilege). Aligned, so that what QEMU reports of accesses across two pages does not matter. */
export function window(context: Context): Unit {
  return context.privilege === 3 ? modifiedPrivilege(context) : throughWindow(context);
}

function throughWindow(context: Context): Unit {
  const { random, privilege } = context;
  const base = target(context);
  const place = loadConstant(base, address(random, BigInt(0x20 + 8 * random.below(0x1f0))));
  return random.weighted<() => Unit>([
    [7, () => [...place, access(context, base, 0)]],
    [
      1,
      () => [
        ...place,
        instruction(random.pick(['amoadd.w', 'amoswap.d', 'amomaxu.d']), {
          d: destination(context),
          s: base,
          t: anyRegister(context),
        }),
      ],
    ],
    [1, () => [...place, instruction('lr.d', { d: destination(context), s: base })]],
    [privilege === 3 ? 0 : 3, () => fetch(context, base)],
  ])();
}

/** Calls `c.jr ra` through the window; a refused fetch comes back through ra as well. */
function fetch(context: Context, base: number): Unit {
  if (!context.free.includes(1) || base === 1) return [instruction('sfence.vma')];
  const place = loadConstant(base, address(context.random, BigInt(RETURN_OFFSET)));
  return [...place, instruction('jalr', { d: 1, s: base, i: 0 })];
}

/** Supervisor code writes an entry and fences it, then uses it. */
export function remap(context: Context): Unit {
  const { random, privilege } = context;
  if (privilege !== 1) return window(context);
  const slot = random.below(WINDOW_PAGES);
  const base = target(context);
  const value = target(context, base);
  const page = WINDOW + 0x1000n * BigInt(slot);
  const asid = random.chance(0.5) ? 0 : target(context, base, value);
  const fence = random.pick<Instruction[]>([
    [instruction('sfence.vma')],
    [...loadConstant(base, page), instruction('sfence.vma', { s: base, t: 0 })],
    [instruction('addi', { d: asid, s: 0, i: 0 }), instruction('sfence.vma', { s: 0, t: 0 })],
  ]);
  return [
    ...loadConstant(base, page + 0x20n),
    access(context, base, 0),
    ...loadConstant(base, PTE_SLOTS[slot] as bigint),
    ...loadConstant(value, pageEntry(random, false)),
    instruction('sd', { s: base, t: value, i: 0 }),
    ...fence,
    ...loadConstant(base, page + 0x20n),
    access(context, base, 0),
  ];
}

/** SUM and MXR from supervisor level. */
export function permissions(context: Context): Unit {
  const { random, privilege } = context;
  if (privilege === 0) return window(context);
  const s = target(context);
  const bits = random.pick([1n << 18n, 1n << 19n, 3n << 18n]);
  return [...loadConstant(s, bits), instruction(random.pick(['csrrs', 'csrrc']), { d: 0, s, i: csrNumber('sstatus') })];
}

/** Machine code looks through the eyes of S or U by MPRV. */
export function modifiedPrivilege(context: Context): Unit {
  const { random, privilege } = context;
  if (privilege !== 3) return throughWindow(context);
  const s = target(context);
  const mstatus = csrNumber('mstatus');
  const set = (bits: bigint, name: string): Unit => [
    ...loadConstant(s, bits),
    instruction(name, { d: 0, s, i: mstatus }),
  ];
  const eyes = random.pick([0n, 1n]) << 11n;
  return [
    ...set(3n << 11n, 'csrrc'),
    ...set((1n << 17n) | eyes | random.pick([0n, 1n << 18n, 1n << 19n]), 'csrrs'),
    ...throughWindow(context),
    ...set((1n << 17n) | (3n << 18n), 'csrrc'),
  ];
}
