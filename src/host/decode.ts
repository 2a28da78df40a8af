// Decodes instruction words with the core's own instruction table (assembly/isa): row, registers, immediate.
// A host-side view for the disassembler and the trace; the machine decodes for itself.
import { compressedRegister } from '../../assembly/isa/compressed.ts';
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS, OPERATIONS } from '../../assembly/isa/instructions.ts';
import type { CompressedInstruction, Instruction, Operation } from '../../assembly/isa/instructions.ts';

export type ExecutionMode = 'int' | 'cap';

export interface Decoded {
  /** The word; 16-bit encodings in the low half. */
  readonly raw: number;
  readonly sizeBytes: 2 | 4;
  /** The 32-bit instruction it is or stands for. */
  readonly instruction: Instruction;
  /** The row of the 16-bit encoding. */
  readonly compressed: CompressedInstruction | undefined;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly immediate: number;
}

interface Tables {
  /** By bits 6:2 of the word. */
  readonly wide: readonly (readonly Instruction[])[];
  /** By bits 15:13 and 1:0 of the parcel. */
  readonly compressed: readonly (readonly CompressedInstruction[])[];
  readonly byName: ReadonlyMap<string, Instruction>;
}

const tables: Partial<Record<ExecutionMode, Tables>> = {};
let operations: ReadonlyMap<string, Operation> | undefined;

/** Bytes of the instruction whose first parcel this is (16 and 32 bits are what the machine has). */
export const instructionSize = (parcel: number): 2 | 4 => ((parcel & 3) === 3 ? 4 : 2);

/** Decodes `raw`; undefined: not an instruction in this mode. */
export function decodeInstruction(raw: number, mode: ExecutionMode): Decoded | undefined {
  const table = (tables[mode] ??= buildTables(mode));
  if (instructionSize(raw) === 2) return decodeCompressed(raw & 0xffff, table);
  const word = raw >>> 0;
  const row = table.wide[(word >>> 2) & 31].find(({ match, mask }) => (word & mask) >>> 0 === match >>> 0);
  if (row === undefined) return undefined;
  return {
    raw: word,
    sizeBytes: 4,
    instruction: row,
    compressed: undefined,
    rd: (word >>> 7) & 31,
    rs1: (word >>> 15) & 31,
    rs2: (word >>> 20) & 31,
    rs3: word >>> 27,
    immediate: immediateOf(word, row.immediate),
  };
}

/** The operation that a decoded instruction runs: says what it does to memory. */
export function operationOf(decoded: Decoded): Operation {
  operations ??= new Map(OPERATIONS.map((operation) => [operation.name, operation]));
  return operations.get(decoded.instruction.operation)!;
}

function buildTables(mode: ExecutionMode): Tables {
  const exists = (row: { mode: string }): boolean => row.mode === 'any' || row.mode === mode;
  const wide: Instruction[][] = Array.from({ length: 32 }, () => []);
  const compressed: CompressedInstruction[][] = Array.from({ length: 32 }, () => []);
  const byName = new Map<string, Instruction>();
  for (const row of INSTRUCTIONS.filter(exists)) {
    wide[(row.match >>> 2) & 31].push(row);
    byName.set(row.name, row);
  }
  for (const row of COMPRESSED_INSTRUCTIONS.filter(exists)) compressed[compressedBucket(row.match)].push(row);
  return { wide, compressed, byName };
}

const compressedBucket = (parcel: number): number => ((parcel >>> 13) << 2) | (parcel & 3);

function decodeCompressed(parcel: number, table: Tables): Decoded | undefined {
  const row = table.compressed[compressedBucket(parcel)].find(({ match, mask }) => (parcel & mask) === match);
  if (row === undefined) return undefined;
  const immediate = compressedImmediate(row, parcel);
  const rd = row.rd === undefined ? 0 : compressedRegister(row.rd, parcel);
  const rs2 = row.rs2 === undefined ? 0 : compressedRegister(row.rs2, parcel);
  const reserved = { 'rd=0': rd === 0 && row.rd !== 0, 'rs2=0': rs2 === 0, 'imm=0': immediate === 0 };
  const jumpToNowhere = row.reservedIf?.includes('rd=0') === true && ((parcel >> 7) & 31) === 0;
  if (jumpToNowhere || row.reservedIf?.some((condition) => reserved[condition]) === true) return undefined;
  const instruction = table.byName.get(row.expansion);
  if (instruction === undefined) return undefined;
  return {
    raw: parcel,
    sizeBytes: 2,
    instruction,
    compressed: row,
    rd,
    rs1: row.rs1 === undefined ? 0 : compressedRegister(row.rs1, parcel),
    rs2,
    rs3: 0,
    immediate,
  };
}

function compressedImmediate(row: CompressedInstruction, parcel: number): number {
  let value = 0;
  let top = 0;
  for (const [from, width, to] of row.scatter ?? []) {
    value |= ((parcel >> from) & ((1 << width) - 1)) << to;
    top = Math.max(top, to + width);
  }
  return row.signed === true && top > 0 ? (value << (32 - top)) >> (32 - top) : value;
}

/** Immediate by format (Unprivileged 2.3), as a signed number; csr and rm formats as unsigned fields. */
function immediateOf(word: number, format: Instruction['immediate']): number {
  switch (format) {
    case 'I':
      return word >> 20;
    case 'S':
      return ((word >> 25) << 5) | ((word >>> 7) & 31);
    case 'B':
      return ((word >> 31) << 12) | ((word & 0x80) << 4) | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e);
    case 'U':
      return word & 0xfffff000;
    case 'J':
      return ((word >> 31) << 20) | (word & 0xff000) | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe);
    case 'shamt5':
      return (word >>> 20) & 31;
    case 'shamt6':
      return (word >>> 20) & 63;
    case 'uimm12':
    case 'csr':
      return word >>> 20;
    case 'rm':
    case 'rm+rs3':
      return (word >>> 12) & 7;
    default:
      return 0;
  }
}
