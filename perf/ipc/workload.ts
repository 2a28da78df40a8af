// What a way to communicate must offer to be measured in the machine.
import type { Kind, Mechanism } from './rows.ts';

/** Costs of one round trip or one message. */
export interface Sample {
  /** Guest instructions of everything that ran, without the charge. */
  readonly instructions: number;
  readonly charge: number;
  /** Of host time. */
  readonly nanoseconds: number;
}

export interface IpcWorkload {
  readonly mechanism: Mechanism;
  readonly kind: Kind;
  /** Measures so many round trips or messages of so many bytes, after a warm-up of as many. */
  run(bytes: number, rounds: number, signal?: AbortSignal): Promise<Sample>;
}

const ROUNDS_MOST = 1000;
const ROUNDS_LEAST = 8;
const WORK_BYTES = 4 * 1024 * 1024;

/** Depends on nothing but the size: instructions are then the same in every run, on every host. */
export function roundsFor(bytes: number, quick: boolean): number {
  const share = quick ? 10 : 1;
  return Math.max(ROUNDS_LEAST, Math.min(ROUNDS_MOST / share, Math.floor(WORK_BYTES / share / bytes)));
}
