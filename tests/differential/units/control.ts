// Units that move the program counter: branches, loops, calls, computed and wild jumps, code that rewrites itself.
import { NOTHING } from '../memory-map.ts';
import { encode } from '../../helpers/encoder.ts';
import {
  instruction,
  anyRegister,
  destination,
  loadConstant,
  rawInstruction,
  sizeOf,
  target,
  type Context,
  type Unit,
} from '../snippet.ts';
import { base, compressed } from './arithmetic.ts';

const BRANCHES = 'beq bne blt bge bltu bgeu'.split(' ');

function body(context: Context, count: number): Unit {
  return Array.from({ length: count }, () => (context.random.chance(0.5) ? base : compressed)(context)).flat();
}

export function branch(context: Context): Unit {
  const { random } = context;
  const skipped = body(context, random.between(0, 4));
  const prime = random.between(8, 15);
  const s = anyRegister(context);
  const t = random.chance(0.3) ? s : anyRegister(context);
  const size = sizeOf(skipped);
  return random.weighted<() => Unit>([
    [6, () => [instruction(random.pick(BRANCHES), { s, t, i: size + 4 }), ...skipped]],
    [3, () => [instruction(random.pick(['c.beqz', 'c.bnez']), { s: prime, i: size + 2 }), ...skipped]],
    [1, () => [instruction('jal', { d: destination(context), i: size + 4 }), ...skipped]],
    [1, () => [instruction('c.j', { i: size + 2 }), ...skipped]],
  ])();
}

/** Runs a body a few times; the counter is kept out of the body's reach. */
export function loop(context: Context): Unit {
  const { random } = context;
  const counter = target(context);
  const inside = body({ ...context, free: context.free.filter((r) => r !== counter) }, random.between(1, 5));
  const size = sizeOf(inside);
  const start = instruction('addi', { d: counter, s: 0, i: random.between(1, 12) });
  const step = instruction('addi', { d: counter, s: counter, i: -1 });
  return [start, ...inside, step, instruction('bne', { s: counter, t: 0, i: -(size + 4) })];
}

/** Call of a subroutine behind the call, and return. */
export function call(context: Context): Unit {
  const { random } = context;
  const link = target(context);
  const inside = body({ ...context, free: context.free.filter((r) => r !== link) }, random.between(1, 4));
  const size = sizeOf(inside);
  const back = random.chance(0.5) ? instruction('c.jr', { s: link }) : instruction('jalr', { d: 0, s: link, i: 0 });
  return [
    instruction('jal', { d: link, i: 8 }),
    instruction('jal', { d: 0, i: 4 + size + back.sizeBytes }),
    ...inside,
    back,
  ];
}

/** auipc and jalr over a few instructions, also with an odd target (bit 0 is ignored), and with link = base. */
export function computed(context: Context): Unit {
  const { random } = context;
  const base = target(context);
  const inside = body(context, random.between(0, 3));
  const d = random.pick([0, 1, base, destination(context)]);
  const compressedJump = random.chance(0.3) && context.free.includes(1);
  if (!compressedJump) {
    const link = context.free.includes(d) ? d : 0;
    return [
      instruction('auipc', { d: base, i: 0 }),
      instruction('jalr', { d: link, s: base, i: 8 + sizeOf(inside) + random.below(2) }),
      ...inside,
    ];
  }
  const jump = instruction(random.pick(['c.jr', 'c.jalr']), { s: base });
  return [
    instruction('auipc', { d: base, i: 0 }),
    instruction('addi', { d: base, s: base, i: 10 + sizeOf(inside) }),
    jump,
    ...inside,
  ];
}

/** To where nothing can be fetched; the trap handler comes back through ra. */
export function wild(context: Context): Unit {
  const { random } = context;
  if (!context.free.includes(1)) return branch(context);
  const base = target(context, 1);
  const place = loadConstant(
    base,
    random.pick([NOTHING, NOTHING + BigInt(random.below(0x1000)), 0x4000_0000_0000n, 0xffff_0000_0000_0000n]),
  );
  const link = random.pick([0, 5, base].filter((r) => context.free.includes(r)));
  return [
    instruction('auipc', { d: 1, i: 0 }),
    instruction('addi', { d: 1, s: 1, i: 12 + sizeOf(place) }),
    ...place,
    instruction('jalr', { d: link, s: base, i: 0 }),
  ];
}

/** Stores an instruction ahead of itself, or over one that has run before (so that a cached decoding would show). */
export function selfModifying(context: Context): Unit {
  const { random } = context;
  const word = target(context);
  const base = target(context, word);
  const counter = target(context, word, base);
  const d = target(context, word, base, counter);
  const fresh = random.chance(0.5)
    ? encode('addi', { d, s: anyRegister(context), i: random.between(-2048, 2047) })
    : encode('c.addi', { d, i: random.between(1, 31) }) | (encode('c.li', { d, i: random.between(-32, 31) }) << 16);
  const load = loadConstant(word, BigInt(fresh >>> 0));
  const here = instruction('auipc', { d: base, i: 0 });
  const patch = (i: number): Unit => [here, instruction('sw', { s: base, t: word, i }), instruction('fence.i')];
  if (random.chance(0.4))
    return [...load, ...patch(12), rawInstruction(0, 2, '.half 0'), rawInstruction(0, 2, '.half 0')];
  const twice = instruction('addi', { d: counter, s: 0, i: 2 });
  const again = [
    instruction('addi', { d: counter, s: counter, i: -1 }),
    instruction('bne', { s: counter, t: 0, i: -20 }),
  ];
  return [...load, twice, instruction('addi', { d: 0, s: 0, i: 0 }), ...patch(-4), ...again];
}
