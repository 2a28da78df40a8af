// One ELF file out of many snippets, and the reports it sends back.
import { writeElf } from '../helpers/elf-writer.ts';
import { encode } from '../helpers/encoder.ts';
import { Random } from '../helpers/random.ts';
// prettier-ignore
import {
  CODE, CODE_LIMIT, DESCRIPTORS, IDENTITY_L1, IMAGE, MAX_TRAPS, PTE_SLOTS, RAM_BASE, REPORT_CSRS, ROOT_TABLE, SCRATCH_BYTES, SETUP_CSRS, TRAP_WORDS,
  WINDOW_L0, WINDOW_L1,
} from './memory-map.ts';
import { buildRuntime } from './runtime.ts';
import type { Snippet } from './snippet.ts';
import { pte, RETURN_OFFSET } from './units/paging.ts';

export type Placed = { snippet: Snippet; start: bigint; exit: bigint };
export type Program = { elf: Uint8Array; placed: readonly Placed[] };
export type Trap = { cause: bigint; epc: bigint; tval: bigint; status: bigint; mode: bigint };
export type Report = {
  traps: Trap[];
  x: bigint[];
  f: bigint[];
  fcsr: bigint;
  csrs: Record<string, bigint>;
  ptes: bigint[];
  scratch: ReadonlyMap<number, bigint>;
};

/** Address of the supervisor trap handler: it does not depend on the snippets. */
export const SUPERVISOR_TRAP = buildRuntime(1).supervisorTrap;

function words(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values.map((value) => BigInt.asUintN(64, value))).buffer);
}

function scratchImage(): Uint8Array {
  const random = new Random(0x5ca7c4);
  const image = words(Array.from({ length: SCRATCH_BYTES / 8 }, () => random.u64()));
  const back = encode('c.jr', { s: 1 });
  for (let page = 0; page < SCRATCH_BYTES; page += 4096) image.set([back & 255, back >> 8], page + RETURN_OFFSET);
  return image;
}

/** Entries that never change; the others are in every descriptor. */
function fixedTables(): { address: bigint; bytes: Uint8Array }[] {
  return [
    { address: ROOT_TABLE + 8n, bytes: words([pte(WINDOW_L1, 1n), pte(IDENTITY_L1, 1n)]) },
    { address: IDENTITY_L1, bytes: words([pte(RAM_BASE, 0xcfn)]) },
  ];
}

function placeSnippets(snippets: readonly Snippet[]): { code: Uint8Array; placed: Placed[] } {
  const bytes: number[] = [];
  const exit = encode('ebreak');
  const push = (word: number, sizeBytes: number): void => {
    for (let i = 0; i < sizeBytes; i++) bytes.push((word >>> (8 * i)) & 255);
  };
  const placed = snippets.map((snippet, index) => {
    for (let pad = index % 4; pad > 0; pad--) push(encode('c.ebreak'), 2);
    const start = CODE + BigInt(bytes.length);
    for (const { word, sizeBytes } of snippet.units.flat()) push(word, sizeBytes);
    const end = CODE + BigInt(bytes.length);
    push(exit, 4);
    return { snippet, start, exit: end };
  });
  if (CODE + BigInt(bytes.length) > CODE_LIMIT) throw new Error('too many snippets for one program');
  return { code: Uint8Array.from(bytes), placed };
}

function descriptor({ snippet, start, exit }: Placed): bigint[] {
  const csrs: Record<string, bigint> = { ...snippet.csrs, mepc: start };
  return [
    start,
    exit,
    ...SETUP_CSRS.map((csr) => csrs[csr] ?? 0n),
    ...snippet.x.slice(1),
    ...snippet.f,
    ...snippet.ptes,
  ];
}

export function buildProgram(snippets: readonly Snippet[]): Program {
  const { code, placed } = placeSnippets(snippets);
  const segments = [
    { address: RAM_BASE, bytes: buildRuntime(snippets.length).bytes },
    ...fixedTables(),
    { address: CODE, bytes: code },
    { address: IMAGE, bytes: scratchImage() },
    { address: DESCRIPTORS, bytes: words(placed.flatMap(descriptor)) },
  ];
  return { elf: writeElf({ entry: RAM_BASE, segments }), placed };
}

/** The window's second-level table points to the third by an entry that paging.ts makes from WINDOW_L1. */
if (WINDOW_L0 !== WINDOW_L1 + 0x2000n) throw new Error('memory map changed: see randomTables');

function parseReport(view: DataView): Report {
  let at = 0;
  const next = (): bigint => view.getBigUint64((at += 8) - 8, true);
  const list = (count: number): bigint[] => Array.from({ length: count }, next);
  const trapCount = Number(next());
  if (trapCount > MAX_TRAPS + 4) throw new Error(`report claims ${trapCount} traps`);
  const traps = Array.from({ length: trapCount }, () => {
    const [cause, epc, tval, status, mode] = list(TRAP_WORDS) as [bigint, bigint, bigint, bigint, bigint];
    return { cause, epc, tval, status, mode };
  });
  const x = [0n, ...list(31)];
  const f = list(32);
  const fcsr = next();
  const csrs = Object.fromEntries(REPORT_CSRS.map((csr) => [csr, next()]));
  const ptes = list(PTE_SLOTS.length);
  const scratch = new Map<number, bigint>();
  while (at < view.byteLength) scratch.set(Number(next()), next());
  return { traps, x, f, fcsr, csrs, ptes, scratch };
}

/** Splits the bytes received over the UART into reports. */
export function parseReports(bytes: Uint8Array): Report[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reports: Report[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = Number(view.getBigUint64(at, true));
    if (at + 8 + size > bytes.length) break; // cut short: the machine stopped in the middle
    reports.push(parseReport(new DataView(bytes.buffer, bytes.byteOffset + at + 8, size)));
    at += 8 + size;
  }
  return reports;
}
