// Compares the reports of two machines on the same program and says in words where they differ.
import { PTE_SLOTS } from './memory-map.ts';
import { COMPARED_CSR_BITS, STATUS_BITS, correctCause, isAmo, tvalMatters } from './differences.ts';
import type { Placed, Report, Trap } from './program.ts';

const hex = (value: bigint | undefined): string => (value === undefined ? '-' : `0x${value.toString(16)}`);

function fsOff(status: bigint): boolean {
  return ((status >> 13n) & 3n) === 0n;
}

function differingTrap(expected: Trap, actual: Trap, word: number): string | undefined {
  const fields: [string, bigint, bigint][] = [
    ['mode', expected.mode, actual.mode],
    ['cause', correctCause(expected.cause, word), actual.cause],
    ['epc', expected.epc, actual.epc],
    ['status', expected.status & STATUS_BITS, actual.status & STATUS_BITS],
    ['status.FS off', fsOff(expected.status) ? 1n : 0n, fsOff(actual.status) ? 1n : 0n],
  ];
  if (tvalMatters(expected.cause)) fields.push(['tval', expected.tval, actual.tval]);
  const bad = fields.filter(([, want, got]) => want !== got);
  return bad.length === 0
    ? undefined
    : bad.map(([name, want, got]) => `${name} expected ${hex(want)} got ${hex(got)}`).join(', ');
}

/** The instruction at `epc`, 0 outside of the snippet. */
function wordAt({ snippet, start }: Placed, epc: bigint): number {
  let at = start;
  for (const { word, sizeBytes } of snippet.units.flat()) {
    if (at === epc) return word;
    at += BigInt(sizeBytes);
  }
  return 0;
}

/** Sentences, one per difference; none if the reports agree. */
export function compareReports(expected: Report, actual: Report, placed: Placed): string[] {
  const { start } = placed;
  const out: string[] = [];
  const check = (what: string, want: bigint | undefined, got: bigint | undefined): void => {
    if (want !== got) out.push(`${what}: expected ${hex(want)} got ${hex(got)}`);
  };
  const traps = Math.max(expected.traps.length, actual.traps.length);
  for (let i = 0; i < traps; i++) {
    const want = expected.traps[i];
    const got = actual.traps[i];
    const where = `trap ${i} (cause ${hex(want?.cause)} at +${hex((want?.epc ?? start) - start)} tval ${hex(want?.tval)})`;
    if (want === undefined || got === undefined)
      out.push(`trap ${i}: expected ${describeTrap(want, start)} got ${describeTrap(got, start)}`);
    else {
      const difference = differingTrap(want, got, wordAt(placed, want.epc));
      if (difference !== undefined) out.push(`${where}: ${difference}`);
    }
    if (out.length > 0) break; // what follows a wrong trap says nothing
  }
  for (let r = 1; r < 32; r++) check(`x${r}`, expected.x[r], actual.x[r]);
  for (let r = 0; r < 32; r++) check(`f${r}`, expected.f[r], actual.f[r]);
  check('fcsr', expected.fcsr, actual.fcsr);
  for (const [csr, bits] of Object.entries(COMPARED_CSR_BITS))
    check(csr, (expected.csrs[csr] ?? 0n) & bits, (actual.csrs[csr] ?? 0n) & bits);
  const accessedDirty = expected.traps.some(({ epc }) => isAmo(wordAt(placed, epc))) ? 0xc0n : 0n;
  PTE_SLOTS.forEach((slot, i) =>
    check(`entry at ${hex(slot)}`, (expected.ptes[i] ?? 0n) | accessedDirty, (actual.ptes[i] ?? 0n) | accessedDirty),
  );
  for (const offset of new Set([...expected.scratch.keys(), ...actual.scratch.keys()])) {
    check(`scratch+0x${offset.toString(16)}`, expected.scratch.get(offset), actual.scratch.get(offset));
  }
  return out;
}

function describeTrap(trap: Trap | undefined, start: bigint): string {
  return trap === undefined
    ? 'none'
    : `cause ${hex(trap.cause)} at +${hex(trap.epc - start)} tval ${hex(trap.tval)} in mode ${trap.mode}`;
}

/** The snippet as text: its state, its code with addresses, and what QEMU logged. */
export function describeSnippet({ snippet, start }: Placed): string {
  const lines = [`snippet ${snippet.name}, at ${hex(start)}`];
  const csrs = Object.entries(snippet.csrs)
    .filter(([, value]) => value !== 0n)
    .map(([name, value]) => `${name}=${hex(value)}`);
  lines.push(`  ${csrs.join(' ')}`);
  let offset = 0;
  for (const unit of snippet.units) {
    for (const { text, sizeBytes } of unit) {
      lines.push(`  +0x${offset.toString(16).padStart(3, '0')}  ${text}`);
      offset += sizeBytes;
    }
    lines.push('');
  }
  return lines.join('\n');
}
