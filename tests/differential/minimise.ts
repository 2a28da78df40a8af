// Shrinks a snippet on which the machines differ: drops units, then instructions, as long as they still differ.
import { runBoth, UNFINISHED, type Mismatch } from './both.ts';
import type { Subject } from './capvm.ts';
import type { Snippet, Unit } from './snippet.ts';

/** For a round: candidates may loop for ever. */
const SECONDS = 10;

/** All candidates are tried in one program, so that a round costs one start of QEMU. */
function firstFailing(subject: Subject, candidates: readonly Snippet[]): Mismatch | undefined {
  if (candidates.length === 0) return undefined;
  return runBoth(subject, candidates, SECONDS).mismatches.find(
    ({ differences }) => !differences[0]?.endsWith(UNFINISHED),
  );
}

function without<T>(items: readonly T[], from: number, count: number): T[] {
  return [...items.slice(0, from), ...items.slice(from + count)];
}

function unitCandidates(snippet: Snippet, chunk: number): Snippet[] {
  const out: Snippet[] = [];
  for (let i = 0; i < snippet.units.length; i += chunk)
    out.push({ ...snippet, units: without(snippet.units, i, chunk) });
  return out;
}

function instructionCandidates(snippet: Snippet): Snippet[] {
  return snippet.units.flatMap((unit, u) =>
    unit.flatMap(({ text }, i) => {
      if (text.startsWith('sfence')) return []; // without it a stale TLB is allowed
      const smaller: Unit = without(unit, i, 1);
      return [{ ...snippet, units: snippet.units.map((one, k) => (k === u ? smaller : one)) }];
    }),
  );
}

export function minimise(subject: Subject, start: Mismatch): Mismatch {
  let best = start;
  for (let chunk = Math.ceil(best.placed.snippet.units.length / 2); chunk >= 1;) {
    const next = firstFailing(subject, unitCandidates(best.placed.snippet, chunk));
    if (next !== undefined) best = next;
    else chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2);
  }
  for (;;) {
    const next = firstFailing(subject, instructionCandidates(best.placed.snippet));
    if (next === undefined) return best;
    best = next;
  }
}
