// Lines of a socket, one after the other. Trust: whoever writes them may write anything, or never end one.
import type { Socket } from 'node:net';

const NEWLINE = 10;
const LINE_BYTES = 64 * 1024;

/** The next line, without its end; undefined: there is none. What comes behind it stays in the socket, which is paused. */
export function readLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (line: string | undefined): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      resolve(line);
    };
    const onData = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      const end = bytes.indexOf(NEWLINE);
      if (end < 0 && bytes.length < LINE_BYTES) return;
      settle(end < 0 ? undefined : bytes.toString('utf8', 0, end));
      if (end >= 0 && end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
    };
    const onEnd = (): void => settle(undefined);
    if (socket.readableEnded || socket.destroyed) return resolve(undefined);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
