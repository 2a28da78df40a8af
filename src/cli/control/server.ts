// A run's control socket. Trust: only this user can connect; still, a client that sends nonsense, nothing, or never
// reads costs the run no more than a few connections for a few seconds.
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { removeStale } from './client.ts';
import { controlDirectory, socketPath } from './directory.ts';
import { parseRequest, REQUEST_BYTES } from './protocol.ts';
import type { AttachRequest, ExecRequest, Question, Response } from './protocol.ts';

const CONNECTIONS = 256;
const PATIENCE_MILLISECONDS = 3000;
const NEWLINE = 10;

export interface ControlServer {
  close(): void;
}

export interface Handlers {
  handle(request: Question): Response;
  /** Takes the connection over. */
  exec(request: ExecRequest, socket: Socket): void;
  attach(request: AttachRequest, socket: Socket): void;
}

/** Serves until it is closed or the process ends. A string: why it cannot. */
export async function serve(handlers: Handlers): Promise<ControlServer | string> {
  const directory = controlDirectory(true);
  if ('why' in directory) return directory.why;
  await removeStale(directory.path);
  const path = socketPath(directory.path, process.pid);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => converse(socket, handlers));
  server.maxConnections = CONNECTIONS;
  const why = await listening(server, path);
  if (why !== undefined) return why;
  chmodSync(path, 0o600);
  const remove = (): void => rmSync(path, { force: true });
  process.on('exit', remove);
  const close = (): void => {
    server.close();
    remove();
    process.off('exit', remove);
  };
  return { close };
}

const listening = (server: Server, path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    server.on('error', (error) => resolve(error.message));
    server.listen(path, () => resolve(undefined));
  });

/** One request; what comes behind it is for whoever takes the connection over. */
function converse(socket: Socket, handlers: Handlers): void {
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MILLISECONDS).unref();
  let bytes: Buffer = Buffer.alloc(0);
  const onData = (piece: Buffer): void => {
    bytes = Buffer.concat([bytes, piece]);
    const end = bytes.indexOf(NEWLINE);
    if (end < 0 && bytes.length < REQUEST_BYTES) return;
    socket.off('data', onData).off('end', onEnd).pause();
    const request = end > REQUEST_BYTES ? undefined : parseRequest(bytes.toString('utf8', 0, Math.max(end, 0)));
    const isKept = request?.verb === 'exec' || request?.verb === 'attach';
    if (!isKept) return answer(socket, request === undefined ? { error: 'not a request' } : handlers.handle(request));
    clearTimeout(timer);
    if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
    if (request.verb === 'exec') handlers.exec(request, socket);
    else handlers.attach(request, socket);
  };
  const onEnd = (): void => void socket.destroy();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', onData).on('end', onEnd);
}

function answer(socket: Socket, response: Response): void {
  socket.end(`${JSON.stringify(response)}\n`);
  socket.resume();
}
