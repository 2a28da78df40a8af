// Host code at an end of a stream: what embedders supply, and how it is asked. Not trusted: it reaches a stream only through
// put(), which takes what there is room for, and its closings.
import type { Kernel } from '../kernel.ts';
import type { Stream } from './stream.ts';

/** Host code as the sender: fills `into` from its start; how many bytes, 0 = end of file, undefined = nothing yet. */
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

/** For as much as there is room for. */
export function askHost(kernel: Kernel, stream: Stream, source: HostSource, room: number): void {
  const bytes = new Uint8Array(Math.min(room, HOST_PIECE));
  if (bytes.length === 0) return;
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
