// The host's end of a cVM's network, with a cVM made of frames at one side and real sockets at the other.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { expect } from 'chai';
import { encodeFrame, FRAME, FrameReader, WINDOW } from '../../src/services/network/frames.ts';
import type { Frame } from '../../src/services/network/frames.ts';
import { HOST_ADDRESS, parseDestination, parsePublished } from '../../src/services/network/ports.ts';
import type { Destination } from '../../src/services/network/ports.ts';
import { Uplink } from '../../src/services/network/uplink.ts';
import { Random } from '../helpers/random.ts';

type Send = Partial<Frame> & Pick<Frame, 'connection' | 'type'>;

/** The cVM: what came, and what it says. */
class Guest {
  readonly uplink: Uplink;
  readonly nonsense: string[] = [];
  readonly denied: string[] = [];
  readonly #reader = new FrameReader();
  readonly #frames: Frame[] = [];
  #wake: (() => void) | undefined;

  constructor(allowed: readonly Destination[] = []) {
    this.uplink = new Uplink(allowed, {
      onMore: () => this.#more(),
      onNonsense: (why) => this.nonsense.push(why),
      onDenied: (destination) => this.denied.push(destination),
    });
  }

  say(...frames: Send[]): void {
    this.uplink.write(Buffer.concat(frames.map(encodeFrame)));
  }

  async next(type?: number): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex((frame) => type === undefined || frame.type === type);
      if (index >= 0) return this.#frames.splice(index, 1)[0];
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  get pending(): readonly Frame[] {
    return this.#frames;
  }

  #more(): void {
    const bytes = new Uint8Array(300_000);
    for (let count: number | undefined; (count = this.uplink.read(bytes)) !== undefined;)
      this.#frames.push(...this.#reader.read(bytes.subarray(0, count)));
    this.#wake?.();
  }
}

const pause = (milliseconds = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
const ended = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => resolve(Buffer.concat(parts)));
    socket.on('error', reject);
  });

