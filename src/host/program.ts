// Puts an ELF file into a machine's RAM and says where it starts.
import { ArgumentError, ElfError } from './errors.ts';
import type { ElfFile, ElfSegment } from './elf.ts';
import { hex } from './capability.ts';
import { RAM_BASE } from './memory.ts';
import type { Machine } from './machine.ts';
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

export interface LoadOptions {
  /** Arguments of the program, its name first. */
  readonly args?: readonly string[];
}

/**
 * Hands arguments over: the strings and the null-terminated argv array lie at the end of RAM, a0 = argc, a1 = argv,
 * sp = the 16-byte aligned address below them.
 */
export function passArguments(machine: Machine, args: readonly string[]): void {
  const { memory, registers } = machine;
  const encoded = args.map((text) => new TextEncoder().encode(`${text}\0`));
  const stringBytes = encoded.reduce((sum, { length }) => sum + length, 0);
  const stringsAt = (memory.end - BigInt(stringBytes)) & ~15n;
  const argvAt = (stringsAt - BigInt((args.length + 1) * 8)) & ~15n;
  if (argvAt < memory.base) throw new ArgumentError(`the arguments (${stringBytes} bytes) do not fit into RAM`);
  let at = stringsAt;
  encoded.forEach((bytes, index) => {
    memory.write(at, bytes);
    memory.writeU64(argvAt + BigInt(index * 8), at);
    at += BigInt(bytes.length);
  });
  memory.writeU64(argvAt + BigInt(args.length * 8), 0n);
  registers.setX(10, BigInt(args.length));
  registers.setX(11, argvAt);
  registers.setX(2, argvAt);
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
