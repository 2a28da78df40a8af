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

/** Multiples of it: what repeats after so many messages, buffers taken in turn, is counted whole. */
const ROUNDS_STEP = 8;
const ROUNDS_MOST = 512;
const WORK_BYTES = 2 * 1024 * 1024;
const QUICK_SHARE = 8;

/** Depends on nothing but the size: instructions are then the same in every run, on every host. */
export function roundsFor(bytes: number, quick: boolean): number {
  const share = quick ? QUICK_SHARE : 1;
  const steps = Math.floor(Math.min(ROUNDS_MOST, WORK_BYTES / bytes) / share / ROUNDS_STEP);
  return Math.max(1, steps) * ROUNDS_STEP;
}
