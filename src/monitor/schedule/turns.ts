// The run: one thread's turn after the other, until there is a reason to stop. While all sleep, time passes: at once, or
// as it does outside while host code may wake somebody.
import { passTime } from '../../host/index.ts';
import type { Kernel } from '../kernel.ts';
import type { MonitorOptions, MonitorStop, RunOptions } from '../options.ts';
import { Attendance } from './attendance.ts';
import { earlier } from './lives.ts';

const SLICE_DEFAULT = 200_000;
const EVENT_LOOP_MILLISECONDS = 40;

export class Turns {
  readonly attendance = new Attendance();
  readonly #kernel: Kernel;
  readonly #slice: bigint;
  readonly #onEnd: MonitorOptions['onEnd'];

  constructor(kernel: Kernel, { slice, onEnd }: MonitorOptions) {
    this.#kernel = kernel;
    this.#slice = BigInt(slice ?? SLICE_DEFAULT);
    this.#onEnd = onEnd;
    kernel.scheduler.onReady = () => this.attendance.notify();
  }

  async run(options: RunOptions): Promise<MonitorStop['reason']> {
    const end = options.budget === undefined ? undefined : this.#spent + options.budget;
    let lastPause = performance.now();
    for (;;) {
      const reason = this.#whyStop(options, end);
      if (reason !== undefined && reason !== 'idle') return reason;
      if (reason === undefined) this.#turn(end === undefined ? this.#slice : end - this.#spent);
      const isDue = performance.now() - lastPause >= EVENT_LOOP_MILLISECONDS;
      const isHurried = this.attendance.takeHurry();
      if (isDue || reason === 'idle') options.onProgress?.();
      const held = options.hold?.();
      if (held !== undefined) await held;
      else if (reason === 'idle') await this.#idle(options.signal);
      else if (isDue || (isHurried && this.#kernel.scheduler.hasReady))
        await new Promise((resolve) => setTimeout(resolve, 0));
      else continue;
      this.attendance.throwFailure();
      lastPause = performance.now();
    }
  }

  /** What a budget is about: instructions, and faults, which may come without one. */
  get #spent(): bigint {
    return this.#kernel.machine.instructions + this.#kernel.faults;
  }

  /** A reason to stop, or undefined when a thread is ready; idle: host code is to be waited for. */
  #whyStop({ signal, background }: RunOptions, end: bigint | undefined): MonitorStop['reason'] | 'idle' | undefined {
    const { lives, scheduler, now } = this.#kernel;
    for (const cvm of lives.due(now)) this.#kernel.end(cvm, 'killed', `lived its ${cvm.limits.deadline} ns`);
    for (const cvm of lives.ended) {
      lives.ended.delete(cvm);
      this.#onEnd?.(cvm);
    }
    if (signal?.aborted === true) return 'aborted';
    if (end !== undefined && this.#spent >= end) return 'budget';
    if (!lives.hasRunning(background === true)) return 'ended';
    scheduler.wakeDue(now);
    if (scheduler.hasReady) return undefined;
    if (this.attendance.isExpected) return 'idle';
    const next = this.#nextEvent;
    if (next === undefined) return lives.paused.size > 0 ? 'paused' : 'deadlock';
    this.#pass(next - now);
    return undefined;
  }

  get #nextEvent(): bigint | undefined {
    return earlier(this.#kernel.scheduler.earliestDeadline, this.#kernel.lives.nextDeath);
  }

  /** Everybody waits: for host code, or for a time, which comes as it does outside. */
  async #idle(signal: AbortSignal | undefined): Promise<void> {
    const next = this.#nextEvent;
    const left = next === undefined ? undefined : next - this.#kernel.now;
    const passed = await this.attendance.wait(left, signal);
    if (left !== undefined) this.#pass(passed < left ? passed : left);
  }

  #pass(nanoseconds: bigint): void {
    this.#kernel.idleTime += nanoseconds;
    passTime(this.#kernel.machine, nanoseconds);
    this.#kernel.scheduler.wakeDue(this.#kernel.now);
  }

  #turn(left: bigint): void {
    const { scheduler, executor } = this.#kernel;
    const thread = scheduler.next();
    if (thread === undefined) return;
    executor.endOverdueCalls(thread);
    if (!this.#kernel.isHeld(thread)) executor.turn(thread, left < this.#slice ? left : this.#slice);
    this.#settle();
    // The limits of calls count while it is held: also of those that it has made in this turn.
    if (this.#kernel.isHeld(thread)) executor.endOverdueCalls(thread);
    if (thread.state === 'running' && this.#kernel.isHeld(thread)) scheduler.hold(thread, 'a resume');
    if (thread.state === 'running') scheduler.enqueue(thread);
    this.#kernel.hostCode.rethrow();
  }

  /** A turn has ended: whoever waits for what happened in it is told. */
  #settle(): void {
    const { bells, crowded, scheduler } = this.#kernel;
    bells.listen();
    for (const stream of crowded) {
      const isWaitedFor = stream.senderKey !== undefined && scheduler.isWaitedFor(stream.senderKey);
      if (isWaitedFor && !stream.takesMore) continue;
      crowded.delete(stream);
      if (isWaitedFor) scheduler.changed(stream.senderKey!);
    }
  }
}
