// A pipe pair, a Unix socket and a TCP connection, made by the parent and handed to two processes as inherited file
// descriptors. They block there, so that the two can use plain read and write: the least that Node can spend on them.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

export const HOST_MECHANISMS = ['pipe', 'unix', 'tcp'] as const;
export type HostMechanism = (typeof HOST_MECHANISMS)[number];

/** One process's end: what it reads from and what it writes to. A socket is both. */
export interface LineEnd {
  readonly input: number | Socket;
  readonly output: number | Socket;
}

export interface Line {
  readonly client: LineEnd;
  readonly server: LineEnd;
}

/** Files that lines need go into `directory`. Rejects where the host has no such thing. */
export async function openLine(mechanism: HostMechanism, directory: string): Promise<Line> {
  if (mechanism === 'pipe') return openPipes(directory);
  const [client, server] = await openSockets(mechanism === 'unix' ? join(directory, 'socket') : undefined);
  return { client: { input: client, output: client }, server: { input: server, output: server } };
}

/** The parent's own hold on a line, to be given up when both processes have theirs: else nobody would see an end. */
export function closeLine({ client, server }: Line): void {
  for (const end of new Set([client.input, client.output, server.input, server.output])) {
    if (typeof end === 'number') closeSync(end);
    else end.destroy();
  }
}

/** Node has no call that makes a pipe, and its own "pipes" between processes are Unix sockets: named ones, then. */
function openPipes(directory: string): Line {
  const there = join(directory, 'there');
  const back = join(directory, 'back');
  execFileSync('mkfifo', ['-m', '600', there, back], { stdio: 'ignore' });
  const [serverInput, clientOutput] = openPipe(there);
  const [clientInput, serverOutput] = openPipe(back);
  return {
    client: { input: clientInput, output: clientOutput },
    server: { input: serverInput, output: serverOutput },
  };
}

/** Opening one end waits for the other; not while somebody holds both. */
function openPipe(path: string): [input: number, output: number] {
  const both = openSync(path, constants.O_RDWR);
  try {
    return [openSync(path, constants.O_RDONLY), openSync(path, constants.O_WRONLY)];
  } finally {
    closeSync(both);
  }
}

/** Two connected sockets, neither of which this process reads from. */
async function openSockets(path: string | undefined): Promise<[client: Socket, server: Socket]> {
  const server: Server = createServer({ pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (path !== undefined) server.listen(path, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  const client = new Socket();
  client.pause();
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('error', reject);
      if (path !== undefined) client.connect(path, resolve);
      else client.connect((server.address() as AddressInfo).port, '127.0.0.1', resolve);
    });
    const other = await accepted;
    for (const socket of [client, other]) {
      if (path === undefined) socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    return [client, other];
  } finally {
    server.close();
  }
}
