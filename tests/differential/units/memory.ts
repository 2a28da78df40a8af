// Units of loads, stores and atomics on the scratch area, aligned and not, and on addresses where nothing is.
import { NOTHING, SCRATCH } from '../memory-map.ts';
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

const LOADS: Readonly<Record<string, number>> = { lb: 1, lh: 2, lw: 4, ld: 8, lbu: 1, lhu: 2, lwu: 4 };
const STORES: Readonly<Record<string, number>> = { sb: 1, sh: 2, sw: 4, sd: 8 };
const FLOAT_LOADS: Readonly<Record<string, number>> = { flw: 4, fld: 8 };
const FLOAT_STORES: Readonly<Record<string, number>> = { fsw: 4, fsd: 8 };
const OPERATIONS = 'swap add xor and or min max minu maxu'.split(' ');

/** One load or store of any kind with base register `s` and offset `i`. */
export function access(context: Context, s: number, i: number): Instruction {
  const { random } = context;
  return random.weighted([
    [4, () => instruction(random.pick(Object.keys(LOADS)), { d: destination(context), s, i })],
    [4, () => instruction(random.pick(Object.keys(STORES)), { t: anyRegister(context), s, i })],
    [1, () => instruction(random.pick(Object.keys(FLOAT_LOADS)), { d: random.below(32), s, i })],
    [1, () => instruction(random.pick(Object.keys(FLOAT_STORES)), { t: random.below(32), s, i })],
  ])();
}

export function plain(context: Context): Unit {
  const { random, pointers } = context;
  const aligned = random.chance(0.7) ? -8 : -1;
  return [access(context, random.pick(pointers), random.between(-0x3e0, 0x3d8) & aligned)];
}

export function compressed(context: Context): Unit {
  const { random, pointers } = context;
  const near = pointers.filter((r) => r >= 8 && r <= 15);
  const data = context.free.filter((r) => r >= 8 && r <= 15);
  const options: [number, () => Instruction][] = [];
  if (near.length > 0 && data.length > 0) {
    const s = random.pick(near);
    const t = random.between(8, 15);
    const d = random.pick(data);
    options.push(
      [2, () => instruction('c.lw', { d, s, i: 4 * random.below(32) })],
      [2, () => instruction('c.ld', { d, s, i: 8 * random.below(32) })],
      [2, () => instruction('c.sw', { t, s, i: 4 * random.below(32) })],
      [2, () => instruction('c.sd', { t, s, i: 8 * random.below(32) })],
      [1, () => instruction('c.fld', { d: t, s, i: 8 * random.below(32) })],
      [1, () => instruction('c.fsd', { t, s, i: 8 * random.below(32) })],
    );
  }
  if (pointers.includes(2)) {
    const t = anyRegister(context);
    const d = target(context);
    options.push(
      [2, () => instruction('c.lwsp', { d, i: 4 * random.below(64) })],
      [2, () => instruction('c.ldsp', { d, i: 8 * random.below(64) })],
      [2, () => instruction('c.swsp', { t, i: 4 * random.below(64) })],
      [2, () => instruction('c.sdsp', { t, i: 8 * random.below(64) })],
      [1, () => instruction('c.fldsp', { d: t, i: 8 * random.below(64) })],
      [1, () => instruction('c.fsdsp', { t, i: 8 * random.below(64) })],
    );
  }
  return options.length === 0 ? plain(context) : [random.weighted(options)()];
}

/** Across a page boundary of the scratch area, or where no memory is. */
export function awkward(context: Context): Unit {
  const { random } = context;
  const base = target(context);
  const crossing = SCRATCH + 0x1000n * BigInt(random.between(1, 3)) - BigInt(random.between(0, 12));
  // Aligned: of an access that straddles the end of a page, QEMU may report the second page's address.
  const nowhere = NOTHING + BigInt(random.below(0x200)) * 8n;
  return [...loadConstant(base, random.chance(0.7) ? crossing : nowhere), access(context, base, 0)];
}

/** `base` becomes an aligned (or, for misaligned-access traps, not) scratch address. */
function atomicAddress(context: Context, base: number, aligned: boolean): Unit {
  const { random, pointers } = context;
  const round = instruction('andi', { d: base, s: random.pick(pointers), i: -8 });
  const offset = aligned ? 8 * random.between(-8, 8) : random.between(1, 7);
  return [round, instruction('addi', { d: base, s: base, i: offset })];
}

const ordering = ({ random }: Context): { q: number; l: number } => ({ q: random.below(2), l: random.below(2) });

export function atomic(context: Context): Unit {
  const { random } = context;
  const base = target(context);
  const name = `amo${random.pick(OPERATIONS)}.${random.pick(['w', 'd'])}`;
  const aligned = random.chance(0.85);
  return [
    ...atomicAddress(context, base, aligned),
    instruction(name, { d: destination(context), s: base, t: anyRegister(context), ...ordering(context) }),
  ];
}

/** LR/SC pairs that succeed, that fail, and SC without LR. See differences.ts for what the pairs avoid. */
export function reserved(context: Context): Unit {
  const { random } = context;
  const base = target(context);
  const other = target(context, base);
  const loaded = target(context, base, other);
  const flag = target(context, base, other, loaded);
  const size = random.pick(['w', 'd']);
  const load = instruction(`lr.${size}`, { d: loaded, s: base, ...ordering(context) });
  const store = (s: number): Instruction =>
    instruction(`sc.${size}`, {
      d: random.chance(0.2) ? 0 : flag,
      s,
      t: random.pick([loaded, 0, 5, 9, 30, base]),
      ...ordering(context),
    });
  const between = random.chance(0.5) ? [instruction('add', { d: loaded, s: loaded, t: base })] : [];
  const address = atomicAddress(context, base, true);
  return random.weighted<() => Unit>([
    [6, () => [...address, load, ...between, store(base)]],
    [2, () => [...address, load, store(base), store(base)]],
    [
      2,
      () => [...address, instruction('addi', { d: other, s: base, i: 8 }), load, ...between, store(other), store(base)],
    ],
    [1, () => [...address, store(base)]],
    [1, () => [...address, load, load, store(base)]],
    [1, () => [...atomicAddress(context, base, false), instruction(`lr.${size}`, { d: loaded, s: base })]],
  ])();
}

/** Moves a pointer a little; few enough per snippet that it stays inside its page. */
export function movePointer(context: Context): Unit {
  const { random, pointers } = context;
  const p = random.pick(pointers);
  return [instruction(random.pick(['addi', 'c.addi']), { d: p, s: p, i: random.pick([-3, -1, 1, 2, 3]) })];
}
