// Who runs next: ready threads in turn, sleepers by deadline. Deterministic: order depends on nothing but the calls.
// Must not touch the machine; time is passed in.
import type { Thread } from '../thread.ts';

export class Scheduler {
  #ready: Thread[] = [];
  #head = 0;
  /** By deadline, earliest first. */
  readonly #sleepers: Thread[] = [];
  /** Threads blocked on a word of memory, by its absolute address. */
  readonly #words = new Map<number, Set<Thread>>();
  /** Blocked by a pause: they are as ready as before when it is over. */
  readonly #held = new Set<Thread>();

  enqueue(thread: Thread): void {
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

  /** Blocks the running thread; with a deadline, or in a call with a limit, it is woken with `timeoutResult` then. */
  block(thread: Thread, waitsFor: string, wanted?: bigint, timeoutResult = 0): void {
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

  /** Blocks on words of memory: woken by wakeOn with the index of the word, or at the deadline with `timeoutResult`. */
  blockOn(thread: Thread, words: readonly number[], deadline: bigint | undefined, timeoutResult: number): void {
    this.block(thread, words.map((word) => `word 0x${word.toString(16)}`).join(' or '), deadline, timeoutResult);
    thread.words = words;
    for (const word of words) this.#words.set(word, (this.#words.get(word) ?? new Set()).add(thread));
  }

  /** Does a thread wait for this word? */
  isWaitedFor(word: number): boolean {
    return this.#words.has(word);
  }

  /** Wakes at most `count` threads blocked on the word, longest waiting first; how many were. */
  wakeOn(word: number, count: number): number {
    const woken = [...(this.#words.get(word) ?? [])].slice(0, count);
    for (const thread of woken) this.wake(thread, thread.words.indexOf(word));
    return woken.length;
  }

  wakeAll(word: number): void {
    this.wakeOn(word, Infinity);
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
    for (const word of thread.words) {
      const waiters = this.#words.get(word);
      waiters?.delete(thread);
      if (waiters?.size === 0) this.#words.delete(word);
    }
    thread.words = [];
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
