// Entries that host code serves. Callers are cVMs, hostile ones among them: a peer passes on at most one call for each
// stack, until it is answered; those who come meanwhile get -EAGAIN from the peer's program.
import { errorNumber } from '../monitor/index.ts';
import { PeerError } from './errors.ts';
import type { Frame } from './protocol.ts';

/** What a handler is told beside arguments and buffer. */
export interface Caller {
  /** Name of the cVM that called, perhaps gone meanwhile. */
  readonly name: string;
}

/** A value, and bytes for the beginning of the caller's buffer: not more than came, and none for one that is read-only. */
export type Result = bigint | number | { readonly value: bigint | number; readonly buffer?: Uint8Array };

/** Four arguments, and a copy of the caller's buffer. A PeerError that it throws is the caller's error. */
export type Handler = (
  args: readonly bigint[],
  buffer: Uint8Array,
  caller: Caller,
) => Result | undefined | Promise<Result | undefined>;

export interface Answer {
  readonly value: bigint;
  readonly buffer: Uint8Array;
  /** What host code threw, unless it meant it for the caller. */
  readonly failure?: { readonly error: unknown };
}

const NOTHING = new Uint8Array();
const ARGUMENTS = 4;

/** What to tell the caller; never rejects. */
export async function answerTo(handler: Handler, { values, payload }: Frame, caller: Caller): Promise<Answer> {
  try {
    const result = (await handler(values.slice(0, ARGUMENTS), payload, caller)) ?? 0n;
    const { value, buffer = NOTHING } = typeof result === 'object' ? result : { value: result };
    if (buffer.length > payload.length)
      throw new RangeError(`${buffer.length} bytes for a buffer of ${payload.length} of cVM ${caller.name}`);
    return { value: BigInt(value), buffer };
  } catch (error) {
    const number = error instanceof PeerError ? errorNumber(error.errno) : undefined;
    if (number !== undefined) return { value: BigInt(-number), buffer: NOTHING };
    return { value: BigInt(-errorNumber('ECANCELED')!), buffer: NOTHING, failure: { error } };
  }
}
