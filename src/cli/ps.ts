// `capvm ps`: what runs of this user are doing.
import { ArgumentError } from '../host/errors.ts';
import { findRuns } from './control/client.ts';
import type { RunJson } from './control/protocol.ts';
import { cvmDetails, cvmTable } from './cvm-report.ts';
import { writeFully } from './files.ts';
import { shownPath } from './host-files.ts';
import { parseOptions } from './options.ts';
import { printable } from './printable.ts';
import { grouped } from './table.ts';

export const help = `usage: capvm ps [--stats] [--json]

Shows the runs of \`capvm up\` that this user has going, and the cVMs in each.

  --stats   what each cVM has: memory, threads and what they wait for, streams, calls
  --json    one JSON array of runs, always with everything

Exit codes: 0, also when there is no run; others: \`capvm help exit-codes\`.
`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('ps', args, { stats: { type: 'boolean' }, json: { type: 'boolean' } });
  if (positionals.length > 0) throw new ArgumentError('ps: it takes no arguments; see `capvm help ps`');
  const { runs, silent } = await findRuns();
  const lines =
    values.json === true
      ? [JSON.stringify(runs)]
      : runs.flatMap((run) => runLines(run, values.stats === true)).map(printable);
  if (lines.length > 0) writeFully(1, Buffer.from(`${lines.join('\n')}\n`));
  const talk = silent.map((run) => `capvm: run ${run} does not answer\n`);
  if (lines.length === 0 && silent.length === 0) talk.push('capvm: no run is going on\n');
  writeFully(2, Buffer.from(talk.join('')));
  return 0;
}

function runLines({ run, file, seconds, instructions, cvms }: RunJson, stats: boolean): string[] {
  const title = `run ${run}: ${shownPath(file)}, ${seconds.toFixed(1)} s, ${grouped(instructions)} instructions`;
  return [
    title,
    ...cvmTable(cvms).map((line) => `  ${line}`),
    ...(stats ? cvmDetails(cvms).map((line) => `  ${line}`) : []),
  ];
}
