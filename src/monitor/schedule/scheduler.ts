// Who runs next: ready threads in turn, sleepers by deadline. Deterministic: order depends on nothing but the calls.
// Must not touch the machine; time is passed in.
import type { Thread } from '../thread.ts';
import type { Condition } from '../types.ts';

const NOTHING: readonly Condition[] = [];

export class Scheduler {
  #ready: Thread[] = [];
  #head = 0;
  /** By deadline, earliest first. */
  readonly #sleepers: Thread[] = [];
  /** Threads blocked on a word of memory, by its absolute address, longest waiting first. */
  readonly #words = new Map<number, Thread[]>();
  /** Blocked by a pause: they are as ready as before when it is over. */
  readonly #held = new Set<Thread>();
  /** Called whenever somebody gets ready. */
  onReady: (() => void) | undefined;

  enqueue(thread: Thread): void {
    this.onReady?.();
    thread.state = 'ready';
    this.#ready.push(thread);
  }

  /** The next ready thread, now running. */
  next(): Thread | undefined {
    while (this.#head < this.#ready.length) {
      const thread = this.#ready[this.#head++];
      if (this.#head > 1024) {
        this.#ready = this.#ready.slice(this.#head);
        this.#head = 0;
      }
      // A thread killed while it was in the queue is skipped here.
      if (thread.state !== 'ready') continue;
      thread.state = 'running';
      return thread;
    }
    return undefined;
  }

  /**
   * Blocks the running thread; with a deadline, or in a call with a limit, it is woken with `timeoutResult` then. Not one
   * that host code has ended or moved meanwhile.
   */
  block(thread: Thread, waitsFor: string, wanted?: bigint, timeoutResult = 0): void {
    if (thread.state !== 'running' || thread.evicted) return;
    const { limit } = thread;
    const deadline = wanted === undefined || (limit !== undefined && limit < wanted) ? limit : wanted;
    thread.state = 'blocked';
    thread.waitsFor = waitsFor;
    thread.deadline = deadline;
    thread.timeoutResult = timeoutResult;
    if (deadline === undefined) return;
    const at = this.#sleepers.findIndex((other) => (other.deadline ?? 0n) > deadline);
    this.#sleepers.splice(at < 0 ? this.#sleepers.length : at, 0, thread);
  }

  /** Makes a blocked thread ready, with the result of the hostcall it blocked in. */
  wake(thread: Thread, result: number | bigint): void {
    if (thread.state !== 'blocked') return;
    if (!this.#held.has(thread)) thread.setResult(result);
    this.forget(thread);
    this.enqueue(thread);
  }

  /** Blocks until one of these: woken with its index, or at the deadline with `timeoutResult`. */
  blockOn(thread: Thread, conditions: readonly Condition[], deadline: bigint | undefined, timeoutResult: number): void {
    this.block(thread, '', deadline, timeoutResult);
    if (thread.state !== 'blocked') return;
    thread.conditions = conditions;
    for (const { key } of conditions) {
      const waiters = this.#words.get(key);
      if (waiters === undefined) this.#words.set(key, [thread]);
      else if (waiters[waiters.length - 1] !== thread) waiters.push(thread);
    }
  }

  /** Does a thread wait for this word? */
  isWaitedFor(word: number): boolean {
    return this.#words.has(word);
  }

  /** Wakes at most `count` threads blocked on the word, longest waiting first; how many were. */
  wakeOn(word: number, count: number): number {
    const woken = this.#words.get(word)?.slice(0, count) ?? [];
    for (const thread of woken)
      this.wake(
        thread,
        thread.conditions.findIndex(({ key }) => key === word),
      );
    return woken.length;
  }

  /** Something has changed there: who waits for what is so now goes on; the others wait on. */
  changed(word: number): void {
    const waiters = this.#words.get(word);
    if (waiters === undefined) return;
    for (const thread of [...waiters]) {
      const met = thread.conditions.findIndex(({ isMet }) => isMet());
      if (met >= 0) this.wake(thread, met);
    }
  }

  /** Blocks a thread until the next release. */
  hold(thread: Thread, waitsFor: string): void {
    this.block(thread, waitsFor);
    this.#held.add(thread);
  }

  release(): void {
    for (const thread of this.#held) {
      this.forget(thread);
      this.enqueue(thread);
    }
  }

  /** It waits for nothing any more. */
  forget(thread: Thread): void {
    thread.waitsFor = '';
    this.#held.delete(thread);
    this.#forgetWords(thread);
    if (thread.deadline === undefined) return;
    thread.deadline = undefined;
    const at = this.#sleepers.indexOf(thread);
    if (at >= 0) this.#sleepers.splice(at, 1);
  }

  #forgetWords(thread: Thread): void {
    for (const { key } of thread.conditions) {
      const waiters = this.#words.get(key);
      const at = waiters === undefined ? -1 : waiters.indexOf(thread);
      if (at >= 0 && waiters!.length === 1) this.#words.delete(key);
      else if (at >= 0) waiters!.splice(at, 1);
    }
    thread.conditions = NOTHING;
  }

  /** Wakes all sleepers whose time has come. */
  wakeDue(now: bigint): void {
    for (let first = this.#sleepers[0]; first !== undefined && first.deadline! <= now; first = this.#sleepers[0]) {
      this.wake(first, first.timeoutResult);
    }
  }

  get earliestDeadline(): bigint | undefined {
    return this.#sleepers[0]?.deadline;
  }

  get hasReady(): boolean {
    for (let i = this.#head; i < this.#ready.length; i++) if (this.#ready[i].state === 'ready') return true;
    return false;
  }
}
