// An ELF file as the monitor wants it for a cVM: text that is only executed, data that is never executed.
// Trust: the file is not trusted; src/host's ELF reader checked its offsets, everything about its meaning is here.
// Source of the rules: guests/lib/cvm.ld. Must not touch the machine.
import { ElfError, parseElf, SymbolTable } from '../host/index.ts';
import type { ElfFile, ElfSegment } from '../host/index.ts';
import { BOOT_PAGE_SIZE } from './abi.ts';
import { CvmError } from './errors.ts';

export interface Image {
  readonly name: string;
  /** Where a cVM's first thread starts, an offset from PCC's base. */
  readonly entry: number;
  /** Text from image address 0 on, whole pages; offset 0 of PCC. */
  readonly text: Uint8Array;
  /** Image address of the data, a multiple of BOOT_PAGE_SIZE; the boot page comes first. */
  readonly dataStart: number;
  /** Initial data, its first page zero. */
  readonly data: Uint8Array;
  /** Data with what the program wants zeroed behind it. */
  readonly dataBytes: number;
  readonly symbols: SymbolTable;
}

const PAGE = BOOT_PAGE_SIZE;
const TEXT_LIMIT = 256 * 1024 ** 2;
const DATA_LIMIT = 2 * 1024 ** 3;
/** Below it addresses are exact as numbers, and it is more than any machine has. */
const ADDRESS_LIMIT = 2 ** 32;

/** Throws ElfError or CvmError for a file that no cVM can be made of. */
export function readImage(elf: Uint8Array, name: string): Image {
  const file = parseNamed(elf, name);
  const refuse = (why: string): never => {
    throw new CvmError('ERR_CVM_IMAGE', `${name}: ${why}; link it with guests/lib/cvm.ld`);
  };
  if (file.type !== 'exec') refuse('position-independent, a cVM runs programs linked from address 0');
  const code = file.segments.filter(({ executable }) => executable);
  const data = file.segments.filter(({ executable }) => !executable);
  if (code.length === 0 || data.length === 0) refuse('it needs a segment of code and one of data');
  if (code.some(({ writable }) => writable)) refuse('a segment is both writable and executable');
  const textEnd = endOf(code);
  const dataStart = Math.min(...data.map(({ virtualAddress }) => Number(virtualAddress)));
  const dataEnd = endOf(data);
  if (textEnd > TEXT_LIMIT || dataEnd > ADDRESS_LIMIT || dataEnd - dataStart > DATA_LIMIT) refuse('too large');
  if (textEnd > dataStart) refuse('data lies below the end of the code');
  if (dataStart % PAGE !== 0) refuse(`data starts at 0x${dataStart.toString(16)}, not at a page`);
  if (!contains(code, file.entry)) refuse(`the entry point 0x${file.entry.toString(16)} is not in the code`);
  const bytes = flatten(data, dataStart, fileEndOf(data) - dataStart);
  if (dataEnd - dataStart < PAGE || bytes.subarray(0, PAGE).some((byte) => byte !== 0)) {
    refuse('data does not begin with an empty boot page');
  }
  return {
    name,
    entry: Number(file.entry),
    text: flatten(code, 0, Math.ceil(textEnd / PAGE) * PAGE),
    dataStart,
    data: bytes,
    dataBytes: dataEnd - dataStart,
    symbols: new SymbolTable(file.symbols),
  };
}

/** The switcher: one segment of code from address 0, in whole pages, and the addresses of the symbols asked for. */
export function readSwitcher<Name extends string>(
  elf: Uint8Array,
  names: readonly Name[],
): { text: Uint8Array; symbols: Record<Name, number> } {
  const file: ElfFile = parseElf(elf);
  const [segment] = file.segments;
  if (file.segments.length !== 1 || !segment.executable || segment.writable || segment.virtualAddress !== 0n) {
    throw new CvmError('ERR_CVM_IMAGE', 'the switcher is not a single segment of code from address 0');
  }
  const table = new SymbolTable(file.symbols);
  const symbols = {} as Record<Name, number>;
  for (const name of names) {
    const address = table.address(name);
    if (address === undefined) throw new CvmError('ERR_CVM_IMAGE', `the switcher has no symbol ${name}`);
    symbols[name] = Number(address);
  }
  return { text: flatten([segment], 0, Math.ceil(Number(segment.memorySize) / PAGE) * PAGE), symbols };
}

function parseNamed(elf: Uint8Array, name: string): ElfFile {
  try {
    return parseElf(elf);
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new ElfError(error.code as `ERR_CVM_ELF_${string}`, `${name}: ${error.message}`);
  }
}

const endOf = (segments: readonly ElfSegment[]): number =>
  Math.max(...segments.map(({ virtualAddress, memorySize }) => Number(virtualAddress + memorySize)));

const fileEndOf = (segments: readonly ElfSegment[]): number =>
  Math.max(...segments.map(({ virtualAddress, data }) => Number(virtualAddress) + data.length));

function contains(segments: readonly ElfSegment[], address: bigint): boolean {
  return segments.some(
    ({ virtualAddress, memorySize }) => address >= virtualAddress && address < virtualAddress + memorySize,
  );
}

function flatten(segments: readonly ElfSegment[], start: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(sizeBytes, 0));
  for (const { virtualAddress, data } of segments) bytes.set(data, Number(virtualAddress) - start);
  return bytes;
}
