// `capvm exec` as its user sees it: four connections to the run.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { CapvmError, EXIT } from '../../host/errors.ts';
import { silent } from './client.ts';
import { socketPath } from './directory.ts';
import { readLine } from './lines.ts';
import { parseExecAnswer } from './protocol.ts';
import type { AttachRequest, ExecAnswer, ExecRequest } from './protocol.ts';

/** After a command's end, for what others that it left behind may still write. */
const GRACE_MILLISECONDS = 300;
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

export interface ExecPlace {
  /** Of control sockets, and the number of a run. */
  readonly directory: string;
  readonly run: number;
  /** Without it standard input is at its end. */
  readonly hasInput: boolean;
}

/** Exit code of the command, and what there is to say. Throws CapvmError: it could not be asked for. */
export async function execute(request: ExecRequest, place: ExecPlace): Promise<{ code: number; why?: string }> {
  const main = await dial(place);
  const { session } = await ask(main, request, place);
  if (session === undefined) throw silent(place.run);
  const files = await Promise.all([0, 1, 2].map((channel) => attach({ verb: 'attach', session, channel }, place)));
  const done = [flow(files[1], process.stdout), flow(files[2], process.stderr)];
  if (place.hasInput) feed(files[0]);
  else files[0].end();
  const stop = forwardSignals(main);
  const answer = parseExecAnswer((await readLine(main)) ?? '');
  stop();
  if (answer.error !== undefined) throw refusal(answer);
  if (answer.exit === undefined) throw new CapvmError('ERR_CVM_NO_RUN', `run ${place.run} has ended`, EXIT.unavailable);
  await Promise.race([Promise.all(done), new Promise((resolve) => setTimeout(resolve, GRACE_MILLISECONDS))]);
  return { code: answer.exit, why: answer.why };
}

async function dial({ directory, run }: ExecPlace): Promise<Socket> {
  const socket = connect({ path: socketPath(directory, run), allowHalfOpen: true });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect');
  } catch {
    throw silent(run);
  }
  return socket;
}

async function ask(socket: Socket, request: ExecRequest | AttachRequest, { run }: ExecPlace): Promise<ExecAnswer> {
  socket.write(`${JSON.stringify(request)}\n`);
  const line = await readLine(socket);
  if (line === undefined) throw silent(run);
  const answer = parseExecAnswer(line);
  if (answer.error !== undefined) throw refusal(answer);
  return answer;
}

const refusal = ({ error }: ExecAnswer): CapvmError => new CapvmError('ERR_CVM_REFUSED', `exec: ${error}`, EXIT.data);

async function attach(request: AttachRequest, place: ExecPlace): Promise<Socket> {
  const socket = await dial(place);
  await ask(socket, request, place);
  return socket;
}

/** Until its end; as fast as it is read. Whoever reads no more ends it. */
function flow(from: Socket, to: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    to.on('error', () => from.destroy());
    from.on('data', (bytes: Buffer) => {
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.on('end', () => from.end());
    from.on('close', () => resolve());
    from.resume();
  });
}

function feed(to: Socket): void {
  process.stdin.on('error', () => to.end());
  to.on('close', () => process.stdin.unpipe(to));
  process.stdin.pipe(to);
}

/** Ctrl-C and the like are for the command. */
function forwardSignals(main: Socket): () => void {
  const handlers = Object.entries(SIGNALS).map(([name, signal]) => {
    const send = (): void => void main.write(`${JSON.stringify({ signal })}\n`);
    process.on(name, send);
    return () => process.off(name, send);
  });
  return () => handlers.forEach((remove) => remove());
}
