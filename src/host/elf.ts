// ELF64 reader: little-endian RISC-V executables (EXEC and DYN), their loadable segments and symbols.
// Source: System V ABI, generic part (gABI 4.1 ch. 4 and 5) and the RISC-V psABI.
// Trusts nothing in the file: every offset and size is checked before use, every refusal is an ElfError.
import { readSections } from './elf-sections.ts';
import { ElfError } from './errors.ts';

const EHDR_SIZE = 64;
const PHDR_SIZE = 56;
const EM_RISCV = 243;
const PT_LOAD = 1;
const PN_XNUM = 0xffff;

/** One PT_LOAD segment with a memory size above 0. */
export interface ElfSegment {
  /** Index in the program header table. */
  readonly index: number;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  /** Contents from the file, a view of the input. */
  readonly data: Uint8Array;
  /** Size in memory, in bytes; what exceeds `data` is zero. */
  readonly memorySize: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** A section that holds instructions. */
export interface ElfCodeSection {
  readonly name: string;
  readonly address: bigint;
  readonly data: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: bigint;
  readonly kind: 'function' | 'object' | 'none' | 'section' | 'file' | 'other';
  readonly global: boolean;
}

export interface ElfFile {
  readonly type: 'exec' | 'dyn';
  readonly entry: bigint;
  /** e_flags of the psABI: bit 0 RVC, bits 2:1 float ABI. */
  readonly flags: number;
  readonly segments: readonly ElfSegment[];
  readonly symbols: readonly ElfSymbol[];
  /** Empty if the file has no section headers. */
  readonly codeSections: readonly ElfCodeSection[];
}

/** Reads an ELF file. Throws ElfError, and nothing else, whatever the bytes are. */
export function parseElf(bytes: Uint8Array): ElfFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkIdentification(bytes);
  const type = checkHeader(view);
  const segments = readSegments(bytes, view);
  checkOverlaps(segments);
  return {
    type,
    entry: view.getBigUint64(24, true),
    flags: view.getUint32(48, true),
    segments,
    ...readSections(bytes, view),
  };
}

function checkIdentification(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new ElfError('ERR_CVM_ELF_NOT_ELF', 'the file is empty');
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  if (bytes.length < 4 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new ElfError('ERR_CVM_ELF_NOT_ELF', 'not an ELF file (it does not begin with 7f 45 4c 46)');
  }
  if (bytes.length < 20) throw truncated(`the ELF header needs ${EHDR_SIZE} bytes, the file has ${bytes.length}`);
  if (bytes[4] === 1) {
    throw new ElfError('ERR_CVM_ELF_CLASS', 'a 32-bit ELF file; capvm runs 64-bit RISC-V (build with -march=rv64gc)');
  }
  if (bytes[4] !== 2) throw new ElfError('ERR_CVM_ELF_CLASS', `unknown ELF class ${bytes[4]}`);
  if (bytes[5] !== 1) throw new ElfError('ERR_CVM_ELF_ENDIAN', 'not a little-endian ELF file');
  if (bytes.length < EHDR_SIZE)
    throw truncated(`the ELF header needs ${EHDR_SIZE} bytes, the file has ${bytes.length}`);
}

function checkHeader(view: DataView): 'exec' | 'dyn' {
  const machine = view.getUint16(18, true);
  if (machine !== EM_RISCV) {
    throw new ElfError('ERR_CVM_ELF_MACHINE', `built for ${machineName(machine)}, not for RISC-V`);
  }
  const type = view.getUint16(16, true);
  if (type === 1) {
    throw new ElfError('ERR_CVM_ELF_TYPE', 'a relocatable object file (.o); link it into an executable first');
  }
  if (type !== 2 && type !== 3) {
    throw new ElfError('ERR_CVM_ELF_TYPE', `ELF type ${type} is neither an executable nor a shared object`);
  }
  return type === 2 ? 'exec' : 'dyn';
}

