// Why a run stopped, as a value. Guest traps are never exceptions of the host.
import type { Privilege } from './registers.ts';

export type StopReason =
  /** The guest ended itself through the test finisher or HTIF; see exitCode. */
  | 'exit'
  /** The guest asked the test finisher for a reset. */
  | 'reset'
  /** The budget of instructions is used up. */
  | 'budget'
  /** An address of `until` was reached; its instruction has not run. */
  | 'until'
  /** A trap into machine mode: always with stopOnMachineTrap, else only one that has no handler. */
  | 'trap'
  /** The trap handler itself traps at its first instruction, for ever. */
  | 'trap-loop'
  /** The guest waits for an interrupt that nothing can raise any more. */
  | 'idle'
  /** The AbortSignal fired. */
  | 'aborted'
  /** Machine.requestStop. */
  | 'request';

/** What a stop consists of. */
export type StopFields = Omit<Stop, 'explain' | 'toJSON'>;

export class Stop {
  readonly reason: StopReason;
  /** Of `exit`. */
  readonly exitCode: number | undefined;
  /** xcause of `trap` and `trap-loop`, interrupt bit included. */
  readonly cause: bigint | undefined;
  readonly tval: bigint | undefined;
  /** Absolute virtual address: of the trapping instruction, or of the next one. */
  readonly pc: bigint;
  /** Privilege before the trap, or now. */
  readonly privilege: Privilege;
  /** Retired during this run. */
  readonly instructions: bigint;
  /** Retired since reset. */
  readonly totalInstructions: bigint;
  readonly #explain: (stop: Stop) => string;

  constructor(fields: StopFields, explain: (stop: Stop) => string) {
    this.reason = fields.reason;
    this.exitCode = fields.exitCode;
    this.cause = fields.cause;
    this.tval = fields.tval;
    this.pc = fields.pc;
    this.privilege = fields.privilege;
    this.instructions = fields.instructions;
    this.totalInstructions = fields.totalInstructions;
    this.#explain = explain;
  }

  /**
   * A report for people, several lines for a trap: instruction, symbol, capability and the check that failed.
   * Reads the machine, so ask before it runs on.
   */
  explain(): string {
    return this.#explain(this);
  }

  /** Plain data for JSON: numbers beyond 2^53 as hexadecimal text. */
  toJSON(): Record<string, unknown> {
    const text = (value: bigint | undefined): string | undefined =>
      value === undefined ? undefined : `0x${value.toString(16)}`;
    return {
      reason: this.reason,
      exitCode: this.exitCode,
      cause: text(this.cause),
      tval: text(this.tval),
      pc: text(this.pc),
      privilege: this.privilege,
      instructions: Number(this.instructions),
      totalInstructions: Number(this.totalInstructions),
    };
  }
}
