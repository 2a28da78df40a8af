// An ELF file as an object that gets a place in an image: what it takes of the addresses, which bytes are code.
// Source: gABI chapter 5, RISC-V psABI. The file may be anything; what cannot run is refused with its path.
import { ElfError, parseElf } from '../host/index.ts';
import type { ElfCodeSection, ElfFile, ElfSegment } from '../host/index.ts';
import { ImageError } from './errors.ts';
import { PAGE } from './format.ts';

/** Bytes that are executed, where the file wants them. */
export interface CodePart {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Pages of the file that hold instructions and nothing else. */
export interface TextPages {
  readonly first: number;
  readonly count: number;
}

export interface ElfObject {
  /** ET_EXEC: it runs at its own addresses and nowhere else. */
  readonly isFixed: boolean;
  /** First and last address it takes, page aligned, the last exclusive; as in the file. */
  readonly low: number;
  readonly high: number;
  readonly align: number;
  readonly code: readonly CodePart[];
  readonly text: TextPages;
}

/** Lowest address a program can be linked to, as Linux's mmap_min_addr. */
export const LOWEST_ADDRESS = 0x10000;
const ADDRESS_LIMIT = 2n ** 31n;
const ET_REL = 1;
const ET_CORE = 4;

/** Undefined for what is no program and no library: not ELF, an object file to link, a core dump. Throws ImageError. */
export function readElfObject(bytes: Uint8Array, path: string): ElfObject | undefined {
  if (!isElf(bytes)) return undefined;
  const type = bytes.length >= 18 ? bytes[16] | (bytes[17] << 8) : undefined;
  if (type === ET_REL || type === ET_CORE) return undefined;
  try {
    return objectOf(parseElf(bytes), bytes, path);
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new ImageError(`${path}: ${error.message}`, 'ERR_CVM_IMAGE_ELF');
  }
}

const isElf = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

function objectOf({ type, segments, codeSections }: ElfFile, bytes: Uint8Array, path: string): ElfObject | undefined {
  const refuse = (why: string): never => {
    throw new ImageError(`${path}: ${why}`, 'ERR_CVM_IMAGE_ELF');
  };
  const code = segments.filter(({ executable }) => executable);
  if (code.length === 0) return undefined; // data in ELF's clothes: resources, debugging information
  if (code.some(({ writable }) => writable)) refuse('a segment is both writable and executable, which no cVM allows');
  if (segments.some(({ virtualAddress, memorySize }) => virtualAddress + memorySize > ADDRESS_LIMIT))
    refuse('it is linked above 2 GiB');
  const low = floor(Math.min(...segments.map(({ virtualAddress }) => Number(virtualAddress))));
  const high = ceiling(Math.max(...segments.map(endOf)));
  if (type === 'exec' && low < LOWEST_ADDRESS) refuse(`it is linked to 0x${low.toString(16)}, below 0x10000`);
  checkPages(segments, bytes, refuse);
  return {
    isFixed: type === 'exec',
    low,
    high,
    align: PAGE,
    code: code.map(({ virtualAddress, data }) => ({ address: Number(virtualAddress), bytes: data })),
    text: textPages(code, codeSections, bytes),
  };
}

/** A page of the file is a page in memory, and belongs to one segment. */
function checkPages(segments: readonly ElfSegment[], bytes: Uint8Array, refuse: (why: string) => never): void {
  const sorted = [...segments].sort((a, b) => Number(a.virtualAddress - b.virtualAddress));
  sorted.forEach((segment, index) => {
    const address = Number(segment.virtualAddress);
    if (segment.data.length > 0 && (offsetOf(segment.data, bytes) - address) % PAGE !== 0)
      refuse(`segment ${segment.index} is at another place of its page in the file than in memory`);
    if (index > 0 && floor(address) < ceiling(endOf(sorted[index - 1])))
      refuse(`segments ${sorted[index - 1].index} and ${segment.index} share a page`);
  });
}

const NO_TEXT: TextPages = { first: 0, count: 0 };

/** The longest run of sections of code, without the pages that it shares with others. */
function textPages(code: readonly ElfSegment[], sections: readonly ElfCodeSection[], bytes: Uint8Array): TextPages {
  let best = NO_TEXT;
  let run = { start: -1, end: -1 };
  const places = sections.map(({ data }) => ({
    start: offsetOf(data, bytes),
    end: offsetOf(data, bytes) + data.length,
  }));
  for (const { start, end } of places.sort((a, b) => a.start - b.start)) {
    if (!code.some(({ data }) => start >= offsetOf(data, bytes) && end <= offsetOf(data, bytes) + data.length))
      continue;
    run =
      run.end >= 0 && start >= run.end && start - run.end < SECTION_GAP ? { start: run.start, end } : { start, end };
    const first = Math.ceil(run.start / PAGE);
    const count = Math.floor(run.end / PAGE) - first;
    if (count > best.count) best = { first, count };
  }
  return best;
}

/** Sections of code that lie closer together than this have only padding between them. */
const SECTION_GAP = 16;

const offsetOf = (part: Uint8Array, whole: Uint8Array): number => part.byteOffset - whole.byteOffset;
const endOf = ({ virtualAddress, memorySize }: ElfSegment): number => Number(virtualAddress + memorySize);
const floor = (address: number): number => Math.floor(address / PAGE) * PAGE;
export const ceiling = (address: number): number => Math.ceil(address / PAGE) * PAGE;
