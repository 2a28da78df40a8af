// What stopped a thread. fault-text.ts says it in words.

export interface Fault {
  readonly cause: bigint;
  readonly value: bigint;
  /** Offset in the cVM's text, or the absolute address where it is not in there. */
  readonly pc: bigint;
  /** CapEx_LengthViolation and the like, or the trap's name. */
  readonly check: string;
  readonly text: string;
}

export const CAUSE_CHERI = 28n;
const TAG_VIOLATION = 2n;

/** Is it what a thread meets whose window was taken away? */
export const isTagViolation = ({ cause, value }: Fault): boolean =>
  cause === CAUSE_CHERI && (value & 31n) === TAG_VIOLATION;
