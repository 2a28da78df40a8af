// Frames of connections between a library OS and who is at the other end of a pair of streams (guests/libos/net/mux.h):
//   { u32 connection, u8 type, u8 0, u16 port, u32 length, u32 value }, little endian, then `length` bytes
// Trust: the other end may send anything; what is no frame is told as such, and nothing is kept of it but one frame.

export const FRAME = { open: 1, opened: 2, refused: 3, data: 4, credit: 5, fin: 6, reset: 7 } as const;

export interface Frame {
  readonly connection: number;
  readonly type: number;
  readonly port: number;
  readonly value: number;
  readonly payload: Uint8Array;
}

/** Most bytes that one side of a connection may send before the other has said that it takes more: OPEN and OPENED say how many. */
export const WINDOW = 256 * 1024;
/** Of one frame. */
export const DATA_BYTES = 64 * 1024;
const ADDRESS_BYTES = 64;
const HEADER = 16;
const NOTHING = new Uint8Array();

export function encodeFrame(frame: Partial<Frame> & Pick<Frame, 'connection' | 'type'>): Uint8Array {
  const { connection, type, port = 0, value = 0, payload = NOTHING } = frame;
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, connection, true);
  view.setUint8(4, type);
  view.setUint16(6, port, true);
  view.setUint32(8, payload.length, true);
  view.setUint32(12, value, true);
  bytes.set(payload, HEADER);
  return bytes;
}

/** What came is no frame, or none that can come now. */
export class ProtocolError extends Error {}

export class FrameReader {
  #rest: Uint8Array = NOTHING;

  /** What is whole of them; the payloads are copies. Throws ProtocolError. */
  read(bytes: Uint8Array): Frame[] {
    const whole = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (whole.length - at >= HEADER) {
      const view = new DataView(whole.buffer, whole.byteOffset + at, HEADER);
      const length = view.getUint32(8, true);
      checkHeader(view, length);
      if (whole.length - at - HEADER < length) break;
      const payload = whole.slice(at + HEADER, at + HEADER + length);
      const port = view.getUint16(6, true);
      frames.push({ connection: view.getUint32(0, true), type: view.getUint8(4), port, value: view.getUint32(12, true), payload }); // prettier-ignore
      at += HEADER + length;
    }
    this.#rest = whole.slice(at);
    return frames;
  }
}

function checkHeader(view: DataView, length: number): void {
  const [type, zero] = [view.getUint8(4), view.getUint8(5)];
  const most = type === FRAME.data ? DATA_BYTES : type === FRAME.open ? ADDRESS_BYTES : 0;
  const least = type === FRAME.data ? 1 : 0;
  if (type < FRAME.open || type > FRAME.reset || zero !== 0) throw new ProtocolError(`a frame of type ${type}`);
  if (length < least || length > most) throw new ProtocolError(`a frame of type ${type} with ${length} bytes`);
}
