// The other side of control sockets: finds the runs of this user, asks them, and clears what dead ones left.
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { CapvmError, EXIT } from '../../host/errors.ts';
import { controlDirectory, runsIn, socketPath } from './directory.ts';
import { parseResponse } from './protocol.ts';
import type { Question, Response, RunJson } from './protocol.ts';

const PATIENCE_MILLISECONDS = 5000;
const ANSWER_CHARACTERS = 64 * 1024 ** 2;

/** Sends one request. Undefined: nobody listens there any more. Throws CapvmError: no proper answer. */
export async function ask(directory: string, run: number, request: Question): Promise<Response | undefined> {
  const text = await exchange(socketPath(directory, run), `${JSON.stringify(request)}\n`, run);
  if (text === undefined) return undefined;
  const response = parseResponse(text);
  if (response === undefined) throw silent(run);
  return response;
}

export interface Found {
  readonly directory: string;
  readonly runs: readonly RunJson[];
  /** Runs that are there and do not answer. */
  readonly silent: readonly number[];
}

/** All runs of this user, oldest process number first. */
export async function findRuns(): Promise<Found> {
  const directory = controlDirectory(false);
  if ('why' in directory) return { directory: '', runs: [], silent: [] };
  const { path } = directory;
  const numbers = runsIn(path);
  const answers = await Promise.all(
    numbers.map((run) => ask(path, run, { verb: 'ps' }).catch(() => 'silent' as const)),
  );
  return {
    directory: path,
    runs: answers.flatMap((answer) => (typeof answer === 'object' && 'ok' in answer ? [answer.ok] : [])),
    silent: numbers.filter((_, index) => answers[index] === 'silent'),
  };
}

/** Removes sockets of runs that are no more. */
export async function removeStale(directory: string): Promise<void> {
  await Promise.all(runsIn(directory).filter((run) => !isAlive(run)).map((run) => rmSync(socketPath(directory, run), { force: true }))); // prettier-ignore
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export const silent = (run: number): CapvmError =>
  new CapvmError('ERR_CVM_NO_RUN', `run ${run} does not answer`, EXIT.unavailable);

function exchange(path: string, request: string, run: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    const timer = setTimeout(() => socket.destroy(silent(run)), PATIENCE_MILLISECONDS);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.end(request));
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.length > ANSWER_CHARACTERS) socket.destroy(silent(run));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(undefined);
      else reject(error instanceof CapvmError ? error : silent(run));
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
