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

/** What a ring has room for, in messages: a quarter of a megabyte, so many at most, two at least. As guests/ipc has it. */
const DEPTH_BYTES = 256 * 1024;
const DEPTH_MOST = 256;

export const depthFor = (bytes: number): number => Math.min(DEPTH_MOST, Math.max(2, Math.floor(DEPTH_BYTES / bytes)));

const ROUNDS_MOST = 512;
const WORK_BYTES = 2 * 1024 * 1024;
const QUICK_SHARE = 8;

/**
 * Depends on nothing but the size: instructions are then the same in every run, on every host. A multiple of eight and, for
 * usual sizes, of the depth: a ring is filled and emptied by turns, and what repeats must be counted whole.
 */
export function roundsFor(bytes: number, quick: boolean): number {
  const step = Math.max(8, depthFor(bytes));
  const share = quick ? QUICK_SHARE : 1;
  const steps = Math.floor(Math.min(ROUNDS_MOST, WORK_BYTES / bytes) / share / step);
  return Math.ceil((Math.max(1, steps) * step) / 8) * 8;
}
