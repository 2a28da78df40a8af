// Connects the process's stdin to a machine's console. Nothing is read before the guest looks for input. A terminal
// is put into raw mode, so that the guest sees every key; Ctrl-C still ends the run.
import { fstatSync, readSync } from 'node:fs';
import type { Console } from '../host/devices/console.ts';

const CTRL_C = 3;
const CHUNK_BYTES = 65536;

export interface StdinConnection {
  /** Gives the terminal back. */
  close(): void;
}

/** `onInterrupt` is called for Ctrl-C on a raw terminal. */
export function connectStdin(console: Console, onInterrupt: () => void): StdinConnection {
  let close = (): void => {};
  console.open();
  console.onInputWanted = (): void => {
    if (isRegularFile()) feedFile(console);
    else close = feedStream(console, onInterrupt);
  };
  return { close: () => close() };
}

/** A file is read at once: the same run then sees the same input at the same instruction. */
function isRegularFile(): boolean {
  try {
    return fstatSync(0).isFile();
  } catch {
    return true;
  }
}

function feedFile(console: Console): void {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const length = readChunk(chunk);
    if (length === 0) break;
    console.write(chunk.subarray(0, length));
  }
  console.end();
}

/** 0 at the end, and for a descriptor that is closed or no file to read. */
function readChunk(chunk: Buffer): number {
  try {
    return readSync(0, chunk);
  } catch {
    return 0;
  }
}

function feedStream(console: Console, onInterrupt: () => void): () => void {
  const { stdin } = process;
  const raw = stdin.isTTY === true;
  if (raw) stdin.setRawMode(true);
  stdin.on('data', (bytes: Buffer) => {
    if (raw && bytes.includes(CTRL_C)) onInterrupt();
    else console.write(bytes);
  });
  stdin.on('end', () => console.end());
  stdin.on('error', () => console.end());
  return () => {
    if (raw) stdin.setRawMode(false);
    stdin.destroy();
  };
}
