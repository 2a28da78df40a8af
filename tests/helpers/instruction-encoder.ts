// Operand texts to instruction words, by the syntax column of the instruction table.
import { CSR_NUMBERS, C_NAMES, F_NAMES, SCR_NAMES, X_NAMES } from '../../src/host/register-names.ts';
import type { CompressedInstruction, Instruction } from '../../assembly/isa/instructions.ts';

export type Operands = {
  readonly texts: readonly string[];
  readonly address: bigint;
  readonly value: (text: string) => bigint;
  /** aq and rl bits. */
  readonly ordering: number;
};

type Fields = Map<string, number>;

const ROUNDING = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'rm5', 'rm6', 'dyn'];
const SHIFT: Readonly<Record<string, number>> = { rd: 7, rs1: 15, rs2: 20, rs3: 27 };

export function registerNumber(text: string): number {
  const numeric = /^[xfc](\d+)$/.exec(text);
  const number = numeric === null ? nameNumber(text) : Number(numeric[1]);
  if (number < 0 || number > 31) throw new Error(`no register '${text}'`);
  return number;
}

function nameNumber(text: string): number {
  if (text === 'fp') return 8;
  for (const names of [X_NAMES, F_NAMES, C_NAMES]) if (names.includes(text)) return names.indexOf(text);
  return -1;
}

function csrNumber(text: string): number {
  const number = CSR_NUMBERS.get(text) ?? Number(text);
  if (!(number >= 0 && number < 4096)) throw new Error(`no CSR '${text}'`);
  return number;
}

function scrNumber(text: string): number {
  const found = Object.entries(SCR_NAMES).find(([, name]) => name === text);
  const number = found === undefined ? Number(text) : Number(found[0]);
  if (!(number >= 0 && number < 32)) throw new Error(`no special capability register '${text}'`);
  return number;
}

function roundingMode(text: string): number {
  const mode = ROUNDING.indexOf(text);
  if (mode < 0) throw new Error(`no rounding mode '${text}'`);
  return mode;
}

/** Field name of a register operand: rd, fs1, cs2 ... name positions, not register files. */
const position = (operand: string): string => operand.replace(/^[fc](?=d$)/, 'r').replace(/^[fc](?=s\d$)/, 'r');

/** Fields by the operands of `syntax`; a trailing rm may be left out and means dyn. */
function readFields(syntax: string, operands: Operands): Fields {
  const names = syntax === '' || syntax === 'fence' ? [] : syntax.split(/,\s*/);
  const fields: Fields = new Map();
  const missing = names.length - operands.texts.length;
  if (missing !== 0 && !(missing === 1 && names.at(-1) === 'rm')) throw new Error(`operands are: ${syntax}`);
  names.forEach((name, i) => readOperand(name, operands.texts[i] ?? 'dyn', operands, fields));
  return fields;
}

