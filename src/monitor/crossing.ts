// Where a thread is: at home, or in a cVM that it called; and how it gets out when that one is gone.
// The switcher keeps the crossing stack (thread record, abi.ts); this reads it, and pops frames as gate_return would.
// Trust: thread records are the switcher's; the ra, sp and s registers in a frame are the caller's own numbers.
import { CONTEXT_DDC, CONTEXT_PCC, ThreadContext } from '../host/index.ts';
import type { GuestMemory } from '../host/index.ts';
import * as abi from './abi.ts';
import type { Cvm } from './cvm.ts';
import type { Region } from './carve.ts';
import type { Kernel } from './kernel.ts';
import type { Label } from './switcher.ts';
import type { Thread } from './thread.ts';
import type { Binding } from './types.ts';

const RA = 1;
const A0 = 10;
const C31 = 31;
/** Of `time`. */
const NANOSECONDS_PER_TICK = 100n;
/** ra, sp, gp, tp, s0 .. s11 in the order of a frame, from FRAME_RA. */
const SAVED = [1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];
/** Registers of the switcher in its windows, see switcher.S. */
const T2 = 7;
const T4 = 29;
const T5 = 30;

export class Crossings {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get #memory(): GuestMemory {
    return this.#kernel.machine.memory;
  }

  /** A record for a thread that may call. Undefined: no memory. */
  open(): Thread['record'] {
    const record = this.#kernel.switcher.allocate(abi.THREAD_SIZE);
    if (record === undefined) return undefined;
    this.#memory.writeU64(record.base + abi.THREAD_TOP, BigInt(abi.THREAD_FRAMES));
    this.#memory.writeU64(record.base + abi.THREAD_LIMIT, BigInt(abi.THREAD_SIZE));
    return record;
  }

  /** The calls that a thread is in, outermost first. */
  path(thread: Thread): Binding[] {
    const depth = this.#depth(thread);
    return Array.from({ length: depth }, (_, index) =>
      this.#kernel.calls.ofRecord(Number(this.#frameWord(thread, index, abi.FRAME_BIND)))!,
    );
  }

  /** The cVM whose code the thread is executing, or executed last. */
  whereIs(thread: Thread): Cvm {
    const depth = this.#depth(thread);
    if (depth === 0) return thread.cvm;
    return this.#kernel.calls.ofRecord(Number(this.#frameWord(thread, depth - 1, abi.FRAME_BIND)))!.entry.callee;
  }

  /**
   * Takes a stopped thread (its registers in its context) out of all but its `keep` outermost calls; it goes on in that
   * caller with `error` as the result, or further out where a return address is not in the caller's code. False: it
   * cannot go on even at home.
   */
  unwind(thread: Thread, keep: number, error: number): boolean {
    for (let depth = keep; depth >= 0; depth--) {
      const caller = depth === 0 ? thread.cvm : this.path(thread)[depth - 1].entry.callee;
      const saved = this.#saved(thread, depth);
      this.#free(thread, depth);
      if (goOn(thread, caller, saved, [BigInt(error)])) return true;
    }
    return false;
  }

  /**
   * The gate with this record is about to go: a stopped thread that is in it, on its way into a callee (not yet there) or
   * back (no longer there) or sending, is set down at the caller. Undefined: it is elsewhere. False: as unwind.
   */
  setDown(thread: Thread, record: Region): boolean | undefined {
    const { context } = thread;
    const depth = this.#depth(thread);
    if (this.#isBetween(thread, 'return_window', 'return_trap')) {
      if (Number(this.#frameWord(thread, depth, abi.FRAME_BIND)) !== record.base) return undefined;
      this.freeInWindow(thread);
      return goOn(thread, this.whereIs(thread), this.#saved(thread, depth), [context.x(A0), context.x(A0 + 1)]);
    }
    const isOnWay =
      this.#isBetween(thread, 'gate_call', 'call_window_end') ||
      this.#isBetween(thread, 'call_refused', 'gate_return') ||
      this.#isBetween(thread, 'gate_send', 'send_end');
    if (!isOnWay || Number(context.capability(C31).address) !== record.base) return undefined;
    this.freeInWindow(thread);
    return goOn(thread, this.whereIs(thread), SAVED.map((register) => context.x(register)), [BigInt(-abi.EPIPE)]); // prettier-ignore
  }

  /** When the first of its calls is over that has a limit, and the number of calls around that one. */
  limit(thread: Thread): { readonly time: bigint; readonly depth: number } | undefined {
    const { now } = this.#kernel;
    let first: { time: bigint; depth: number } | undefined;
    for (let depth = this.#depth(thread) - 1; depth >= 0; depth--) {
      const nanoseconds = this.#frameWord(thread, depth, abi.FRAME_LIMIT);
      const since = this.#frameWord(thread, depth, abi.FRAME_SINCE) * NANOSECONDS_PER_TICK;
      // The guests' clock wraps at 64 bits, the monitor's does not.
      const time = now - BigInt.asUintN(64, now - since) + nanoseconds;
      if (nanoseconds !== 0n && (first === undefined || time <= first.time)) first = { time, depth };
    }
    return first;
  }

  /**
   * What a stopped thread is told that trapped in the middle of a send: the stream has gone, its address is wrong, or, once
   * the bytes are the receiver's, how many. Undefined: it is elsewhere.
   */
  answerOfSend(thread: Thread): bigint | undefined {
    const { context } = thread;
    if (!this.#isSending(thread)) return undefined;
    if (this.#isBetween(thread, 'send_sent', 'send_window_end')) return context.x(A0);
    const stream = this.#kernel.senders.get(Number(context.capability(C31).address));
    return BigInt(stream?.sender.broken === true ? -abi.EPIPE : -abi.EFAULT);
  }

  /** A thread is gone, wherever it was: its stacks are free, and so is its record. */
  close(thread: Thread): void {
    if (thread.record === undefined) return this.freeInWindow(thread);
    this.#free(thread, 0);
    this.#kernel.switcher.release(thread.record);
    thread.record = undefined;
  }

  #depth({ record }: Thread): number {
    if (record === undefined) return 0;
    return Number(this.#memory.readU64(record.base + abi.THREAD_TOP) - BigInt(abi.THREAD_FRAMES)) / abi.FRAME_SIZE;
  }

  #frameWord({ record }: Thread, index: number, offset: number): bigint {
    return this.#memory.readU64(record!.base + abi.THREAD_FRAMES + index * abi.FRAME_SIZE + offset);
  }

  /** Gives the stacks of all frames from `keep` on back, and the one that is not in a frame yet or any more. */
  #free(thread: Thread, keep: number): void {
    this.freeInWindow(thread);
    for (let index = this.#depth(thread) - 1; index >= keep; index--) {
      const slot = this.#frameWord(thread, index, abi.FRAME_SLOT);
      this.#memory.writeU64(slot, this.#frameWord(thread, index, abi.FRAME_STACK));
    }
    this.#memory.writeU64(thread.record!.base + abi.THREAD_TOP, BigInt(abi.THREAD_FRAMES + keep * abi.FRAME_SIZE));
  }

  #saved(thread: Thread, index: number): bigint[] {
    return SAVED.map((_, at) => this.#frameWord(thread, index, abi.FRAME_RA + 8 * at));
  }

  /** A stopped thread does not go on in the switcher: gives back the stack, or the lock, that no frame says it has. */
  freeInWindow(thread: Thread): void {
    const { context } = thread;
    const claimed = context.x(T2);
    if (this.#isBetween(thread, 'call_window', 'call_window_end') && claimed !== 0n)
      this.#memory.writeU64(context.x(T5), claimed);
    if (this.#isBetween(thread, 'return_window', 'return_window_end'))
      this.#memory.writeU64(context.x(T4), context.x(T5));
    if (this.#isSending(thread) && context.x(T2) === 0n) {
      const record = context.capability(C31).address;
      this.#memory.writeU64(record + BigInt(abi.STREAM_LOCK), 0n);
      this.#kernel.senders.get(Number(record))?.rung();
    }
  }

  #isSending(thread: Thread): boolean {
    return this.#isBetween(thread, 'send_window', 'send_window_end');
  }

  #isBetween({ context }: Thread, from: Label, to: Label): boolean {
    const { address } = context.capability(CONTEXT_PCC);
    return address >= BigInt(this.#kernel.switcher.place(from)) && address < BigInt(this.#kernel.switcher.place(to));
  }
}

/** As the switcher leaves a thread at a caller: its own authority and saved registers, the results, its home's traps. */
function goOn(thread: Thread, caller: Cvm, saved: readonly bigint[], results: readonly bigint[]): boolean {
  const { pcc, ddc } = caller.resources;
  const context = new ThreadContext();
  SAVED.forEach((register, index) => context.setX(register, saved[index]));
  results.forEach((value, index) => context.setX(A0 + index, value));
  context.setCapability(CONTEXT_DDC, ddc);
  context.takeTrapsOf(thread.context);
  thread.context = context;
  const back = context.x(RA);
  if (!caller.isCode(back)) return false;
  context.setCapability(CONTEXT_PCC, { ...pcc, address: pcc.address + back });
  return true;
}
