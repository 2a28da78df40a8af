// A run's control socket. Trust: only this user can connect; still, a client that sends nonsense, nothing, or never
// reads costs the run no more than a few connections for a few seconds.
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { removeStale } from './client.ts';
import { controlDirectory, socketPath } from './directory.ts';
import { parseRequest, REQUEST_BYTES } from './protocol.ts';
import type { Request, Response } from './protocol.ts';

const CONNECTIONS = 8;
const PATIENCE_MILLISECONDS = 3000;

export interface ControlServer {
  close(): void;
}

/** Serves until it is closed or the process ends. A string: why it cannot. */
export async function serve(handle: (request: Request) => Response): Promise<ControlServer | string> {
  const directory = controlDirectory(true);
  if ('why' in directory) return directory.why;
  await removeStale(directory.path);
  const path = socketPath(directory.path, process.pid);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => converse(socket, handle));
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

/** One request, one answer. */
function converse(socket: Socket, handle: (request: Request) => Response): void {
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MILLISECONDS).unref();
  let text = '';
  let answered = false;
  const answer = (response: Response): void => {
    answered = true;
    socket.end(`${JSON.stringify(response)}\n`);
  };
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', (piece: string) => {
    if (answered) return;
    text += piece;
    const end = text.indexOf('\n');
    if (end < 0 && text.length < REQUEST_BYTES) return;
    const request = parseRequest(text.slice(0, end));
    answer(request === undefined ? { error: 'not a request' } : handle(request));
  });
  socket.on('end', () => {
    if (!answered) socket.destroy();
  });
}
