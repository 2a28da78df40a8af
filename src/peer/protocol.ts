// What a peer and the host code behind it say to each other: guests/peer/protocol.h, in TypeScript.
//
//   0 verb u32 · 4 place u32 · 8 payload bytes u32 · 12 caller u32 · 16 values 8 × i64 · 80 payload

export const VERB = {
  call: 0,
  bind: 1,
  sendOpen: 2,
  receiveOpen: 3,
  close: 4,
  send: 5,
  receive: 6,
  lend: 7,
  borrow: 8,
  fileOpen: 9,
  fileClose: 10,
  fileSize: 11,
  fileRead: 12,
  fileWrite: 13,
  fileWait: 14,
  fileNotify: 15,
  offer: 16,
  answer: 17,
} as const;

export const NEWS = { ready: 0, reply: 1, request: 2 } as const;

export const WORKERS = 16;
/** Calls that all entries of a peer can serve at once. */
export const STACKS = 16;
/** Calls that host code may work on: those of callers that are gone, too. */
export const REQUESTS_PER_STACK = 2;
const HEAD_BYTES = 80;
const VALUES = 8;

export interface Frame {
  readonly verb: number;
  readonly place: number;
  readonly caller: number;
  readonly values: readonly bigint[];
  readonly payload: Uint8Array;
}

export function encode(verb: number, place: number, values: readonly bigint[], payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, verb, true);
  view.setUint32(4, place, true);
  view.setUint32(8, payload.length, true);
  values.forEach((value, index) => view.setBigInt64(16 + 8 * index, BigInt.asIntN(64, value), true));
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** A name as a peer's program wants it. */
export const nameBytes = (name: string): Uint8Array => new TextEncoder().encode(`${name}\0`);

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #limit: number;
  #rest = new Uint8Array(0);

  /** `limit`: bytes of a payload at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The frames that these bytes complete. Throws RangeError for what no peer says. */
  read(bytes: Uint8Array): Frame[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      const frame = this.#frameAt(all, at);
      if (frame === undefined) break;
      frames.push(frame);
      at += HEAD_BYTES + frame.payload.length;
    }
    this.#rest = all.slice(at);
    return frames;
  }

  #frameAt(all: Uint8Array, at: number): Frame | undefined {
    if (all.length - at < HEAD_BYTES) return undefined;
    const view = new DataView(all.buffer, at);
    const size = view.getUint32(8, true);
    if (size > this.#limit) throw new RangeError(`a peer sent a frame with ${size} bytes`);
    if (all.length - at < HEAD_BYTES + size) return undefined;
    return {
      verb: view.getUint32(0, true),
      place: view.getUint32(4, true),
      caller: view.getUint32(12, true),
      values: Array.from({ length: VALUES }, (_, index) => view.getBigInt64(16 + 8 * index, true)),
      payload: all.slice(at + HEAD_BYTES, at + HEAD_BYTES + size),
    };
  }
}
