// `capvm disasm`: the code of an ELF file, or instruction words given on the command line, as text.
import { ArgumentError } from '../host/errors.ts';
import { parseElf } from '../host/elf.ts';
import type { ElfFile } from '../host/elf.ts';
import { instructionSize } from '../host/decode.ts';
import type { ExecutionMode } from '../host/decode.ts';
import { disassemble } from '../host/disassembler.ts';
import type { DisassembleOptions } from '../host/disassembler.ts';
import { SymbolTable } from '../host/symbols.ts';
import { readInput, writeFully } from './files.ts';
import { address, choice, parseOptions } from './options.ts';

export const help = `usage: capvm disasm [options] FILE.elf
       capvm disasm [options] --words WORD...

Disassembles the code sections of an ELF file, or hexadecimal instruction words.

  --mode MODE      int (default), or cap: as executed in capability mode
  --no-aliases     real instructions only: addi a0,zero,1 instead of li a0,1; c.mv instead of mv
  --start ADDRESS  first address to show
  --stop ADDRESS   show only what lies below
  --json           one JSON object per line: address, raw, text, symbol
`;

const OPTIONS = {
  mode: { type: 'string' },
  'no-aliases': { type: 'boolean' },
  start: { type: 'string' },
  stop: { type: 'string' },
  words: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

interface Block {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly title: string;
}

interface Line {
  readonly address: bigint;
  readonly raw: number;
  readonly sizeBytes: number;
  readonly mnemonic: string;
  readonly operands: string;
  readonly symbol: string | undefined;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('disasm', args, OPTIONS);
  if (positionals.length === 0) throw new ArgumentError('disasm: no file given; see `capvm help disasm`');
  const mode = choice(values, 'mode', ['int', 'cap']) ?? 'int';
  const aliases = values['no-aliases'] !== true;
  if (values.words === true) return printWords(positionals, { mode, aliases }, values.json === true);
  if (positionals.length > 1) throw new ArgumentError('disasm: one file at a time');
  const range = { start: address(values, 'start') ?? 0n, stop: address(values, 'stop') ?? 1n << 64n };
  const elf = parseElf(readInput(positionals[0]));
  const symbols = new SymbolTable(elf.symbols);
  const print = values.json === true ? jsonLine : textLine;
  for (const block of blocksOf(elf)) {
    const lines = [...disassembleBlock(block, range, { mode, aliases, symbols })];
    if (lines.length === 0) continue;
    const title = values.json === true ? '' : `\nDisassembly of section ${block.title}:\n`;
    writeFully(1, Buffer.from(`${title}${lines.map(print).join('')}`));
  }
  return 0;
}

/** Code sections, or executable segments of a file without section headers. */
function blocksOf(elf: ElfFile): Block[] {
  if (elf.codeSections.length > 0) {
    return elf.codeSections.map(({ name, address: at, data }) => ({ address: at, bytes: data, title: name }));
  }
  return elf.segments
    .filter(({ executable }) => executable)
    .map(({ index, virtualAddress, data }) => ({ address: virtualAddress, bytes: data, title: `segment ${index}` }));
}

function* disassembleBlock(
  { address: base, bytes }: Block,
  range: { start: bigint; stop: bigint },
  options: DisassembleOptions & { symbols: SymbolTable },
): Generator<Line> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + 2 <= bytes.length;) {
    const parcel = view.getUint16(offset, true);
    const wide = instructionSize(parcel) === 4 && offset + 4 <= bytes.length;
    const raw = wide ? view.getUint32(offset, true) : parcel;
    const at = base + BigInt(offset);
    offset += wide ? 4 : 2;
    if (at < range.start || at >= range.stop) continue;
    const found = options.symbols.at(at);
    const { mnemonic, operands, sizeBytes } = disassemble(raw, { ...options, address: at });
    yield { address: at, raw, sizeBytes, mnemonic, operands, symbol: found?.offset === 0n ? found.name : undefined };
  }
}

function textLine({ address: at, raw, sizeBytes, mnemonic, operands, symbol }: Line): string {
  const label = symbol === undefined ? '' : `\n${at.toString(16).padStart(16, '0')} <${symbol}>:\n`;
  const word = raw.toString(16).padStart(sizeBytes * 2, '0');
  const text = operands === '' ? mnemonic : `${mnemonic}\t${operands}`;
  return `${label}${at.toString(16).padStart(8)}:\t${word.padEnd(16)}\t${text}\n`;
}

function jsonLine({ address: at, raw, mnemonic, operands, symbol }: Line): string {
  const text = `${mnemonic} ${operands}`.trimEnd();
  return `${JSON.stringify({ address: `0x${at.toString(16)}`, raw: `0x${raw.toString(16)}`, text, symbol })}\n`;
}

function printWords(
  words: readonly string[],
  options: { mode: ExecutionMode; aliases: boolean },
  json: boolean,
): number {
  for (const word of words) {
    if (!/^(0x)?[0-9a-f]{1,8}$/i.test(word))
      throw new ArgumentError(`disasm: ${JSON.stringify(word)} is not a hexadecimal word`);
    const raw = parseInt(word, 16);
    const { mnemonic, operands, sizeBytes } = disassemble(raw, options);
    const text = `${mnemonic} ${operands}`.trimEnd();
    const plain = `${(raw >>> 0)
      .toString(16)
      .padStart(sizeBytes * 2, '0')
      .padEnd(10)}${text}`;
    writeFully(1, Buffer.from(`${json ? JSON.stringify({ raw: `0x${raw.toString(16)}`, text }) : plain}\n`));
  }
  return 0;
}
