// Small ELF files for images: segments page aligned in file and memory, a section of code if asked for. For tests only.

export interface TestSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly memorySize?: number;
  /** PF_R 4, PF_W 2, PF_X 1. */
  readonly flags: number;
}

export interface TestElf {
  /** ET_EXEC 2, ET_DYN 3. */
  readonly type: number;
  readonly segments: readonly TestSegment[];
  /** Part of the first segment. */
  readonly text?: { readonly offset: number; readonly size: number };
  readonly machine?: number;
}

const PAGE = 4096;

/** Segment contents begin at page 1 of the file. */
export function elfFile({ type, segments, text, machine = 243 }: TestElf): Uint8Array {
  const offsets: number[] = [];
  let end = PAGE;
  for (const { bytes, address } of segments) {
    const at = end + (address % PAGE);
    offsets.push(at);
    end = Math.ceil((at + bytes.length) / PAGE) * PAGE;
  }
  const file = new Uint8Array(end + 64 * 3 + 16);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(24, BigInt(segments[0]?.address ?? 0), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach(({ address, bytes, memorySize, flags }, index) => {
    const at = 64 + index * 56;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, flags, true);
    [offsets[index], address, address, bytes.length, memorySize ?? bytes.length, PAGE].forEach((value, place) =>
      view.setBigUint64(at + 8 + place * 8, BigInt(value), true),
    );
    file.set(bytes, offsets[index]);
  });
  if (text !== undefined)
    writeSections(view, end, offsets[0] + text.offset, segments[0].address + text.offset, text.size);
  return file;
}

/** An empty section, .text, and the names of sections. */
function writeSections(view: DataView, at: number, offset: number, address: number, size: number): void {
  view.setBigUint64(40, BigInt(at), true);
  [64, 3, 2].forEach((value, index) => view.setUint16(58 + index * 2, value, true));
  const names = at + 192;
  new TextEncoder().encode('\0.text\0').forEach((byte, index) => view.setUint8(names + index, byte));
  const section = (start: number, name: number, type: number, flags: number, where: readonly number[]): void => {
    view.setUint32(start, name, true);
    view.setUint32(start + 4, type, true);
    [flags, ...where].forEach((value, index) => view.setBigUint64(start + 8 + index * 8, BigInt(value), true));
  };
  section(at + 64, 1, 1, 6, [address, offset, size]);
  section(at + 128, 0, 3, 0, [0, names, 16]);
}

/** A program or library: a page or more of code, a page of data. */
export function simpleElf(type: number, base: number, code: number, pages = 1): Uint8Array {
  return elfFile({
    type,
    segments: [
      { address: base, bytes: new Uint8Array(pages * PAGE).fill(code), flags: 5 },
      { address: base + pages * PAGE + 0x100, bytes: new Uint8Array(64).fill(0xdd), memorySize: 5000, flags: 6 },
    ],
  });
}
