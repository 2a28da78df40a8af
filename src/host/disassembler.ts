// Text of instructions in the syntax of GNU objdump: `addi\ta0,a1,16`. With `aliases` (the default) the usual
// pseudo-instructions stand for their base forms (li, mv, ret, j, beqz ...) and compressed ones lose their `c.`.
import { C_NAMES, CSR_NAMES, F_NAMES, SCR_NAMES, X_NAMES } from './register-names.ts';
import { decodeInstruction, instructionSize } from './decode.ts';
import type { Decoded, ExecutionMode } from './decode.ts';
import { findAlias } from './disassembler-aliases.ts';
import type { SymbolTable } from './symbols.ts';

export interface DisassembleOptions {
  /** `cap`: as executed with PCC.flag set. */
  readonly mode?: ExecutionMode;
  /** Use pseudo-instructions. Default true. */
  readonly aliases?: boolean;
  /** Address of the instruction, to print branch targets instead of offsets. */
  readonly address?: bigint;
  readonly symbols?: SymbolTable;
}

export interface Disassembled {
  readonly sizeBytes: 2 | 4;
  readonly raw: number;
  readonly mnemonic: string;
  /** Operands without spaces, as objdump prints them. */
  readonly operands: string;
  /** Jump or branch target, if known. */
  readonly target: bigint | undefined;
  /** False: not an instruction; the text is a .insn directive. */
  readonly valid: boolean;
}

/** The rounding mode of fcsr: what an assembler means when it names none. */
const DYNAMIC = 7;
const ROUNDING: readonly string[] = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'unknown', 'unknown', 'dyn'];

/** Disassembles one instruction word (16-bit ones in the low half). */
export function disassemble(raw: number, options: DisassembleOptions = {}): Disassembled {
  const decoded = decodeInstruction(raw, options.mode ?? 'int');
  if (decoded === undefined) return unknown(raw);
  const target = targetOf(decoded, options.address);
  const alias = options.aliases === false ? undefined : findAlias(decoded);
  const named = alias ?? (options.aliases === false ? plainForm(decoded) : expandedForm(decoded));
  const operands = named.operands
    .map((operand) => formatOperand(operand, decoded, target, options))
    .filter((text) => text !== '')
    .join(',');
  return { sizeBytes: decoded.sizeBytes, raw: decoded.raw, mnemonic: named.mnemonic, operands, target, valid: true };
}

/** `mnemonic operands`, operands separated from the mnemonic by one blank. */
export function formatInstruction(raw: number, options: DisassembleOptions = {}): string {
  const { mnemonic, operands } = disassemble(raw, options);
  return operands === '' ? mnemonic : `${mnemonic} ${operands}`;
}

interface Form {
  readonly mnemonic: string;
  readonly operands: readonly string[];
}

/** The row's own name: `c.addi a0,1`, `fadd.s ft0,ft1,ft2,dyn`. */
function plainForm(decoded: Decoded): Form {
  const row = decoded.compressed ?? decoded.instruction;
  return { mnemonic: row.name + orderingSuffix(decoded), operands: splitSyntax(row.syntax) };
}

/** The 32-bit instruction that it is or stands for. */
function expandedForm(decoded: Decoded): Form {
  const { name, syntax } = decoded.instruction;
  return {
    mnemonic: name + orderingSuffix(decoded),
    operands: splitSyntax(syntax).map((operand) => (operand === 'rm' ? 'rm?' : operand)),
  };
}

const splitSyntax = (syntax: string): string[] => (syntax === '' ? [] : syntax.split(/,\s*/));

/** .aq/.rl of atomics. */
function orderingSuffix({ instruction, raw }: Decoded): string {
  if ((instruction.match & 0x7f) !== 0x2f) return '';
  return ['', '.rl', '.aq', '.aqrl'][(raw >>> 25) & 3];
}

function unknown(raw: number): Disassembled {
  const sizeBytes = instructionSize(raw);
  const text = `0x${(raw >>> 0).toString(16).padStart(sizeBytes * 2, '0')}`;
  return {
    sizeBytes,
    raw: raw >>> 0,
    mnemonic: '.insn',
    operands: `${sizeBytes},${text}`,
    target: undefined,
    valid: false,
  };
}

