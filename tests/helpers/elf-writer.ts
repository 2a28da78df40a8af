// Writes small RISC-V ELF64 executables: program headers, and a symbol table if symbols are given.
// Source: ELF-64 object file format 1.5; RISC-V psABI. For tests only.

export type Segment = { address: bigint; bytes: Uint8Array; memorySize?: bigint; flags?: number };
export type ElfImage = { entry: bigint; segments: readonly Segment[]; symbols?: Readonly<Record<string, bigint>> };

const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const MACHINE_RISCV = 243;
const FLAGS_RVC_DOUBLE = 5;
const RWX = 7;

class Writer {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  u16(offset: number, ...values: number[]): void {
    values.forEach((value, i) => this.view.setUint16(offset + 2 * i, value, true));
  }

  u32(offset: number, ...values: number[]): void {
    values.forEach((value, i) => this.view.setUint32(offset + 4 * i, value, true));
  }

  u64(offset: number, ...values: bigint[]): void {
    values.forEach((value, i) => this.view.setBigUint64(offset + 8 * i, value, true));
  }
}

function symbolSections(symbols: Readonly<Record<string, bigint>>): { symtab: Writer; strings: Uint8Array } {
  const names = Object.entries(symbols);
  const symtab = new Writer(SYMBOL_SIZE * (names.length + 1));
  let strings = '\0';
  names.forEach(([name, value], i) => {
    const at = SYMBOL_SIZE * (i + 1);
    symtab.u32(at, strings.length);
    symtab.bytes[at + 4] = 0x10; // global, no type
    symtab.u16(at + 6, 0xfff1); // absolute
    symtab.u64(at + 8, value);
    strings += `${name}\0`;
  });
  return { symtab, strings: new TextEncoder().encode(strings) };
}

/** One ELF file as bytes. */
export function writeElf({ entry, segments, symbols = {} }: ElfImage): Uint8Array {
  const { symtab, strings } = symbolSections(symbols);
  const sectionNames = new TextEncoder().encode('\0.symtab\0.strtab\0');
  let at = HEADER_SIZE + PROGRAM_HEADER_SIZE * segments.length;
  const place = (sizeBytes: number): number => {
    const start = at;
    at += (sizeBytes + 7) & ~7;
    return start;
  };
  const offsets = segments.map((segment) => place(segment.bytes.length));
  const symtabAt = place(symtab.bytes.length);
  const stringsAt = place(strings.length);
  const namesAt = place(sectionNames.length);
  const sectionsAt = place(4 * SECTION_HEADER_SIZE);
  const out = new Writer(at);

  out.bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  out.u16(16, 2, MACHINE_RISCV);
  out.u32(20, 1);
  out.u64(24, entry, BigInt(HEADER_SIZE), BigInt(sectionsAt));
  out.u32(48, FLAGS_RVC_DOUBLE);
  out.u16(52, HEADER_SIZE, PROGRAM_HEADER_SIZE, segments.length, SECTION_HEADER_SIZE, 4, 3);
  segments.forEach((segment, i) => {
    const header = HEADER_SIZE + PROGRAM_HEADER_SIZE * i;
    const fileSize = BigInt(segment.bytes.length);
    out.u32(header, 1, segment.flags ?? RWX);
    out.u64(
      header + 8,
      BigInt(offsets[i] as number),
      segment.address,
      segment.address,
      fileSize,
      segment.memorySize ?? fileSize,
      1n,
    );
    out.bytes.set(segment.bytes, offsets[i]);
  });
  out.bytes.set(symtab.bytes, symtabAt);
  out.bytes.set(strings, stringsAt);
  out.bytes.set(sectionNames, namesAt);
  const section = (
    i: number,
    name: number,
    type: number,
    offset: number,
    size: number,
    link: number,
    info: number,
    entrySize: number,
  ): void => {
    const header = sectionsAt + SECTION_HEADER_SIZE * i;
    out.u32(header, name, type);
    out.u64(header + 24, BigInt(offset), BigInt(size));
    out.u32(header + 40, link, info);
    out.u64(header + 48, 8n, BigInt(entrySize));
  };
  section(1, 1, 2, symtabAt, symtab.bytes.length, 2, 1, SYMBOL_SIZE);
  section(2, 9, 3, stringsAt, strings.length, 0, 0, 0);
  section(3, 9, 3, namesAt, sectionNames.length, 0, 0, 0);
  return out.bytes;
}
