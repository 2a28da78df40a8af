// A pipe pair, a Unix socket and a TCP connection, made by the parent and handed to two processes as inherited file
// descriptors. They block there, so that the two can use plain read and write: the least that Node can spend on them.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const HOST_MECHANISMS = ['pipe', 'unix', 'tcp'] as const;
export type HostMechanism = (typeof HOST_MECHANISMS)[number];

/** One process's end: what it reads from and what it writes to. A socket is both. */
export interface LineEnd {
  readonly input: number | Socket;
  readonly output: number | Socket;
}

const LOOPBACK = '127.0.0.1';

export interface Line {
  readonly client: LineEnd;
  readonly server: LineEnd;
}

/** Rejects where the host has no such thing. */
export function openLine(mechanism: HostMechanism): Promise<Line> {
  if (mechanism === 'tcp') return openSockets();
  return withDirectory((directory) =>
    mechanism === 'pipe' ? openPipes(directory) : openSockets(join(directory, 'socket')),
  );
}

/** Once both ends are open, nobody needs the names any more: nothing is left, however this process ends. */
async function withDirectory(action: (directory: string) => Line | Promise<Line>): Promise<Line> {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-ipc-'));
  try {
    return await action(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
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

/** Two connected sockets, neither of which this process reads from. Without a path: TCP. */
async function openSockets(path?: string): Promise<Line> {
  const server = createServer({ pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = new Socket();
  client.pause();
  try {
    await settled(server, (done) =>
      path === undefined ? server.listen(0, LOOPBACK, done) : server.listen(path, done),
    );
    const { port } = server.address() as AddressInfo;
    await settled(client, (done) => (path === undefined ? client.connect(port, LOOPBACK, done) : client.connect(path, done))); // prettier-ignore
    const other = await accepted;
    for (const socket of [client, other]) {
      if (path === undefined) socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    return { client: { input: client, output: client }, server: { input: other, output: other } };
  } finally {
    server.close();
  }
}

/** Runs `start`; resolves when it is done, rejects at the emitter's error. */
function settled(emitter: Server | Socket, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    emitter.once('error', reject);
    start(resolve);
  });
}