function targetOf({ instruction, immediate }: Decoded, address: bigint | undefined): bigint | undefined {
  if (address === undefined || (instruction.immediate !== 'B' && instruction.immediate !== 'J')) return undefined;
  return BigInt.asUintN(64, address + BigInt(immediate));
}

/** Text of one operand of the table's syntax; '' leaves it out. */
function formatOperand(
  operand: string,
  decoded: Decoded,
  target: bigint | undefined,
  options: DisassembleOptions,
): string {
  const memory = /^(\w*)\((\w+)\)$/.exec(operand);
  if (memory !== null) {
    const offset = memory[1] === '' ? '' : `${decoded.immediate}`;
    return `${offset}(${baseRegister(memory[2], decoded, options)})`;
  }
  const register = formatRegister(operand, decoded);
  if (register !== undefined) return register;
  switch (operand) {
    case 'offset':
      return formatTarget(decoded, target, options);
    case 'uimm20':
      return `0x${((decoded.immediate >>> 12) & 0xfffff).toString(16)}`;
    case 'shamt':
      return `0x${decoded.immediate.toString(16)}`;
    case 'csr':
      return CSR_NAMES.get(decoded.immediate) ?? `0x${decoded.immediate.toString(16)}`;
    case 'zimm':
      return `${decoded.rs1}`;
    case 'scr':
      return SCR_NAMES[decoded.rs2] ?? `scr${decoded.rs2}`;
    case 'rm':
      return EXACT_CONVERSIONS.has(decoded.instruction.name) ? '' : ROUNDING[decoded.immediate];
    case 'rm?':
      return decoded.immediate === DYNAMIC ? '' : formatOperand('rm', decoded, target, options);
    case 'fence':
      return `${fenceSet(decoded.raw >>> 24)},${fenceSet(decoded.raw >>> 20)}`;
    case 'quarter':
      return `0x${((decoded.raw >>> 18) & 3).toString(16)}`;
    case 'mask':
      return `0x${((((decoded.raw >>> 15) & 7) << 5) | decoded.rd).toString(16)}`;
    case 'imm':
    case 'uimm':
    case 'uimm12':
      return `${decoded.immediate}`;
    default:
      return operand;
  }
}

/** Conversions that cannot round: objdump does not show the mode that their encoding carries. */
const EXACT_CONVERSIONS: ReadonlySet<string> = new Set(['fcvt.d.w', 'fcvt.d.wu', 'fcvt.d.s']);

function formatRegister(operand: string, decoded: Decoded): string | undefined {
  const match = /^([fc]?)(rd|rs1|rs2|rs3|d|s1|s2|s3)$/.exec(operand);
  if (match === null) return undefined;
  const field = match[2].replace(/^r/, '');
  const number = field === 'd' ? decoded.rd : field === 's1' ? decoded.rs1 : field === 's2' ? decoded.rs2 : decoded.rs3;
  return (match[1] === 'f' ? F_NAMES : match[1] === 'c' ? C_NAMES : X_NAMES)[number];
}

/** Base of a load or store. Rows that exist in both modes say rs1 and mean a capability in capability mode. */
function baseRegister(name: string, decoded: Decoded, options: DisassembleOptions): string {
  const capability = name.startsWith('c') || (options.mode === 'cap' && decoded.compressed !== undefined);
  return (capability ? C_NAMES : X_NAMES)[decoded.rs1];
}

function formatTarget(decoded: Decoded, target: bigint | undefined, options: DisassembleOptions): string {
  if (target === undefined) return `.${decoded.immediate < 0 ? '-' : '+'}${Math.abs(decoded.immediate)}`;
  const symbol = options.symbols?.describe(target) ?? '';
  return symbol === '' ? `0x${target.toString(16)}` : `0x${target.toString(16)} ${symbol}`;
}

function fenceSet(bits: number): string {
  const set = ['i', 'o', 'r', 'w'].filter((_, index) => ((bits >>> (3 - index)) & 1) !== 0).join('');
  return set === '' ? 'unknown' : set;
}
