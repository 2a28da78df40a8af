// Host code at an end of a stream: what embedders supply, and how it is asked. Not trusted: it reaches a stream only through
// put(), which takes what there is room for, and its closings.
import type { Kernel } from '../kernel.ts';
import type { Stream } from './stream.ts';

/** Host code as the sender: fills `into`, which it may not keep, from its start; how many bytes, 0 = end of file, undefined = nothing yet. */
export interface HostSource {
  read(into: Uint8Array): number | undefined;
}

/** Host code as the receiver. */
export interface HostSink {
  write(bytes: Uint8Array): void;
  /** The sender has closed (true) or died (false). */
  end?(orderly: boolean): void;
}

/** Bytes asked of host code at once. */
const HOST_PIECE = 1024 * 1024;

/** What each was given last: it is asked after every turn, mostly for nothing, and large arrays are dear to make. */
const pieces = new WeakMap<HostSource, Uint8Array>();

function pieceFor(source: HostSource, size: number): Uint8Array {
  let piece = pieces.get(source);
  if (piece === undefined || piece.length < size) pieces.set(source, (piece = new Uint8Array(size)));
  return piece.subarray(0, size);
}

/** For as much as there is room for. */
export function askHost(kernel: Kernel, stream: Stream, source: HostSource, room: number): void {
  if (room === 0) return;
  const bytes = pieceFor(source, Math.min(room, HOST_PIECE));
  callHost(kernel, stream, () => {
    const count = source.read(bytes);
    if (count === undefined) return;
    if (!Number.isInteger(count) || count < 0 || count > bytes.length)
      throw new RangeError(`stream ${stream.name}: the host's read() returned ${count}`);
    if (count === 0) stream.closeSender('closed');
    else stream.put(bytes.subarray(0, count));
  });
}

export function giveHost(kernel: Kernel, stream: Stream, sink: HostSink, bytes: Uint8Array): void {
  callHost(kernel, stream, () => sink.write(bytes));
}

export function tellHost(kernel: Kernel, stream: Stream, sink: HostSink, orderly: boolean): void {
  callHost(kernel, stream, () => sink.end?.(orderly));
}

/** Host code may fail; the guest at the other end sees a dead peer, and the host's run() throws. */
function callHost(kernel: Kernel, stream: Stream, action: () => void): void {
  kernel.hostCode.call(() => {
    try {
      action();
    } catch (error) {
      if (stream.sender.source !== undefined) stream.closeSender('dead');
      else stream.closeReceiver('dead');
      throw error;
    }
  });
}