function readOperand(name: string, text: string, operands: Operands, fields: Fields): void {
  const memory = /^(\w*)\((\w+)\)$/.exec(name);
  if (memory !== null) {
    const given = /^([^(]*)\((\w+)\)$/.exec(text);
    if (given === null) throw new Error(`'${text}' is not ${name}`);
    fields.set(position(memory[2] as string), registerNumber(given[2] as string));
    if (memory[1] !== '') fields.set('imm', Number(operands.value(given[1] === '' ? '0' : (given[1] as string))));
    else if (given[1] !== '') throw new Error(`'${text}': no offset here`);
    return;
  }
  if (/^[rfc](d|s\d)$/.test(name)) fields.set(position(name), registerNumber(text));
  else if (name === 'csr') fields.set('csr', csrNumber(text));
  else if (name === 'scr') fields.set('scr', scrNumber(text));
  else if (name === 'rm') fields.set('rm', roundingMode(text));
  else if (name === 'offset') fields.set('imm', Number(operands.value(text) - operands.address));
  else if (name === 'sp' || name === 'csp') requireStackPointer(text);
  else
    fields.set(name === 'quarter' || name === 'mask' || name === 'zimm' ? name : 'imm', Number(operands.value(text)));
}

function requireStackPointer(text: string): void {
  if (registerNumber(text) !== 2) throw new Error(`'${text}' is not the stack pointer`);
}

const bits = (value: number, from: number, count: number): number => (value >> from) & (2 ** count - 1);

function requireRange(value: number, low: number, high: number, multiple = 1): void {
  if (value < low || value > high || value % multiple !== 0)
    throw new Error(`immediate ${value} is not in ${low}..${high}, multiple of ${multiple}`);
}

/** Immediate bits of a 32-bit format in place. */
function placeImmediate(format: Instruction['immediate'], fields: Fields): number {
  const imm = fields.get('imm') ?? 0;
  switch (format) {
    case 'I':
      requireRange(imm, -2048, 2047);
      return imm << 20;
    case 'S':
      requireRange(imm, -2048, 2047);
      return (bits(imm, 5, 7) << 25) | (bits(imm, 0, 5) << 7);
    case 'B':
      requireRange(imm, -4096, 4094, 2);
      return (bits(imm, 12, 1) << 31) | (bits(imm, 5, 6) << 25) | (bits(imm, 1, 4) << 8) | (bits(imm, 11, 1) << 7);
    case 'U':
      requireRange(imm, 0, 0xfffff);
      return imm << 12;
    case 'J':
      requireRange(imm, -(2 ** 20), 2 ** 20 - 2, 2);
      return (bits(imm, 20, 1) << 31) | (bits(imm, 1, 10) << 21) | (bits(imm, 11, 1) << 20) | (bits(imm, 12, 8) << 12);
    case 'shamt5':
      requireRange(imm, 0, 31);
      return imm << 20;
    case 'shamt6':
      requireRange(imm, 0, 63);
      return imm << 20;
    case 'uimm12':
      requireRange(imm, 0, 4095);
      return imm << 20;
    case 'csr':
      return ((fields.get('csr') ?? 0) << 20) | ((fields.get('zimm') ?? 0) << 15);
    default:
      return (fields.get('rm') ?? 0) << 12;
  }
}

/** A 32-bit word. */
export function encodeInstruction(row: Instruction, operands: Operands): number {
  const fields = readFields(row.syntax, operands);
  let word = row.match | placeImmediate(row.immediate, fields) | (operands.ordering << 25);
  for (const [name, shift] of Object.entries(SHIFT)) word |= (fields.get(name) ?? 0) << shift;
  word |= (fields.get('scr') ?? 0) << 20;
  // CClear and FPClear: quarter and the top of the mask where rs1 is, the rest of the mask where rd is.
  const mask = fields.get('mask') ?? 0;
  word |= ((fields.get('quarter') ?? 0) << 18) | (bits(mask, 5, 3) << 15) | (bits(mask, 0, 5) << 7);
  return word >>> 0;
}

// prettier-ignore
const FIELD_AT: Readonly<Record<string, { shift: number; prime: boolean }>> = {
  rd: { shift: 7, prime: false }, rs2: { shift: 2, prime: false }, rdp: { shift: 7, prime: true }, rs1p: { shift: 7, prime: true }, rs2p: { shift: 2, prime: true },
};

/** A 16-bit word. Immediates that the encoding cannot hold are refused by taking them apart and together again. */
export function encodeCompressed(row: CompressedInstruction, operands: Operands): number {
  const fields = readFields(row.syntax, operands);
  const upper = row.syntax.includes('uimm20') ? 12 : 0;
  const imm = (fields.get('imm') ?? 0) << upper;
  let word = row.match;
  let covered = 0;
  for (const [from, width, to] of row.scatter ?? []) {
    word |= bits(imm, to, width) << from;
    covered |= (2 ** width - 1) << to;
  }
  const lost = imm & ~covered;
  if (row.scatter !== undefined && lost !== 0 && !(row.signed === true && imm < 0 && lost === ~covered)) {
    if (!(upper === 12 && imm < 0)) requireSignFill(imm, covered);
  }
  for (const operand of ['rd', 'rs1', 'rs2'] as const) {
    const place = row[operand];
    if (typeof place !== 'string') continue;
    const { shift, prime } = FIELD_AT[place] as { shift: number; prime: boolean };
    // `c.add rd, rs2` has rd also as rs1: the syntax names it once.
    const number = fields.get(operand) ?? fields.get('rd') ?? fields.get('rs1') ?? 0;
    if (prime && (number < 8 || number > 15)) throw new Error(`${operand} must be one of x8..x15`);
    word |= (prime ? number - 8 : number) << shift;
  }
  return word & 0xffff;
}

function requireSignFill(imm: number, covered: number): void {
  const top = 32 - Math.clz32(covered);
  const signExtended = (imm << (32 - top)) >> (32 - top);
  if (signExtended !== imm || (imm & ~covered & (2 ** top - 1)) !== 0) throw new Error(`immediate ${imm} does not fit`);
}