function machineName(machine: number): string {
  const names: Record<number, string> = {
    3: 'x86',
    40: 'Arm',
    62: 'x86-64',
    183: 'AArch64',
    8: 'MIPS',
    21: 'PowerPC64',
  };
  return names[machine] ?? `machine ${machine}`;
}

export function truncated(message: string): ElfError {
  return new ElfError('ERR_CVM_ELF_TRUNCATED', `truncated ELF file: ${message}`);
}

/** Part of a file, end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Offset and size of a table or of contents, checked against the file. */
export function checkedRange(view: DataView, offset: bigint, size: bigint, what: string): ByteRange {
  if (offset + size > BigInt(view.byteLength)) {
    throw truncated(`${what} ends at byte ${offset + size}, the file has ${view.byteLength}`);
  }
  return { start: Number(offset), end: Number(offset + size) };
}

function readSegments(bytes: Uint8Array, view: DataView): ElfSegment[] {
  const offset = view.getBigUint64(32, true);
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count === 0) throw new ElfError('ERR_CVM_ELF_NO_SEGMENTS', 'no program headers, so there is nothing to load');
  if (count === PN_XNUM) throw new ElfError('ERR_CVM_ELF_HEADER', 'more than 65534 program headers');
  if (entrySize !== PHDR_SIZE) {
    throw new ElfError('ERR_CVM_ELF_HEADER', `program headers of ${entrySize} bytes, expected ${PHDR_SIZE}`);
  }
  const table = checkedRange(view, offset, BigInt(count * PHDR_SIZE), 'the program header table');
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++) {
    const segment = readSegment(bytes, view, table.start + index * PHDR_SIZE, index);
    if (segment !== undefined) segments.push(segment);
  }
  if (segments.length === 0) throw new ElfError('ERR_CVM_ELF_NO_SEGMENTS', 'no loadable segments');
  return segments;
}

function readSegment(bytes: Uint8Array, view: DataView, at: number, index: number): ElfSegment | undefined {
  if (view.getUint32(at, true) !== PT_LOAD) return undefined;
  const flags = view.getUint32(at + 4, true);
  const virtualAddress = view.getBigUint64(at + 16, true);
  const physicalAddress = view.getBigUint64(at + 24, true);
  const fileSize = view.getBigUint64(at + 32, true);
  const memorySize = view.getBigUint64(at + 40, true);
  if (memorySize < fileSize) {
    throw new ElfError(
      'ERR_CVM_ELF_SEGMENT',
      `segment ${index}: ${fileSize} bytes in the file but ${memorySize} in memory`,
    );
  }
  if (physicalAddress + memorySize > 1n << 64n || virtualAddress + memorySize > 1n << 64n) {
    throw new ElfError('ERR_CVM_ELF_SEGMENT', `segment ${index} runs past the end of the 64-bit address space`);
  }
  const range = checkedRange(view, view.getBigUint64(at + 8, true), fileSize, `segment ${index}`);
  if (memorySize === 0n) return undefined;
  return {
    index,
    virtualAddress,
    physicalAddress,
    data: bytes.subarray(range.start, range.end),
    memorySize,
    executable: (flags & 1) !== 0,
    writable: (flags & 2) !== 0,
    readable: (flags & 4) !== 0,
  };
}

function checkOverlaps(segments: readonly ElfSegment[]): void {
  const sorted = [...segments].sort((a, b) => (a.physicalAddress < b.physicalAddress ? -1 : 1));
  for (let i = 1; i < sorted.length; i++) {
    const previous = sorted[i - 1];
    const end = previous.physicalAddress + previous.memorySize;
    if (end > sorted[i].physicalAddress) {
      const both = [previous.index, sorted[i].index].sort((a, b) => a - b).join(' and ');
      throw new ElfError(
        'ERR_CVM_ELF_OVERLAP',
        `segments ${both} overlap at 0x${sorted[i].physicalAddress.toString(16)}`,
      );
    }
  }
}
