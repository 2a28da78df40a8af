// `capvm exec [RUN] NAME -- PROGRAM ARGUMENTS`.
import { ArgumentError } from '../host/errors.ts';
import { findRun } from './control-verbs.ts';
import { execute } from './control/exec-client.ts';
import { say } from './files.ts';
import { parseOptions, text } from './options.ts';
import { printable } from './printable.ts';
import { variable } from './run-image.ts';

export const help = `usage: capvm exec [options] [RUN] NAME -- PROGRAM [ARGUMENTS]

Runs one more program in a running cVM that has a library OS (of \`capvm run --image\` or \`capvm up\`), beside
those that run there: with their files, network and limits. It takes a process of the cVM's \`processes\`, as
long as it runs. Standard input, output and errors are its own, no terminal; its exit code is passed on. Ctrl-C
sends it and what it started SIGINT; if this command is ended otherwise, they get SIGHUP.
RUN is the number that \`capvm ps\` shows, or the name of the manifest's file; it may be left out when
only one run has a cVM of that NAME.

  --env, -e NAME=VALUE   of its environment, beside that of the cVM. May be given again
  --cwd DIR              where it starts. Default: where the cVM's first program started
  --no-input, -n         its standard input is at its end

Exit codes: the program's own, 128 + N when signal N ended it; 127: there is no such program; 126: it
cannot be run, or no process is free; 119: the cVM has ended; 64 wrong command line; 65 there is no such cVM,
or it does not run; 69 there is no such run, or it does not answer.
`;

const OPTIONS = {
  env: { type: 'string', short: 'e', multiple: true },
  cwd: { type: 'string' },
  'no-input': { type: 'boolean', short: 'n' },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf('--');
  const { values, positionals } = parseOptions('exec', end < 0 ? args : args.slice(0, end), OPTIONS);
  const argv = end < 0 ? [] : args.slice(end + 1);
  if (argv.length === 0 || positionals.length < 1 || positionals.length > 2)
    throw new ArgumentError('exec: give [RUN] NAME -- PROGRAM [ARGUMENTS]; see `capvm help exec`');
  const { directory, run, name } = await findRun(positionals);
  const env = Object.fromEntries(((values.env ?? []) as string[]).map(variable));
  const request = { verb: 'exec', name, argv, env, cwd: text(values, 'cwd') } as const;
  const { code, why } = await execute(request, { directory, run, hasInput: values['no-input'] !== true });
  if (why !== undefined) say(`capvm: exec: ${printable(why)}\n`);
  return code;
}
