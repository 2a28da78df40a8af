// All instruction cases by subject.
import { ATOMIC } from './atomic.ts';
import { CHERI_DERIVE, CHERI_SEAL } from './cheri-derive.ts';
import { CHERI_INSPECT } from './cheri-inspect.ts';
import { CHERI_JUMP, CHERI_SPECIAL } from './cheri-jump.ts';
import { CHERI_MEMORY } from './cheri-memory.ts';
import { COMPRESSED } from './compressed.ts';
import { CONTROL } from './control.ts';
import { FLOAT } from './float.ts';
import { BITS, INTEGER } from './integer.ts';
import { MEMORY } from './memory.ts';
import { RELOCATED, SYSTEM } from './system.ts';

export const ALL_CASES: Readonly<Record<string, string>> = {
  'integer computation': INTEGER,
  'bit manipulation': BITS,
  'branches, jumps and fetches': CONTROL,
  'loads and stores': MEMORY,
  atomics: ATOMIC,
  'compressed instructions': COMPRESSED,
  'floating point': FLOAT,
  'capabilities: reading': CHERI_INSPECT,
  'capabilities: deriving': CHERI_DERIVE,
  'capabilities: sealing': CHERI_SEAL,
  'capabilities: jumps': CHERI_JUMP,
  'capabilities: special registers': CHERI_SPECIAL,
  'capabilities: memory': CHERI_MEMORY,
  'system instructions and traps': SYSTEM,
  'relocated addressing': RELOCATED,
};
