// The host's end of a cVM's network: published ports lead into the cVM, and the cVM reaches the destinations that its
// manifest allows, and nothing else. Frames go over a pair of streams; what is no frame ends the network of that cVM.
// Odd connections were opened by the cVM, even ones by the host.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { HostSink, HostSource } from '../../monitor/index.ts';
import { EXIT } from '../../host/index.ts';
import { ServiceError } from '../errors.ts';
import { Connection, ECONNREFUSED } from './connection.ts';
import { encodeFrame, FRAME, FrameReader, ProtocolError, WINDOW } from './frames.ts';
import type { Frame } from './frames.ts';
import type { Destination, PublishedPort } from './ports.ts';
import { CONTROL_ADDRESS, HOST_ADDRESS } from './ports.ts';

export interface UplinkEvents {
  /** There is something to read() now; called between turns of the machine, not within. */
  onMore(): void;
  /** The cVM broke the protocol; its network is over. */
  onNonsense(why: string): void;
  /** The cVM asked for what it is not allowed. */
  onDenied(destination: string): void;
  /** The cVM has ended. */
  onEnd?(): void;
}

/** Connections of a cVM with the host at once. */
const CONNECTIONS = 1024;
/** More than a few have smaller windows: what a cVM can make the host hold is 16 MiB and 15 MiB. */
const FEW_CONNECTIONS = 64;
const LEAST_WINDOW = WINDOW / 16;
/** Frames that wait for a cVM that does not read: behind so many, nobody may connect and the cVM may ask for nothing. */
const UNREAD_FRAMES = 16_384;
const EACCES = 13;
const EMFILE = 24;
const ERRNO: Readonly<Record<string, number>> = {
  ECONNREFUSED,
  ECONNRESET: 104,
  EHOSTUNREACH: 113,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
};

export class Uplink implements HostSource, HostSink {
  readonly #allowed: readonly Destination[];
  readonly #events: UplinkEvents;
  readonly #connections = new Map<number, Connection>();
  readonly #opening = new Map<number, Socket>();
  readonly #offers = new Map<number, Socket>();
  readonly #servers: Server[] = [];
  #reader = new FrameReader();
  #queue: Uint8Array[] = [];
  #next = 2;
  #isTold = false;
  /** Somebody is in the cVM to talk to. */
  #isAlive = true;

  constructor(allowed: readonly Destination[], events: UplinkEvents) {
    this.#allowed = allowed;
    this.#events = events;
  }

