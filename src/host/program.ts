// Puts an ELF file into a machine's RAM and says where it starts.
import { ElfError } from './errors.ts';
import type { ElfFile, ElfSegment } from './elf.ts';
import { hex } from './capability.ts';
import { RAM_BASE } from './memory.ts';
import type { GuestMemory } from './memory.ts';
import { SymbolTable } from './symbols.ts';

/** A program in RAM. Addresses are physical, after moving a position-independent file. */
export interface Program {
  readonly entry: bigint;
  /** What was added to the file's addresses. */
  readonly bias: bigint;
  readonly symbols: SymbolTable;
  readonly segments: readonly ElfSegment[];
}

/**
 * Copies the segments of `elf` to RAM at their physical addresses and zeroes the rest of each.
 * A DYN file linked below RAM is moved as a whole to the start of RAM; it relocates itself.
 */
export function placeProgram(memory: GuestMemory, elf: ElfFile): Program {
  const bias = biasOf(elf);
  for (const segment of elf.segments) checkInRam(memory, segment, bias);
  for (const segment of elf.segments) {
    const address = segment.physicalAddress + bias;
    const zeroBytes = Number(segment.memorySize) - segment.data.length;
    memory.write(address, segment.data);
    if (zeroBytes > 0) memory.fill(address + BigInt(segment.data.length), zeroBytes);
  }
  return { entry: entryOf(elf, bias), bias, symbols: new SymbolTable(elf.symbols, bias), segments: elf.segments };
}

function biasOf(elf: ElfFile): bigint {
  if (elf.type !== 'dyn') return 0n;
  const lowest = elf.segments.reduce(
    (low, { physicalAddress }) => (physicalAddress < low ? physicalAddress : low),
    1n << 64n,
  );
  return lowest >= RAM_BASE ? 0n : RAM_BASE - (lowest & ~0xfffn);
}

function checkInRam(memory: GuestMemory, segment: ElfSegment, bias: bigint): void {
  const start = segment.physicalAddress + bias;
  const end = start + segment.memorySize;
  if (start >= memory.base && end <= memory.end) return;
  const ram = `RAM is ${hex(memory.base)}-${hex(memory.end)}`;
  const advice =
    start >= memory.base
      ? 'give the machine more memory'
      : `link the program to run there (ld -Ttext=${hex(RAM_BASE)})`;
  throw new ElfError(
    'ERR_CVM_ELF_RANGE',
    `segment ${segment.index} is at ${hex(start)}-${hex(end)}, ${ram}; ${advice}`,
  );
}

/** Physical entry: a kernel linked at a virtual address starts where its segment was put. */
function entryOf(elf: ElfFile, bias: bigint): bigint {
  const segment = elf.segments.find(
    ({ virtualAddress, memorySize }) => elf.entry >= virtualAddress && elf.entry < virtualAddress + memorySize,
  );
  if (segment === undefined) {
    throw new ElfError('ERR_CVM_ELF_ENTRY', `the entry point ${hex(elf.entry)} lies in no loadable segment`);
  }
  if ((elf.entry & 1n) !== 0n) throw new ElfError('ERR_CVM_ELF_ENTRY', `the entry point ${hex(elf.entry)} is odd`);
  return elf.entry - segment.virtualAddress + segment.physicalAddress + bias;
}
