// What a random snippet is made of. A unit is a position-independent run of instructions that makes sense on its own,
// so that any subset of a snippet's units is a snippet too (the minimiser relies on it).
import { describe, encode, patternOf, type Fields } from '../helpers/encoder.ts';
import type { Random } from '../helpers/random.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';

export type Instruction = { word: number; sizeBytes: number; text: string };
export type Unit = readonly Instruction[];
export type Privilege = 0 | 1 | 3;

export type Snippet = {
  name: string;
  units: readonly Unit[];
  x: readonly bigint[]; // x[0] unused
  f: readonly bigint[];
  csrs: Readonly<Record<string, bigint>>;
  ptes: readonly bigint[];
};

/** What unit generators need to know: which registers they may touch, and where the snippet runs. */
export type Context = {
  readonly random: Random;
  /** Where the next unit will run: units that change privilege change it. */
  privilege: Privilege;
  readonly translated: boolean;
  /** Registers that hold a scratch address all the time: offset 0x420..0xbe0 of some scratch page. */
  readonly pointers: readonly number[];
  /** Registers a unit may write (x0 included). */
  readonly free: readonly number[];
};

export function instruction(name: string, fields: Fields = {}): Instruction {
  return { word: encode(name, fields), sizeBytes: patternOf(name).sizeBytes, text: describe(name, fields) };
}

export function rawInstruction(word: number, sizeBytes: number, text: string): Instruction {
  return { word, sizeBytes, text };
}

/** Constant into a register, as CodeBuilder makes it. */
export function loadConstant(d: number, value: bigint): Unit {
  const bytes = new CodeBuilder(0n).li(d, value).finish();
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, i) =>
    rawInstruction(
      view.getUint32(4 * i, true),
      4,
      i === 0 ? `li x${d}, 0x${BigInt.asUintN(64, value).toString(16)}` : '  ..',
    ),
  );
}

export function sizeOf(unit: Unit): number {
  return unit.reduce((sum, one) => sum + one.sizeBytes, 0);
}

/** Writable register other than x0, and other than those given. */
export function target(context: Context, ...others: number[]): number {
  return context.random.pick(context.free.filter((r) => r !== 0 && !others.includes(r)));
}

export function anyRegister(context: Context): number {
  return context.random.below(32);
}

/** Destination register, x0 now and then. */
export function destination(context: Context): number {
  return context.random.pick(context.free);
}
