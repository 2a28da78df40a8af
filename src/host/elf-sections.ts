// The section headers of an ELF file: symbols, and the sections that hold code (for the disassembler). A stripped
// file has none of them; a broken table is refused. Source: gABI 4.1 chapter 4.
import { checkedRange } from './elf.ts';
import type { ByteRange, ElfCodeSection, ElfSymbol } from './elf.ts';
import { ElfError } from './errors.ts';

const SHDR_SIZE = 64;
const SYM_SIZE = 24;
const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHF_EXECINSTR = 4n;

interface Section {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  readonly link: number;
}

/** Symbols and code sections. */
export function readSections(
  bytes: Uint8Array,
  view: DataView,
): { symbols: ElfSymbol[]; codeSections: ElfCodeSection[] } {
  const sections = readHeaders(view);
  return { symbols: readSymbols(bytes, view, sections), codeSections: readCode(bytes, view, sections) };
}

function readHeaders(view: DataView): Section[] {
  const offset = view.getBigUint64(40, true);
  const entrySize = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  if (offset === 0n || count === 0) return [];
  if (entrySize !== SHDR_SIZE) {
    throw new ElfError('ERR_CVM_ELF_HEADER', `section headers of ${entrySize} bytes, expected ${SHDR_SIZE}`);
  }
  const table = checkedRange(view, offset, BigInt(count * SHDR_SIZE), 'the section header table');
  return Array.from({ length: count }, (_, index) => readHeader(view, table.start + index * SHDR_SIZE));
}

function readHeader(view: DataView, at: number): Section {
  return {
    nameOffset: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    offset: view.getBigUint64(at + 24, true),
    size: view.getBigUint64(at + 32, true),
    link: view.getUint32(at + 40, true),
  };
}

const rangeOf = (view: DataView, section: Section, what: string): ByteRange =>
  checkedRange(view, section.offset, section.size, what);

function contentsOf(bytes: Uint8Array, view: DataView, section: Section, what: string): Uint8Array {
  const { start, end } = rangeOf(view, section, what);
  return bytes.subarray(start, end);
}

function readSymbols(bytes: Uint8Array, view: DataView, sections: readonly Section[]): ElfSymbol[] {
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  if (table === undefined) return [];
  const strings = sections[table.link];
  if (strings === undefined) {
    throw new ElfError(
      'ERR_CVM_ELF_HEADER',
      `the symbol table names section ${table.link} for its strings, there are ${sections.length}`,
    );
  }
  const names = contentsOf(bytes, view, strings, 'the string table');
  const { start, end } = rangeOf(view, table, 'the symbol table');
  const symbols: ElfSymbol[] = [];
  for (let at = start + SYM_SIZE; at + SYM_SIZE <= end; at += SYM_SIZE) {
    const symbol = readSymbol(view, at, names);
    if (symbol !== undefined) symbols.push(symbol);
  }
  return symbols;
}

const KINDS: Readonly<Record<number, ElfSymbol['kind']>> = {
  0: 'none',
  1: 'object',
  2: 'function',
  3: 'section',
  4: 'file',
};

/** One symbol; undefined if it has no name or is defined elsewhere. */
function readSymbol(view: DataView, at: number, names: Uint8Array): ElfSymbol | undefined {
  const name = readName(names, view.getUint32(at, true));
  const isUndefined = view.getUint16(at + 6, true) === 0;
  if (name === '' || isUndefined) return undefined;
  const info = view.getUint8(at + 4);
  return {
    name,
    address: view.getBigUint64(at + 8, true),
    size: view.getBigUint64(at + 16, true),
    kind: KINDS[info & 15] ?? 'other',
    global: info >> 4 !== 0,
  };
}

const decoder = new TextDecoder();

function readName(strings: Uint8Array, start: number): string {
  const end = start < strings.length ? strings.indexOf(0, start) : -1;
  if (end < 0) throw new ElfError('ERR_CVM_ELF_HEADER', `a name starts at ${start}, outside the string table`);
  return decoder.decode(strings.subarray(start, end));
}

function readCode(bytes: Uint8Array, view: DataView, sections: readonly Section[]): ElfCodeSection[] {
  const strings = sections[view.getUint16(62, true)];
  const names = strings === undefined ? undefined : contentsOf(bytes, view, strings, 'the section name table');
  return sections
    .filter(({ type, flags, size }) => type === SHT_PROGBITS && (flags & SHF_EXECINSTR) !== 0n && size > 0n)
    .map((section) => ({
      name: names === undefined ? '' : readName(names, section.nameOffset),
      address: section.address,
      data: contentsOf(bytes, view, section, 'a code section'),
    }));
}
