// Which cVMs are running, are paused, have ended, and how long they may live. Counts and sets: it holds no authority.
import type { Cvm } from '../cvm.ts';

export class Lives {
  readonly #running = { foreground: 0, background: 0 };
  readonly #mortal = new Set<Cvm>();
  readonly paused = new Set<Cvm>();
  /** Those that the host did not end, until it hears of them. */
  readonly ended = new Set<Cvm>();

  begin(cvm: Cvm, now: bigint): void {
    cvm.state = 'running';
    this.#running[cvm.background ? 'background' : 'foreground']++;
    if (cvm.limits.deadline === undefined) return;
    cvm.diesAt = now + cvm.limits.deadline;
    this.#mortal.add(cvm);
  }

  setPaused(cvm: Cvm, paused: boolean): void {
    cvm.state = paused ? 'paused' : 'running';
    this.paused[paused ? 'add' : 'delete'](cvm);
  }

  /** A cVM that has begun, or not, is about to end; it is not paused. */
  finish(cvm: Cvm): void {
    if (cvm.state === 'running') this.#running[cvm.background ? 'background' : 'foreground']--;
    this.#mortal.delete(cvm);
    this.ended.add(cvm);
  }

  /** Does somebody run for whom a run goes on? */
  hasRunning(background: boolean): boolean {
    return this.#running.foreground + (background ? this.#running.background : 0) > 0;
  }

  /** Those whose time is over. */
  due(now: bigint): Cvm[] {
    return [...this.#mortal].filter(({ diesAt }) => diesAt! <= now);
  }

  /** When the next one's is. */
  get nextDeath(): bigint | undefined {
    return [...this.#mortal].map(({ diesAt }) => diesAt!).reduce<bigint | undefined>(earlier, undefined);
  }
}

/** The first of two times, of which either may be never. */
export function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