  /** Listens, and says at which port. Throws ServiceError. */
  publish({ address, hostPort, guestPort }: PublishedPort): Promise<number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket, guestPort),
    );
    server.maxConnections = CONNECTIONS;
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.on('error', (error) =>
        reject(
          new ServiceError(
            `cannot listen at ${address}:${hostPort}: ${error.message}`,
            'ERR_CVM_LISTEN',
            EXIT.unavailable,
          ),
        ),
      );
      server.listen(hostPort, address, () => resolve((server.address() as AddressInfo).port));
    });
  }

  /** The cVM may connect once to this port of the host itself, and gets this socket. */
  offer(port: number, socket: Socket): void {
    this.#offers.set(port, socket);
  }

  /** It has not. */
  withdraw(port: number): void {
    this.#offers.get(port)?.destroy();
    this.#offers.delete(port);
  }

  /** No more of anything. */
  close(): void {
    for (const server of this.#servers) server.close();
    this.#drop();
  }

  /** The cVM begins anew. */
  restart(): void {
    this.#drop();
    this.#isAlive = true;
  }

  read(into: Uint8Array): number | undefined {
    let count = 0;
    while (this.#queue.length > 0 && count < into.length) {
      const [first] = this.#queue;
      const part = first.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      if (part.length < first.length) this.#queue[0] = first.subarray(part.length);
      else this.#queue.shift();
    }
    return count === 0 ? undefined : count;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isAlive) return;
    try {
      for (const frame of this.#reader.read(bytes)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#drop();
      this.#events.onNonsense(error.message);
    }
  }

  /** The cVM has ended. */
  end(): void {
    this.#drop();
    this.#events.onEnd?.();
  }

  #drop(): void {
    this.#isAlive = false;
    for (const connection of [...this.#connections.values()]) connection.abandon();
    for (const socket of this.#opening.values()) socket.destroy();
    this.#connections.clear();
    this.#opening.clear();
    this.#queue = [];
    this.#reader = new FrameReader();
  }

  #accept(socket: Socket, port: number): void {
    if (!this.#isAlive || this.#connections.size >= CONNECTIONS || this.#queue.length >= UNREAD_FRAMES) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const id = this.#next;
    this.#next += 2;
    const { window } = this.#connect(id, socket);
    const peer = `${(socket.remoteAddress ?? '').replace(/^::ffff:/, '')}:${socket.remotePort ?? 0}`;
    this.#send(
      encodeFrame({ connection: id, type: FRAME.open, port, value: window, payload: new TextEncoder().encode(peer) }),
    );
  }

  #connect(id: number, socket: Socket): Connection {
    const connection = new Connection(
      id,
      socket,
      this.#connections.size < FEW_CONNECTIONS ? WINDOW : LEAST_WINDOW,
      (frame) => this.#send(frame),
      () => this.#connections.delete(id),
    );
    this.#connections.set(id, connection);
    return connection;
  }

  #take(frame: Frame): void {
    const { connection: id, type } = frame;
    if (this.#queue.length >= UNREAD_FRAMES) throw new ProtocolError('it asks and does not read the answers');
    if (type === FRAME.open) return this.#openOut(frame);
    if (type === FRAME.reset && this.#opening.has(id)) {
      this.#opening.get(id)!.destroy();
      this.#opening.delete(id);
      return;
    }
    this.#connections.get(id)?.take(frame); // one that is over here may not be over there
  }

  #openOut({ connection: id, port, value: credit, payload }: Frame): void {
    const isSound = id % 2 === 1 && credit > 0 && credit <= WINDOW;
    if (!isSound || this.#connections.has(id) || this.#opening.has(id))
      throw new ProtocolError(`connection ${id} cannot be opened`);
    const [, address = ''] = /^([\d.]+):(\d+)$/.exec(new TextDecoder().decode(payload)) ?? [];
    const refuse = (value: number): void => this.#send(encodeFrame({ connection: id, type: FRAME.refused, value }));
    if (address === CONTROL_ADDRESS) return this.#takeOffer(id, port, credit) ? undefined : refuse(ECONNREFUSED);
    const destination = this.#allowed.find((known) => known.address === address && (known.port ?? port) === port);
    if (destination === undefined) {
      this.#events.onDenied(`${address.replace(/[^\d.]/g, '?')}:${port}`);
      return refuse(EACCES);
    }
    if (this.#connections.size + this.#opening.size >= CONNECTIONS) return refuse(EMFILE);
    const socket = connect({ host: address === HOST_ADDRESS ? '127.0.0.1' : address, port, allowHalfOpen: true });
    this.#opening.set(id, socket);
    const onError = (error: NodeJS.ErrnoException): void => {
      if (this.#opening.delete(id)) refuse(ERRNO[error.code ?? ''] ?? ECONNREFUSED);
    };
    socket.on('error', onError);
    socket.on('connect', () => {
      socket.off('error', onError);
      if (this.#opening.delete(id)) this.#opened(id, socket, credit);
      else socket.destroy();
    });
  }

  #opened(id: number, socket: Socket, credit: number): void {
    const connection = this.#connect(id, socket);
    this.#send(encodeFrame({ connection: id, type: FRAME.opened, value: connection.window }));
    connection.open(credit);
  }

  #takeOffer(id: number, port: number, credit: number): boolean {
    const socket = this.#offers.get(port);
    if (socket !== undefined) this.#opened(id, socket, credit);
    return this.#offers.delete(port);
  }

  /** Told once for all that a turn of the event loop brings. */
  #send(frame: Uint8Array): void {
    if (!this.#isAlive) return;
    this.#queue.push(frame);
    if (this.#isTold) return;
    this.#isTold = true;
    queueMicrotask(() => {
      this.#isTold = false;
      this.#events.onMore();
    });
  }
}
