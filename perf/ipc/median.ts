// Time on a machine that others use too: many short batches and their median, so that what disturbs some of them does
// not count.

const BATCHES = 15;
const BATCHES_LEAST = 3;
const ROUNDS_MOST = 1 << 20;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Nanoseconds of one round, as many batches measured it. `run` does so many rounds and says how many nanoseconds they
 * took; it is called until `milliseconds` are over, and some times at least.
 */
export function sampleRounds(run: (rounds: number) => number, milliseconds: number): number[] {
  const budget = milliseconds * 1e6;
  const rounds = roundsFor(run, budget / BATCHES);
  const samples: number[] = [];
  for (let spent = 0; samples.length < BATCHES_LEAST || (spent < budget && samples.length < 2 * BATCHES);) {
    const nanoseconds = run(rounds);
    samples.push(nanoseconds / rounds);
    spent += nanoseconds;
  }
  return samples;
}

/** How many rounds take about so long; finding out warms up. */
function roundsFor(run: (rounds: number) => number, nanoseconds: number): number {
  for (let rounds = 1; ; rounds *= 4) {
    const taken = Math.max(run(rounds), 1);
    if (taken * 4 < nanoseconds && rounds < ROUNDS_MOST) continue;
    return Math.min(ROUNDS_MOST, Math.max(1, Math.round((rounds * nanoseconds) / taken)));
  }
}
