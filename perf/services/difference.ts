// What one operation costs, of two runs that differ in their number of operations alone: start and end cancel out.

/** What a run took, whole. */
export interface Sample {
  /** Of the machine. */
  readonly instructions: number;
  /** Of these, the server's cVM; the rest is the client's. */
  readonly server: number;
  readonly charge: number;
}

export interface Cost extends Sample {
  readonly client: number;
}

/** Per operation, to a tenth. */
export function difference(short: Sample, long: Sample, operations: number): Cost {
  const each = (of: (sample: Sample) => number): number => Math.round(((of(long) - of(short)) / operations) * 10) / 10;
  return {
    instructions: each(({ instructions }) => instructions),
    server: each(({ server }) => server),
    client: each(({ instructions, server }) => instructions - server),
    charge: each(({ charge }) => charge),
  };
}