describe('network of a cVM', () => {
  const closing: { close(): void }[] = [];
  afterEach(() => closing.splice(0).forEach((end) => end.close()));

  const guestAt = async (...allowed: Destination[]): Promise<{ guest: Guest; port: number }> => {
    const guest = new Guest(allowed);
    closing.push(guest.uplink);
    return { guest, port: await guest.uplink.publish({ address: '127.0.0.1', hostPort: 0, guestPort: 80 }) };
  };
  const client = (port: number): Socket => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    closing.push({ close: () => socket.destroy() });
    return socket;
  };
  const listening = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const server: Server = createServer({ allowHalfOpen: true }, (socket) =>
      onSocket(socket.on('error', () => undefined)),
    ).listen(0, '127.0.0.1');
    closing.push(server);
    await new Promise((resolve) => server.on('listening', resolve));
    return (server.address() as AddressInfo).port;
  };
  const accepted = async (guest: Guest): Promise<number> => {
    const { connection } = await guest.next(FRAME.open);
    guest.say({ connection, type: FRAME.opened, value: WINDOW });
    return connection;
  };

  it('a published port leads to the cVM, both ways, to both ends', async () => {
    const { guest, port } = await guestAt();
    const socket = client(port);
    const answer = ended(socket);
    socket.end('question');
    const open = await guest.next();
    expect(open).to.include({ type: FRAME.open, port: 80, connection: 2 });
    expect(Buffer.from(open.payload).toString()).to.match(/^127\.0\.0\.1:\d+$/);
    await pause();
    expect(guest.pending, 'before it is accepted').to.deep.equal([]);
    guest.say({ connection: 2, type: FRAME.opened, value: WINDOW });
    expect(Buffer.from((await guest.next()).payload).toString()).to.equal('question');
    expect(await guest.next()).to.include({ type: FRAME.fin, connection: 2 });
    guest.say({ connection: 2, type: FRAME.data, payload: Buffer.from('answer') }, { connection: 2, type: FRAME.fin });
    expect((await answer).toString()).to.equal('answer');
    await pause();
    expect(guest.pending).to.deep.equal([]);
  });

  it('nobody sends more than the other has room for', async () => {
    const { guest, port } = await guestAt();
    const socket = client(port);
    const bytes = Buffer.alloc(1_000_000, 'abcdefg');
    socket.end(bytes);
    const connection = await accepted(guest);
    const parts: Uint8Array[] = [];
    const received = (): number => parts.reduce((sum, { length }) => sum + length, 0);
    while (received() < WINDOW) parts.push((await guest.next(FRAME.data)).payload);
    await pause();
    expect(guest.pending).to.deep.equal([]);
    expect(received()).to.equal(WINDOW);
    while (received() < bytes.length) {
      guest.say({ connection, type: FRAME.credit, value: 1000 });
      parts.push((await guest.next(FRAME.data)).payload);
    }
    expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
    expect(await guest.next()).to.include({ type: FRAME.fin });
  });

  it('a reader that stalls holds up nobody else, and no memory', async () => {
    const { guest, port } = await guestAt();
    const lazy = client(port).pause();
    const first = await accepted(guest);
    const eager = client(port);
    const second = await accepted(guest);
    expect(lazy.isPaused()).to.equal(true);
    const piece = { connection: first, type: FRAME.data, payload: new Uint8Array(65536) };
    guest.say(piece, piece, piece, piece);
    guest.say({ connection: second, type: FRAME.data, payload: Buffer.from('quick') });
    expect((await new Promise<Buffer>((resolve) => eager.once('data', resolve))).toString()).to.equal('quick');
  });

  it('the cVM is told what its reader has taken', async () => {
    const { guest, port } = await guestAt();
    client(port).resume();
    const connection = await accepted(guest);
    const piece = { connection, type: FRAME.data, payload: new Uint8Array(65536) };
    for (let round = 0; round < 20; round++) {
      guest.say(piece);
      expect(await guest.next()).to.include({ type: FRAME.credit, value: 65536, connection });
    }
  });

  it('ends as it was ended: refused, reset, or by a socket that fails', async () => {
    const { guest, port } = await guestAt();
    for (const type of [FRAME.refused, FRAME.reset]) {
      const socket = client(port);
      const { connection } = await guest.next(FRAME.open);
      guest.say({ connection, type, value: type === FRAME.refused ? 111 : 0 });
      const failure = await ended(socket).then(() => undefined, (error: NodeJS.ErrnoException) => error.code); // prettier-ignore
      expect(failure).to.equal('ECONNRESET');
    }
    const socket = client(port);
    const connection = await accepted(guest);
    socket.resetAndDestroy();
    expect(await guest.next()).to.include({ type: FRAME.reset, connection });
    guest.say({ connection, type: FRAME.data, payload: new Uint8Array(5) });
    expect(guest.nonsense).to.deep.equal([]);
  });

  it('the cVM reaches what it may, and nothing else', async () => {
    const port = await listening((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    const { guest } = await guestAt({ address: HOST_ADDRESS, port });
    const at = (address: string, to = port) => Buffer.from(`${address}:${to}`);
    guest.say({ connection: 1, type: FRAME.open, value: WINDOW, port, payload: at(HOST_ADDRESS) });
    expect(await guest.next()).to.include({ type: FRAME.opened, connection: 1 });
    guest.say({ connection: 1, type: FRAME.data, payload: Buffer.from('echo') });
    expect(Buffer.from((await guest.next()).payload).toString()).to.equal('echo');
    for (const [address, to] of [
      ['127.0.0.1', port],
      [HOST_ADDRESS, port === 65535 ? 1 : port + 1],
      ['', port],
    ] as const) {
      guest.say({ connection: 3, type: FRAME.open, value: WINDOW, port: to, payload: at(address, to) });
      expect(await guest.next()).to.include({ type: FRAME.refused, connection: 3, value: 13 });
    }
    expect(guest.denied).to.deep.equal([`127.0.0.1:${port}`, `${HOST_ADDRESS}:${port + 1}`, `:${port}`]);
  });

  it('is told when nobody listens there', async () => {
    const { guest } = await guestAt({ address: HOST_ADDRESS, port: undefined });
    guest.say({ connection: 1, type: FRAME.open, value: WINDOW, port: 1, payload: Buffer.from(`${HOST_ADDRESS}:1`) });
    expect(await guest.next()).to.include({ type: FRAME.refused, value: 111 });
  });

  it('nonsense ends all connections of that cVM', async () => {
    const cases: ((connection: number) => Send[])[] = [
      (connection) => [{ connection, type: 9 }],
      (connection) => [{ connection, type: FRAME.data }],
      (connection) => [{ connection, type: FRAME.credit, value: 1 }],
      (connection) => [{ connection, type: FRAME.opened, value: WINDOW }],
      (connection) => [
        { connection, type: FRAME.fin },
        { connection, type: FRAME.fin },
      ],
      (connection) => [
        { connection, type: FRAME.fin },
        { connection, type: FRAME.data, payload: new Uint8Array(1) },
      ],
      (connection) => [{ connection, type: FRAME.open, port: 1, value: WINDOW }],
      () => [{ connection: 4, type: FRAME.open, port: 1, value: WINDOW }],
      () => [{ connection: 5, type: FRAME.open, port: 1 }],
      () => [{ connection: 5, type: FRAME.open, port: 1, value: WINDOW + 1 }],
      (connection) =>
        Array.from({ length: 5 }, () => ({ connection, type: FRAME.data, payload: new Uint8Array(65536) })),
    ];
    for (const [index, frames] of cases.entries()) {
      const { guest, port } = await guestAt();
      const before = openSockets();
      const socket = client(port).pause();
      const connection = await accepted(guest);
      guest.say(...frames(connection));
      expect(guest.nonsense, `case ${index}`).to.have.length(1);
      const failure = await ended(socket.resume()).then(() => undefined, (error: NodeJS.ErrnoException) => error.code); // prettier-ignore
      const hadEnded = frames(connection)[0].type === FRAME.fin;
      expect(failure, `case ${index}`).to.equal(hadEnded ? undefined : 'ECONNRESET');
      socket.destroy();
      await pause();
      expect(openSockets(), `case ${index}: nothing of it stays open`).to.equal(before);
    }
  });

  it('a cVM that asks and never reads is cut off, and costs the host no more', () => {
    const nonsense: string[] = [];
    const uplink = new Uplink([], { onMore: () => undefined, onNonsense: (why) => nonsense.push(why), onDenied: () => undefined }); // prettier-ignore
    const ask = encodeFrame({ connection: 1, type: FRAME.open, port: 1, value: WINDOW });
    for (let round = 0; round < 20_000 && nonsense.length === 0; round++) uplink.write(ask);
    expect(nonsense).to.deep.equal(['it asks and does not read the answers']);
    expect(uplink.read(new Uint8Array(1 << 20)), 'what waited is gone').to.equal(undefined);
    uplink.write(ask);
    expect(nonsense).to.have.length(1);
  });

  it('whatever bytes come, the host goes on', async () => {
    const seed = 7;
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const { guest } = await guestAt({ address: HOST_ADDRESS, port: 1 });
      for (let piece = 0; piece < 5; piece++) {
        const bytes = Uint8Array.from({ length: random.between(1, 60) }, (_, at) =>
          random.below(at % 16 === 4 ? 9 : 3),
        );
        guest.uplink.write(bytes);
      }
      guest.uplink.close();
    }
  });

  it('a port that is taken is said in one line', async () => {
    const { port } = await guestAt();
    const { guest } = await guestAt();
    const error = await guest.uplink.publish({ address: '127.0.0.1', hostPort: port, guestPort: 80 }).catch((why: unknown) => why); // prettier-ignore
    expect(error).to.include({ exitCode: 69 });
    expect((error as Error).message).to.match(/^cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

describe('ports and destinations', () => {
  it('are read as written', () => {
    expect(parsePublished('6379')).to.deep.equal({ address: '127.0.0.1', hostPort: 6379, guestPort: 6379 });
    expect(parsePublished('8080:80')).to.deep.equal({ address: '127.0.0.1', hostPort: 8080, guestPort: 80 });
    expect(parsePublished('0.0.0.0:0:80')).to.deep.equal({ address: '0.0.0.0', hostPort: 0, guestPort: 80 });
    expect(parseDestination('192.0.2.7:5432')).to.deep.equal({ address: '192.0.2.7', port: 5432 });
    expect(parseDestination('host:*')).to.deep.equal({ address: HOST_ADDRESS, port: undefined });
    for (const text of ['', '0', 'x', '80:', '1:2:3:4', '70000', '::80', '80:0', '1.2.3:1:1'])
      expect(parsePublished(text), text).to.equal(undefined);
    for (const text of ['', 'host', 'host:0', 'example.org:80', '1.2.3.4', '*:80', '1.2.3.4:70000'])
      expect(parseDestination(text), text).to.equal(undefined);
  });
});
