// Host code that may yet wake a cVM: a run in which nobody is ready waits for it, instead of ending. It holds no
// authority; what it can do is make a run wait, look at the event loop sooner, or fail.

/** One party at the host, until it leaves. */
export interface Attendant {
  /** The run goes to the event loop after this turn: host code has something to do. */
  hurry(): void;
  /** run() throws this. */
  fail(error: unknown): void;
  leave(): void;
}

const LONGEST_MILLISECONDS = 2 ** 31 - 1;

export class Attendance {
  readonly #present = new Set<Attendant>();
  #notify: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #hurried = false;

  get isExpected(): boolean {
    return this.#present.size > 0;
  }

  attend(): Attendant {
    const attendant: Attendant = {
      hurry: () => (this.#hurried = true),
      fail: (error) => {
        this.#failure ??= { error };
        this.notify();
      },
      leave: () => {
        this.#present.delete(attendant);
        this.notify();
      },
    };
    this.#present.add(attendant);
    return attendant;
  }

  /** Was there a hurry since the last time? */
  takeHurry(): boolean {
    const hurried = this.#hurried;
    this.#hurried = false;
    return hurried;
  }

  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /** A thread is ready, a cVM has ended, somebody has left: there may be something to do. */
  notify(): void {
    this.#notify?.();
  }

  /** Until then, or for so long, or until `signal`; nanoseconds that it took. */
  async wait(nanoseconds: bigint | undefined, signal: AbortSignal | undefined): Promise<bigint> {
    const begin = performance.now();
    await new Promise<void>((resolve) => {
      const milliseconds = Math.min(Math.ceil(Number(nanoseconds ?? 0n) / 1e6), LONGEST_MILLISECONDS);
      const timer = nanoseconds === undefined ? undefined : setTimeout(() => this.notify(), milliseconds);
      const onAbort = (): void => this.notify();
      signal?.addEventListener('abort', onAbort);
      this.#notify = () => {
        this.#notify = undefined;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
    });
    return BigInt(Math.round((performance.now() - begin) * 1e6));
  }
}
