// Two-pass assembler for test programs. Mnemonics, operands and encodings are the rows of assembly/isa; labels,
// directives and a few pseudo-instructions are all that is added. One statement per line, `#` starts a comment.
//
//   start:  li a0, 0x1234567890          .mode cap | int     encodings of capability or integer mode from here on
//           csetbounds ca0, ca1, a2      .half .word .dword  values
//           bne a0, zero, start          .align N            to a multiple of N bytes
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import type { CompressedInstruction, Instruction } from '../../assembly/isa/instructions.ts';
import { encodeCompressed, encodeInstruction, type Operands } from './instruction-encoder.ts';
import { isPseudo, expandPseudo } from './pseudo-instructions.ts';

export type Row = Instruction | CompressedInstruction;
export type Mode = 'int' | 'cap';
export type Assembled = {
  readonly base: bigint;
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<string, bigint>;
  /** Rows of the table that were used, in order. */
  readonly rows: readonly Row[];
};

type Statement = { address: bigint; mnemonic: string; operands: string[]; mode: Mode; line: number };
const DATA_SIZE: Readonly<Record<string, number>> = { '.half': 2, '.word': 4, '.dword': 8 };
const MULTIPLE_OF_AMO = /^(.+?)(\.aqrl|\.aq|\.rl)$/;

export class AssemblerError extends Error {}

const byName = new Map<string, Row[]>();
for (const row of [...INSTRUCTIONS, ...COMPRESSED_INSTRUCTIONS])
  byName.set(row.name, [...(byName.get(row.name) ?? []), row]);

export const isCompressed = (row: Row): row is CompressedInstruction => 'expansion' in row;

/** The row of a mnemonic (`amoadd.w.aqrl` is the row amoadd.w) in a mode. */
export function findRow(mnemonic: string, mode: Mode): { row: Row; ordering: number } {
  const exact = byName.get(mnemonic);
  const suffix = exact === undefined ? MULTIPLE_OF_AMO.exec(mnemonic) : null;
  const rows = exact ?? byName.get(suffix?.[1] ?? '');
  const row = rows?.find((one) => one.mode === 'any' || one.mode === mode);
  if (row === undefined) throw new AssemblerError(`no instruction '${mnemonic}' in ${mode} mode`);
  const ordering = { '.aqrl': 3, '.aq': 2, '.rl': 1 }[suffix?.[2] ?? ''] ?? 0;
  return { row, ordering };
}

const splitOperands = (text: string): string[] => (text.trim() === '' ? [] : text.split(',').map((one) => one.trim()));

/** Pass 1: addresses and labels. Pseudo-instructions are expanded here; their length must not depend on labels. */
function parse(
  source: string,
  base: bigint,
  mode: Mode,
): { statements: Statement[]; labels: Map<string, bigint>; end: bigint } {
  const statements: Statement[] = [];
  const labels = new Map<string, bigint>();
  let address = base;
  let current = mode;
  const add = (mnemonic: string, operands: string[], line: number): void => {
    statements.push({ address, mnemonic, operands, mode: current, line });
    address += BigInt(statementSize(mnemonic, operands, current));
  };
  source.split('\n').forEach((full, index) => {
    let text = full.replace(/#.*/, '').trim();
    for (let label = /^([\w.$]+):\s*/.exec(text); label !== null; label = /^([\w.$]+):\s*/.exec(text)) {
      labels.set(label[1] as string, address);
      text = text.slice(label[0].length);
    }
    if (text === '') return;
    const [mnemonic = ''] = text.split(/\s/, 1);
    const operands = splitOperands(text.slice(mnemonic.length));
    try {
      if (mnemonic === '.mode') current = operands[0] as Mode;
      else if (mnemonic === '.align') address = alignUp(address, BigInt(operands[0] ?? '1'));
      else if (isPseudo(mnemonic))
        for (const [name, ...rest] of expandPseudo(mnemonic, operands)) add(name as string, rest, index);
      else add(mnemonic, operands, index);
    } catch (error) {
      throw new AssemblerError(`line ${index + 1}: '${text}': ${(error as Error).message}`);
    }
  });
  return { statements, labels, end: address };
}

const alignUp = (address: bigint, multiple: bigint): bigint => ((address + multiple - 1n) / multiple) * multiple;

function statementSize(mnemonic: string, operands: readonly string[], mode: Mode): number {
  const size = DATA_SIZE[mnemonic];
  if (size !== undefined) return size * operands.length;
  return isCompressed(findRow(mnemonic, mode).row) ? 2 : 4;
}

/** Number, label, or label plus or minus a number. */
export function evaluate(text: string, labels: ReadonlyMap<string, bigint>): bigint {
  const match = /^(-?)\s*(0x[\da-f]+|\d+)$/i.exec(text);
  if (match !== null) return match[1] === '-' ? -BigInt(match[2] as string) : BigInt(match[2] as string);
  const sum = /^([\w.$]+)\s*([+-]\s*(?:0x[\da-f]+|\d+))?$/i.exec(text);
  const value = labels.get(sum?.[1] ?? '');
  if (value === undefined) throw new AssemblerError(`neither a number nor a label: '${text}'`);
  return value + (sum?.[2] === undefined ? 0n : evaluate(sum[2].replace('+', '').replace(/\s/g, ''), labels));
}

/** Assembles `source` at `base`. */
export function assemble(
  source: string,
  { base = 0x8000_0000n, mode = 'int' }: { base?: bigint; mode?: Mode } = {},
): Assembled {
  const { statements, labels, end } = parse(source, base, mode);
  const bytes = new Uint8Array(Number(end - base));
  const rows: Row[] = [];
  const put = (address: bigint, value: bigint, size: number): void => {
    for (let i = 0; i < size; i++) bytes[Number(address - base) + i] = Number((value >> BigInt(8 * i)) & 255n);
  };
  for (const { address, mnemonic, operands, mode: current, line } of statements) {
    try {
      const size = DATA_SIZE[mnemonic];
      if (size !== undefined) {
        operands.forEach((one, i) => put(address + BigInt(size * i), evaluate(one, labels), size));
        continue;
      }
      const { row, ordering } = findRow(mnemonic, current);
      const context: Operands = { texts: operands, address, value: (text) => evaluate(text, labels), ordering };
      const word = isCompressed(row) ? encodeCompressed(row, context) : encodeInstruction(row, context);
      put(address, BigInt(word), isCompressed(row) ? 2 : 4);
      rows.push(row);
    } catch (error) {
      throw new AssemblerError(`line ${line + 1}: '${mnemonic} ${operands.join(', ')}': ${(error as Error).message}`);
    }
  }
  return { base, bytes, labels, rows };
}
