// The library's functions: name, operands, whether they take a rounding mode, generator, reference.
import type { Random } from '../helpers/random.ts';
import { F32, F64 } from './exact.ts';
import type { Format, Outcome } from './exact.ts';
import type { Kind } from './library.ts';
import { addend, integer, nearInteger, nearNarrow, negatedProduct, operand, related } from './operands.ts';
import * as reference from './reference.ts';

export interface Operation {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly hasMode: boolean;
  generate(random: Random): bigint[];
  reference(operands: readonly bigint[], rm: number): Outcome;
}

type Binary = (of: Format, a: bigint, b: bigint, rm: number) => Outcome;

function pair(random: Random, of: Format): [bigint, bigint] {
  const a = operand(random, of);
  const b = random.chance(0.5) ? operand(random, of) : related(random, of, a);
  return random.chance(0.2) ? [b, a] : [a, b];
}

function binary(of: Format, name: string, operation: Binary, hasMode: boolean): Operation {
  return {
    name: `${of.name}_${name}`,
    kinds: [of.name, of.name],
    hasMode,
    generate: (random) => pair(random, of),
    reference: ([a, b], rm) => operation(of, a!, b!, rm),
  };
}

/** Half of the dividends are multiples of their divisor, or numbers next to one. */
function div(of: Format): Operation {
  return {
    ...binary(of, 'div', reference.div, true),
    generate: (random) => {
      const [a, b] = pair(random, of);
      return random.chance(0.5) ? [a, b] : [negatedProduct(of, a, b), b];
    },
  };
}

/** Half of the radicands are squares, or numbers next to one. */
function sqrt(of: Format): Operation {
  return {
    ...unary(of, 'sqrt', (a, rm) => reference.sqrt(of, a, rm), true),
    generate: (random) => {
      const a = operand(random, of);
      return random.chance(0.5) ? [a] : [BigInt.asUintN(of.width - 1, negatedProduct(of, a, a))];
    },
  };
}

function mulAdd(of: Format): Operation {
  return {
    name: `${of.name}_mulAdd`,
    kinds: [of.name, of.name, of.name],
    hasMode: true,
    generate: (random) => {
      const [a, b] = pair(random, of);
      return [a, b, addend(random, of, a, b)];
    },
    reference: ([a, b, c], rm) => reference.mulAdd(of, a!, b!, c!, rm),
  };
}

function unary(
  of: Format,
  name: string,
  operation: (bits: bigint, rm: number) => Outcome,
  hasMode: boolean,
): Operation {
  return {
    name: `${of.name}_${name}`,
    kinds: [of.name],
    hasMode,
    generate: (random) => [operand(random, of)],
    reference: ([a], rm) => operation(a!, rm),
  };
}

const demotion: Operation = {
  ...unary(F64, 'to_f32', (a, rm) => reference.toFloat(F64, F32, a, rm), true),
  generate: (random) => [random.chance(0.7) ? nearNarrow(random, F32) : operand(random, F64)],
};

function toInteger(of: Format, kind: Kind): Operation {
  const width = Number(kind.slice(1));
  return {
    ...unary(of, `to_${kind}`, (a, rm) => reference.toInteger(of, a, width, kind.startsWith('i'), rm), true),
    generate: (random) => [random.chance(0.7) ? nearInteger(random, of) : operand(random, of)],
  };
}

function fromInteger(kind: Kind, to: Format): Operation {
  const width = Number(kind.slice(1));
  return {
    name: `${kind}_to_${to.name}`,
    kinds: [kind],
    hasMode: width >= to.precision,
    generate: (random) => [integer(random, width, kind.startsWith('i'))],
    reference: ([value], rm) => reference.fromInteger(to, value!, rm),
  };
}

const INTEGERS: readonly Kind[] = ['i32', 'u32', 'i64', 'u64'];

export const OPERATIONS: readonly Operation[] = [F32, F64].flatMap((of) => [
  binary(of, 'add', reference.add, true),
  binary(of, 'sub', reference.sub, true),
  binary(of, 'mul', reference.mul, true),
  div(of),
  sqrt(of),
  mulAdd(of),
  binary(of, 'eq', reference.eq, false),
  binary(of, 'lt', reference.lt, false),
  binary(of, 'le', reference.le, false),
  binary(of, 'min', reference.min, false),
  binary(of, 'max', reference.max, false),
  unary(of, 'classify', (a) => reference.classify(of, a), false),
  of === F64 ? demotion : unary(F32, 'to_f64', (a, rm) => reference.toFloat(F32, F64, a, rm), false),
  ...INTEGERS.map((kind) => toInteger(of, kind)),
  ...INTEGERS.map((kind) => fromInteger(kind, of)),
]);
