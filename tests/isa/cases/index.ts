// All instruction cases by subject.
import { ATOMIC } from './atomic.ts';
import { COMPRESSED } from './compressed.ts';
import { CONTROL } from './control.ts';
import { FLOAT } from './float.ts';
import { BITS, INTEGER } from './integer.ts';
import { MEMORY } from './memory.ts';

export const ALL_CASES: Readonly<Record<string, string>> = {
  'integer computation': INTEGER,
  'bit manipulation': BITS,
  'branches, jumps and fetches': CONTROL,
  'loads and stores': MEMORY,
  'atomics': ATOMIC,
  'compressed instructions': COMPRESSED,
  'floating point': FLOAT,
};
