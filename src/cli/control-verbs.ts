// `capvm pause|resume|restart|kill|stop [RUN] NAME`.
import { basename } from 'node:path';
import { ArgumentError, CapvmError, EXIT } from '../host/errors.ts';
import { ask, findRuns, silent } from './control/client.ts';
import type { Action, Response, RunJson } from './control/protocol.ts';
import { parseOptions } from './options.ts';

const WHAT: Readonly<Record<Action, string>> = {
  pause: 'Stops a running cVM of `capvm up`: its threads, and others that are in a call to it or come to one.',
  resume: 'Lets a paused cVM of `capvm up` go on.',
  restart: 'Ends a cVM of `capvm up`, whatever it is doing, and lets it begin anew with the same connections.',
  kill: 'Ends a cVM of `capvm up`. For the run that is a failure (exit code 119); it is not restarted.',
  stop: 'Ends a cVM of `capvm up` on purpose: no failure of the run; it is not restarted. A Linux program gets\nSIGTERM, and ten seconds.',
};

export function controlVerb(action: Action): { help: string; main: (args: readonly string[]) => Promise<number> } {
  const help = `usage: capvm ${action} [RUN] NAME

${WHAT[action]}
RUN is the number that \`capvm ps\` shows, or the name of the manifest's file; it may be left out when
only one run has a cVM of that NAME.

Exit codes: 0 done, 64 wrong command line, 65 there is no such cVM or its state does not allow that,
69 there is no such run, or it does not answer.
`;
  return { help, main: (args) => act(action, args) };
}

async function act(action: Action, args: readonly string[]): Promise<number> {
  await askAbout(action, args);
  return EXIT.ok;
}

/** Of one cVM of one run, `[RUN] NAME`. Throws ArgumentError or CapvmError. */
export async function askAbout(action: Action | 'logs', args: readonly string[]): Promise<Response> {
  const { positionals } = parseOptions(action, args, {});
  if (positionals.length < 1 || positionals.length > 2)
    throw new ArgumentError(`${action}: give [RUN] NAME; see \`capvm help ${action}\``);
  const { directory, run, name } = await findRun(positionals);
  const response = await ask(directory, run, { verb: action, name });
  if (response === undefined) throw silent(run);
  if ('error' in response) throw new CapvmError('ERR_CVM_REFUSED', `${action}: ${response.error}`, EXIT.data);
  return response;
}

/** Of `[RUN] NAME`. Throws ArgumentError or CapvmError. */
export async function findRun(words: readonly string[]): Promise<{ directory: string; run: number; name: string }> {
  const name = words.at(-1)!;
  const { directory, runs } = await findRuns();
  const { run } = choose(runs, words.length === 2 ? words[0] : undefined, name);
  return { directory, run, name };
}

function choose(runs: readonly RunJson[], wanted: string | undefined, name: string): RunJson {
  const missing = (why: string): CapvmError => new CapvmError('ERR_CVM_NO_RUN', why, EXIT.unavailable);
  if (runs.length === 0) throw missing('no run is going on');
  const named = runs.filter(({ run, file }) => wanted === undefined || String(run) === wanted || isNamed(file, wanted));
  if (named.length === 0) throw missing(`no run is called ${JSON.stringify(wanted)}; \`capvm ps\` lists them`);
  const having = named.filter(({ cvms }) => cvms.some((cvm) => cvm.name === name));
  const candidates = having.length > 0 ? having : named;
  if (candidates.length === 1) return candidates[0];
  const numbers = candidates.map(({ run }) => run).join(', ');
  throw new ArgumentError(`several runs could be meant: give one of ${numbers} before the name`);
}

const isNamed = (file: string, wanted: string): boolean =>
  [basename(file), basename(file).replace(/\.[^.]*$/, '')].includes(basename(wanted));
