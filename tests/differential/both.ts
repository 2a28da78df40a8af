// Runs the same snippets on QEMU and on this machine and compares what they report.
import { runOnCapvm, type Subject } from './capvm.ts';
import { compareReports } from './compare.ts';
import { buildProgram, parseReports, type Placed } from './program.ts';
import { runOnQemu } from './qemu.ts';
import type { Snippet } from './snippet.ts';

export type Mismatch = { placed: Placed; differences: string[] };
export type Comparison = { compared: number; mismatches: Mismatch[]; note: string };

export const UNFINISHED = 'did not finish this snippet';

export function runBoth(
  { machine, bitManipulation }: Subject,
  snippets: readonly Snippet[],
  timeoutSeconds = 60,
): Comparison {
  const program = buildProgram(snippets);
  const expected = parseReports(runOnQemu(program.elf, { bitManipulation, timeoutSeconds }));
  const { output, stop } = runOnCapvm(machine, program.elf);
  const actual = parseReports(output);
  const mismatches: Mismatch[] = [];
  const compared = Math.min(expected.length, actual.length);
  program.placed.slice(0, compared).forEach((placed, i) => {
    const [want, got] = [expected[i], actual[i]];
    if (want === undefined || got === undefined) return;
    const differences = compareReports(want, got, placed);
    if (differences.length > 0) mismatches.push({ placed, differences });
  });
  return {
    compared,
    mismatches,
    note: shortfall(snippets, program.placed, expected.length, actual.length, stop, mismatches),
  };
}

/** Where one side stopped early, that snippet counts as a mismatch too. */
function shortfall(
  snippets: readonly Snippet[],
  placed: readonly Placed[],
  expected: number,
  actual: number,
  stop: string,
  mismatches: Mismatch[],
): string {
  const early = Math.min(expected, actual);
  const stuck = placed[early];
  if (early === snippets.length || stuck === undefined) return '';
  const who = expected === actual ? 'both machines' : expected < actual ? 'QEMU' : `this machine (${stop})`;
  mismatches.unshift({ placed: stuck, differences: [`${who} ${UNFINISHED}`] });
  return `; ${who} stopped in '${stuck.snippet.name}'`;
}
