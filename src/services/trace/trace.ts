// What programs of a cVM ask of their library OS, as strace shows it: a line for every call, when it has ended, and counts.
// Trust: reports are a guest's; they become text, in bounded memory.
import type { Peek } from './memory.ts';
import type { TraceReport } from '../reports.ts';
import { argumentText, isOutput } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { SYSTEM_CALLS } from './calls.ts';
import { errorName } from './names.ts';

/** Calls that go on at once: threads of a cVM. */
const UNFINISHED = 4096;
/** Different calls that are counted: unknown numbers are a guest's choice. */
const KINDS = 1024;
const ERRORS = 4095n;
const UNKNOWN = { name: '', arguments: ['x', 'x', 'x', 'x', 'x', 'x'] };
/** Results that are addresses. */
const POINTERS = ['mmap', 'mremap', 'brk'];
/** Those that have no result. */
const LAST = ['exit', 'exit_group'];

export interface CallCount {
  readonly name: string;
  count: number;
  errors: number;
  /** Of simulated time, from the first to the last of its instructions, waiting included. */
  nanoseconds: bigint;
}

interface Going {
  readonly number: number;
  readonly begin: bigint;
  readonly values: readonly bigint[];
  readonly texts: readonly (string | undefined)[];
}

export class Trace {
  readonly #onLine: (line: string) => void;
  readonly #going = new Map<number, Going>();
  readonly #counts = new Map<number, CallCount>();

  /** `onLine` gets lines without their end. */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Most time first. */
  get counts(): readonly CallCount[] {
    return [...this.#counts.values()].sort((a, b) => Number(b.nanoseconds - a.nanoseconds));
  }

  /** `now`: simulated nanoseconds; `peek`: into the program's memory, now. */
  take({ kind, tid, number, values }: TraceReport, now: bigint, peek: Peek): void {
    if (kind === 'call') this.#begin(tid, number, values, now, peek);
    else this.#end(tid, number, BigInt.asIntN(64, values[0]), now, peek);
  }

  /** The cVM has ended: what went on has no result. */
  finish(): void {
    for (const [tid, { number, texts }] of this.#going) this.#onLine(`${head(tid, number, texts)} = ?`);
    this.#going.clear();
  }

  #begin(tid: number, number: number, values: readonly bigint[], begin: bigint, peek: Peek): void {
    if (this.#going.size >= UNFINISHED) this.#going.clear();
    const { arguments: words } = callOf(number);
    const texts = words.map((word, at) => (isOutput(word) ? undefined : argumentText(word, at, { values, peek })));
    if (LAST.includes(nameOf(number))) {
      this.#onLine(`${head(tid, number, texts)} = ?`);
      this.#count(number, false, 0n);
    } else this.#going.set(tid, { number, begin, values, texts });
  }

  #end(tid: number, number: number, result: bigint, now: bigint, peek: Peek): void {
    const going = this.#going.get(tid);
    this.#going.delete(tid);
    if (going?.number !== number) return;
    const call: Arguments = { values: going.values, peek, result };
    const { arguments: words, name } = callOf(number);
    const texts = words.map((word, at) => going.texts[at] ?? argumentText(word, at, call));
    const isError = result < 0n && result >= -ERRORS;
    this.#count(number, isError, now - going.begin);
    const text = isError ? `-1 ${errorName(Number(-result))}` : resultText(name, result);
    this.#onLine(`${head(tid, number, texts)} = ${text}`);
  }

  #count(number: number, isError: boolean, nanoseconds: bigint): void {
    const known = this.#counts.get(number);
    if (known === undefined && this.#counts.size >= KINDS) return;
    const count = known ?? { name: nameOf(number), count: 0, errors: 0, nanoseconds: 0n };
    this.#counts.set(number, count);
    count.count++;
    if (isError) count.errors++;
    count.nanoseconds += nanoseconds;
  }
}

const callOf = (number: number) => SYSTEM_CALLS.get(number) ?? UNKNOWN;
const nameOf = (number: number): string => SYSTEM_CALLS.get(number)?.name ?? `syscall_${number}`;

/** What is not known yet is `...`. */
const head = (tid: number, number: number, texts: readonly (string | undefined)[]): string =>
  `[${tid}] ${nameOf(number)}(${texts.map((text) => text ?? '...').join(', ')})`;

const resultText = (name: string, result: bigint): string =>
  POINTERS.includes(name) ? `0x${BigInt.asUintN(64, result).toString(16)}` : String(result);
