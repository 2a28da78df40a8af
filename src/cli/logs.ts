// `capvm logs [RUN] NAME`.
import { EXIT } from '../host/errors.ts';
import { askAbout } from './control-verbs.ts';
import { writeFully } from './files.ts';

export const help = `usage: capvm logs [RUN] NAME

Prints what a cVM of a run of \`capvm up\` has printed so far: the last 256 KiB of it, as it was written.
RUN is the number that \`capvm ps\` shows, or the name of the manifest's file; it may be left out when
only one run has a cVM of that NAME.

Exit codes: 0 done, 64 wrong command line, 65 there is no such cVM, 69 there is no such run, or it does
not answer.
`;

export async function main(args: readonly string[]): Promise<number> {
  const response = await askAbout('logs', args);
  if ('logs' in response) writeFully(1, Buffer.from(response.logs, 'base64'));
  return EXIT.ok;
}
