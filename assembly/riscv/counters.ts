// Counters and time. Manual: Privileged 1.12 §3.1.10-3.1.12, Unprivileged 20191213 chapter 10.
// Time is retired instructions plus what WFI skipped: a nominal 1 GHz, mtime at 10 MHz. One instruction = one cycle.
import {
  IDLE_TIME, INSTRET, LEFT, MCOUNTINHIBIT, MCYCLE_OFFSET, MINSTRET_OFFSET, MTIME_OFFSET, SLICE,
} from "../layout";

export const INSTRUCTIONS_PER_TICK: u64 = 100;
/** TIMER_DEADLINE of a timer that never fires. */
export const NEVER: u64 = <u64>i64.MAX_VALUE;

// Bits of mcounteren, scounteren and mcountinhibit.
export const COUNTER_CYCLE: u64 = 1 << 0;
export const COUNTER_INSTRET: u64 = 1 << 2;
/** mcountinhibit: time cannot be stopped, and the counters that read zero need not be. */
const INHIBIT_MASK: u64 = COUNTER_CYCLE | COUNTER_INSTRET;

/** Instructions retired since reset, not counting the current one. */
// @ts-ignore: decorator
@inline
export function now(): u64 {
  return load<u64>(INSTRET) + load<u64>(SLICE) - load<u64>(LEFT);
}

/** Instructions' worth of time since reset. */
// @ts-ignore: decorator
@inline
export function elapsed(): u64 {
  return now() + load<u64>(IDLE_TIME);
}

export function readTime(): u64 {
  return elapsed() / INSTRUCTIONS_PER_TICK + load<u64>(MTIME_OFFSET);
}

/** A counter that runs is now + offset, one that is inhibited is the offset itself. */
function readCounter(offsetCell: usize, bit: u64): u64 {
  const offset = load<u64>(offsetCell);
  return load<u64>(MCOUNTINHIBIT) & bit ? offset : now() + offset;
}

export function readCycle(): u64 {
  return readCounter(MCYCLE_OFFSET, COUNTER_CYCLE);
}

export function readInstret(): u64 {
  return readCounter(MINSTRET_OFFSET, COUNTER_INSTRET);
}

/** Makes the counter read `value` when `start` instructions have retired. */
function writeCounter(offsetCell: usize, bit: u64, value: u64, start: u64): void {
  store<u64>(offsetCell, load<u64>(MCOUNTINHIBIT) & bit ? value : value - start);
}

/** A write takes effect after the writing instruction, which is not counted in the new value: start = now + 1. */
export function writeCycle(value: u64, start: u64): void {
  writeCounter(MCYCLE_OFFSET, COUNTER_CYCLE, value, start);
}

export function writeInstret(value: u64, start: u64): void {
  writeCounter(MINSTRET_OFFSET, COUNTER_INSTRET, value, start);
}

/** Stops and starts counters without a jump in their values. */
export function writeInhibit(value: u64, start: u64): void {
  const old = load<u64>(MCOUNTINHIBIT);
  const changed = (old ^ value) & INHIBIT_MASK;
  if (changed & COUNTER_CYCLE) switchCounter(MCYCLE_OFFSET, old & COUNTER_CYCLE, start);
  if (changed & COUNTER_INSTRET) switchCounter(MINSTRET_OFFSET, old & COUNTER_INSTRET, start);
  store<u64>(MCOUNTINHIBIT, value & INHIBIT_MASK);
}

function switchCounter(offsetCell: usize, wasStopped: u64, start: u64): void {
  const offset = load<u64>(offsetCell);
  store<u64>(offsetCell, wasStopped ? offset - start : offset + start);
}
