// One connection of the host, TCP or of a Unix socket, whose other end is in a cVM. Neither end can make the other hold more than a window.
import type { Socket } from 'node:net';
import { DATA_BYTES, encodeFrame, FRAME, ProtocolError, WINDOW } from './frames.ts';
import type { Frame } from './frames.ts';

export const ECONNREFUSED = 111;

export class Connection {
  readonly #id: number;
  readonly #socket: Socket;
  readonly #send: (frame: Uint8Array) => void;
  readonly #onEnd: () => void;
  /** Bytes that this end takes, and those that the cVM takes now. */
  readonly window: number;
  #credit = 0;
  #waiting: Uint8Array[] = [];
  /** Bytes of the cVM that the socket has not taken; and those it has that the cVM was not told of. */
  #inFlight = 0;
  #taken = 0;
  #isOpen = false;
  #socketEnded = false;
  #finSent = false;
  #finReceived = false;
  #isOver = false;

  /** `onEnd`: nothing more comes of it; it is to be forgotten. */
  constructor(id: number, socket: Socket, window: number, send: (frame: Uint8Array) => void, onEnd: () => void) {
    this.#id = id;
    this.window = window;
    this.#socket = socket;
    this.#send = send;
    this.#onEnd = onEnd;
    socket.setNoDelay(true);
    socket.pause();
    socket.on('data', (bytes) => this.#fromSocket(bytes));
    socket.on('end', () => this.#socketEnd());
    socket.on('error', () => this.#reset());
    socket.on('close', () => this.#closed());
  }

  /** Both ends are there; the cVM takes this many bytes at first. Throws ProtocolError. */
  open(credit: number): void {
    this.#isOpen = true;
    this.#more(credit);
    this.#socket.resume();
  }

  /** What the cVM says. Throws ProtocolError. */
  take({ type, value, payload }: Frame): void {
    if (type === FRAME.opened) return this.#opened(value);
    if (type === FRAME.refused) return this.abandon();
    if (type === FRAME.reset) return this.abandon();
    if (!this.#isOpen) throw new ProtocolError(`a frame of type ${type} before the connection is open`);
    if (type === FRAME.data) this.#data(payload);
    else if (type === FRAME.credit) this.#more(value);
    else if (type === FRAME.fin) this.#fin();
    else throw new ProtocolError(`a second open of connection ${this.#id}`);
  }

  /** The cVM knows of it no more. */
  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // A socket that is shutting down cannot be reset (libuv: UV_EINVAL): Node would keep its handle open for ever.
    // Only TCP can be reset.
    if (this.#finReceived || this.#socket.remoteFamily === undefined) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    this.#onEnd();
  }

  #opened(credit: number): void {
    if (this.#isOpen || this.#id % 2 === 1) throw new ProtocolError(`connection ${this.#id} is open already`);
    this.open(credit);
  }

  #data(bytes: Uint8Array): void {
    if (this.#finReceived) throw new ProtocolError('data behind the end');
    this.#inFlight += bytes.length;
    if (this.#inFlight + this.#taken > this.window) throw new ProtocolError('more data than there is room for');
    this.#socket.write(bytes, () => {
      this.#inFlight -= bytes.length;
      this.#taken += bytes.length;
      if (this.#taken < this.window / 4 || this.#isOver) return;
      this.#send(encodeFrame({ connection: this.#id, type: FRAME.credit, value: this.#taken }));
      this.#taken = 0;
    });
  }

  #more(value: number): void {
    this.#credit += value;
    if (value === 0 || this.#credit > WINDOW) throw new ProtocolError('more credit than was used');
    this.#flow();
  }

  #fin(): void {
    if (this.#finReceived) throw new ProtocolError('a second end');
    this.#finReceived = true;
    this.#socket.end();
  }

  #fromSocket(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#flow();
  }

  /** As much to the cVM as it takes; the socket is not read while something waits. */
  #flow(): void {
    while (this.#isOpen && this.#credit > 0 && this.#waiting.length > 0) {
      const [first] = this.#waiting;
      const part = first.subarray(0, Math.min(this.#credit, DATA_BYTES));
      this.#credit -= part.length;
      this.#send(encodeFrame({ connection: this.#id, type: FRAME.data, payload: part }));
      if (part.length < first.length) this.#waiting[0] = first.subarray(part.length);
      else this.#waiting.shift();
    }
    if (this.#waiting.length > 0) this.#socket.pause();
    else if (this.#isOpen && this.#socket.isPaused()) this.#socket.resume();
    if (this.#socketEnded && this.#isOpen && this.#waiting.length === 0) this.#sendFin();
  }

  #socketEnd(): void {
    this.#socketEnded = true;
    this.#flow();
  }

  #sendFin(): void {
    if (this.#finSent || this.#isOver) return;
    this.#finSent = true;
    this.#send(encodeFrame({ connection: this.#id, type: FRAME.fin }));
  }

  /** The socket failed. */
  #reset(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#send(encodeFrame({ connection: this.#id, type: FRAME.reset }));
    this.#onEnd();
  }

  /** The socket is done: all is well if both ends have said so. */
  #closed(): void {
    if (this.#isOver) return;
    if (!(this.#finReceived && this.#finSent)) return this.#reset();
    this.#isOver = true;
    this.#onEnd();
  }
}
