// Where control sockets lie: a directory that nobody but this user can enter, one socket a run, named by process.
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path of a Unix socket, on the systems that take least. */
const PATH_BYTES = 100;
const PRIVATE = 0o700;

/** The directory, or why there is none. `create`: make it if it is not there. */
export function controlDirectory(create: boolean): { path: string } | { why: string } {
  const user = process.getuid?.();
  if (user === undefined) return { why: 'this system has no Unix sockets of a user' };
  const path = chosenPath(user);
  if (Buffer.byteLength(join(path, '4194304.sock')) > PATH_BYTES) return { why: `${path} is too long a path` };
  try {
    if (create) makeDirectory(path);
    const found = lstatSync(path);
    // Whoever made it first could see or change what is in it.
    if (!found.isDirectory() || found.uid !== user)
      return { why: `${path} belongs to somebody else or is no directory` };
    if ((found.mode & 0o777) !== PRIVATE) chmodSync(path, PRIVATE);
    return { path };
  } catch (error) {
    return { why: `${path}: ${(error as Error).message.split(',')[0]}` };
  }
}

/** What it lies in is there. (Node's own `recursive` never ends below /proc.) */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function chosenPath(user: number): string {
  const runtime = process.env.XDG_RUNTIME_DIR ?? '';
  return runtime.startsWith('/') && isDirectory(runtime) ? join(runtime, 'capvm') : join(tmpdir(), `capvm-${user}`);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export const socketPath = (directory: string, run: number): string => join(directory, `${run}.sock`);

/** Process numbers of the runs that have, or left, a socket. */
export const runsIn = (directory: string): number[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isSocket())
    .map(({ name }) => Number(/^(\d+)\.sock$/.exec(name)?.[1]))
    .filter((run) => run > 0)
    .sort((a, b) => a - b);
