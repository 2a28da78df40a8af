// All instruction cases by subject.
import { CONTROL } from './control.ts';
import { BITS, INTEGER } from './integer.ts';
import { MEMORY } from './memory.ts';

export const ALL_CASES: Readonly<Record<string, string>> = {
  'integer computation': INTEGER,
  'bit manipulation': BITS,
  'branches, jumps and fetches': CONTROL,
  'loads and stores': MEMORY,
};
