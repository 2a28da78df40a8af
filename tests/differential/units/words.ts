// Units of random instruction words: reserved encodings must trap, and whatever is legal must do no harm.
import { matchAndMask, patterns, type Pattern } from '../../helpers/encoder.ts';
import { instruction, rawInstruction, type Context, type Unit } from '../snippet.ts';
import { isExcludedWord } from '../differences.ts';
import { base } from './arithmetic.ts';

const TABLE = [...patterns.values()].map((pattern) => ({ pattern, ...matchAndMask(pattern) }));
const LEAVES =
  /^(c\.)?(j|jr|jal|jalr|ebreak|beqz|bnez|[sf]?[lsf][bhwd]u?(sp)?|beq|bne|blt|bge|bltu|bgeu)$|^(amo|lr|sc|csr|fence|ecall|.ret|wfi|sfence)/;
const WRITES_F = /^c\.fl|^f(l[wd]|madd|msub|nm|add|sub|mul|div|sqrt|sgnj|min|max|cvt\.[sd]|mv\.[wd]\.x)/;

/** Most specific pattern that a word matches. */
function lookUp(word: number, sizeBytes: number): Pattern | undefined {
  return TABLE.filter(
    ({ pattern, match, mask }) => pattern.sizeBytes === sizeBytes && (word & mask) >>> 0 === match,
  ).sort((a, b) => bitCount(b.mask) - bitCount(a.mask))[0]?.pattern;
}

function bitCount(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}

function destinationOf(pattern: Pattern, word: number): number {
  const slice =
    pattern.slices.find(({ field }) => field === 'd') ??
    pattern.slices.find(({ field, prime }) => field === 's' && prime);
  if (slice === undefined) return 0;
  return ((word >>> slice.at) & (2 ** slice.count - 1)) + (slice.prime ? 8 : 0);
}

/** Safe: touches no memory, does not jump, and writes only a register that may be written. */
function isSafe(context: Context, word: number, sizeBytes: number): boolean {
  if (isExcludedWord(word, sizeBytes)) return false;
  const pattern = lookUp(word, sizeBytes);
  if (pattern === undefined) return true;
  if (LEAVES.test(pattern.name)) return false;
  if (pattern.name === 'c.addi16sp' || (pattern.name === 'c.lui' && ((word >>> 7) & 31) === 2))
    return context.free.includes(2);
  return WRITES_F.test(pattern.name) || context.free.includes(destinationOf(pattern, word));
}

// prettier-ignore
const OPCODES = [0x03, 0x07, 0x0b, 0x0f, 0x13, 0x17, 0x1b, 0x1f, 0x23, 0x27, 0x2b, 0x2f, 0x33, 0x37, 0x3b, 0x3f, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x53, 0x53,
  0x57, 0x63, 0x67, 0x6b, 0x6f, 0x73, 0x73, 0x77, 0x7b, 0x7f];

/** Reserved 16-bit encodings inside of instructions that random words avoid. */
// prettier-ignore
const RESERVED_16 = [
  0x0000, 0x0004, 0x001c, // c.addi4spn with immediate 0
  0x2001, 0x2015, // c.addiw x0
  0x4002, 0x4012, 0x6002, 0x6022, // c.lwsp x0, c.ldsp x0
  0x6101, 0x6281, 0x6001, // c.addi16sp 0, c.lui with immediate 0
  0x8002, // c.jr x0
  0x8000, 0x9c41, 0x9c61, 0x9fe5, // funct3 100 in quadrant 0, reserved register pairs
];

export function random16(context: Context): Unit {
  if (context.random.chance(0.2)) {
    const word = context.random.pick(RESERVED_16);
    return [rawInstruction(word, 2, `.half 0x${word.toString(16)} (reserved)`)];
  }
  for (let attempt = 0; attempt < 50; attempt++) {
    const word = context.random.below(0x10000);
    if ((word & 3) !== 3 && isSafe(context, word, 2))
      return [rawInstruction(word, 2, `.half 0x${word.toString(16)} ${lookUp(word, 2)?.name ?? '(reserved)'}`)];
  }
  return base(context);
}

export function random32(context: Context): Unit {
  for (let attempt = 0; attempt < 50; attempt++) {
    const word = ((context.random.u32() & ~0x7f) | context.random.pick(OPCODES)) >>> 0;
    if (isSafe(context, word, 4))
      return [rawInstruction(word, 4, `.word 0x${word.toString(16)} ${lookUp(word, 4)?.name ?? '(reserved)'}`)];
  }
  return base(context);
}

/** A legal instruction with one bit flipped: next to everything legal lies something reserved. */
export function neighbour(context: Context): Unit {
  const all = [...patterns.values()];
  for (let attempt = 0; attempt < 50; attempt++) {
    const pattern = context.random.pick(all);
    const bits = 8 * pattern.sizeBytes;
    const { match, mask } = matchAndMask(pattern);
    const noise = pattern.sizeBytes === 2 ? context.random.below(0x10000) : context.random.u32();
    const word = ((match | (noise & ~mask)) ^ (1 << context.random.below(bits))) >>> 0;
    const sizeBytes = (word & 3) === 3 ? 4 : 2;
    if (sizeBytes === pattern.sizeBytes && isSafe(context, word, sizeBytes))
      return [rawInstruction(word, sizeBytes, `.word 0x${word.toString(16)} near ${pattern.name}`)];
  }
  return [instruction('c.ebreak')];
}
