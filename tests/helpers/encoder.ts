// Turns an instruction name and field values into its word, from the patterns in encodings.ts.
import { PATTERNS } from './encodings.ts';

export type Fields = Readonly<Partial<Record<'d' | 's' | 't' | 'u' | 'm' | 'q' | 'l' | 'z' | 'p' | 'w' | 'i', number>>>;

/** A run of bits: `count` bits of `field` from bit `from` upwards, placed at bit `at` of the word. */
type Slice = {
  field: keyof Fields | 'literal';
  from: number;
  count: number;
  at: number;
  value: number;
  prime: boolean;
};
export type Pattern = { name: string; sizeBytes: number; slices: readonly Slice[] };

const WIDTH: Record<string, number> = { d: 5, s: 5, t: 5, u: 5, z: 5, m: 3, D: 3, S: 3, T: 3, p: 4, w: 4, q: 1, l: 1 };

function immediateRuns(token: string): { from: number; count: number }[] {
  return token
    .slice(2, -1)
    .split('|')
    .map((run) => {
      const [high = 0, low = high] = run.split(':').map(Number);
      return { from: low, count: high - low + 1 };
    });
}

function parseToken(token: string): Omit<Slice, 'at'>[] {
  if (/^[01]+$/.test(token))
    return [{ field: 'literal', from: 0, count: token.length, value: parseInt(token, 2), prime: false }];
  if (token.startsWith('i['))
    return immediateRuns(token).map((run) => ({ field: 'i', value: 0, prime: false, ...run }));
  const count = WIDTH[token];
  if (count === undefined) throw new Error(`encodings: unknown token '${token}'`);
  return [
    { field: token.toLowerCase() as keyof Fields, from: 0, count, value: 0, prime: token !== token.toLowerCase() },
  ];
}

function parsePattern(line: string): Pattern {
  const [name = '', ...tokens] = line.trim().split(/\s+/);
  const runs = tokens.flatMap(parseToken);
  const bits = runs.reduce((sum, run) => sum + run.count, 0);
  if (bits !== 16 && bits !== 32) throw new Error(`encodings: ${name} has ${bits} bits`);
  let at = bits;
  return { name, sizeBytes: bits / 8, slices: runs.map((run) => ({ ...run, at: (at -= run.count) })) };
}

export const patterns: ReadonlyMap<string, Pattern> = new Map(
  PATTERNS.trim()
    .split('\n')
    .map(parsePattern)
    .map((pattern) => [pattern.name, pattern]),
);

export function patternOf(name: string): Pattern {
  const pattern = patterns.get(name);
  if (pattern === undefined) throw new Error(`encodings: no instruction '${name}'`);
  return pattern;
}

/** Instruction word of `name`; fields that are absent count as 0. Registers of compressed 3-bit fields are given as 8..15. */
export function encode(name: string, fields: Fields = {}): number {
  let word = 0;
  for (const slice of patternOf(name).slices) {
    const value = slice.field === 'literal' ? slice.value : (fields[slice.field] ?? 0) - (slice.prime ? 8 : 0);
    if (slice.prime && (value < 0 || value > 7)) throw new Error(`${name}: ${slice.field} must be x8..x15`);
    // Immediates are at most 32 bits wide, so arithmetic shifts keep their sign bits.
    word |= ((value >> slice.from) & (2 ** slice.count - 1)) << slice.at;
  }
  return word >>> 0;
}

/** The word with every field zero, and the mask of its fixed bits. */
export function matchAndMask(pattern: Pattern): { match: number; mask: number } {
  let match = 0;
  let mask = 0;
  for (const { field, count, value, at } of pattern.slices) {
    if (field !== 'literal') continue;
    match |= value << at;
    mask |= (2 ** count - 1) << at;
  }
  return { match: match >>> 0, mask: mask >>> 0 };
}

/** Readable form for reports, e.g. `c.sw S=8 T=9 i=4`. */
export function describe(name: string, fields: Fields): string {
  const used = new Set(patternOf(name).slices.map((slice) => slice.field));
  const parts = Object.entries(fields)
    .filter(([field]) => used.has(field as keyof Fields))
    .map(([field, value]) => `${field}=${value}`);
  return [name, ...parts].join(' ');
}
