// Files of the command line: inputs that give exit code 66, outputs that give 73, and writing to stdout without
// losing anything at exit.
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { CapvmError, EXIT } from '../host/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOSPC: 'no space left on the device',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined ? REASONS[code] : undefined) ?? message;
}

/** Contents of an input file. */
export function readInput(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CapvmError('ERR_CVM_INPUT', `cannot read ${path}: ${reasonOf(error)}`, EXIT.noInput);
  }
}

/** Writes a whole output file. */
export function writeOutput(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new CapvmError('ERR_CVM_OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, EXIT.cannotCreate);
  }
}

/** Throws what writeOutput() would, and leaves what is in the file. */
export function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new CapvmError('ERR_CVM_OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, EXIT.cannotCreate);
  }
}

/** An output file, or stderr. */
export class Output {
  readonly #descriptor: number;
  readonly #path: string;
  #pending: string[] = [];
  #length = 0;

  constructor(path?: string) {
    this.#path = path ?? 'stderr';
    try {
      this.#descriptor = path === undefined ? 2 : openSync(path, 'w');
    } catch (error) {
      throw new CapvmError('ERR_CVM_OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, EXIT.cannotCreate);
    }
  }

  write(text: string): void {
    this.#pending.push(text);
    this.#length += text.length;
    if (this.#length > 1 << 16) this.flush();
  }

  flush(): void {
    const text = this.#pending.join('');
    this.#pending = [];
    this.#length = 0;
    try {
      writeFully(this.#descriptor, Buffer.from(text));
    } catch (error) {
      throw new CapvmError('ERR_CVM_OUTPUT', `cannot write ${this.#path}: ${reasonOf(error)}`, EXIT.cannotCreate);
    }
  }

  close(): void {
    this.flush();
    if (this.#descriptor > 2) closeSync(this.#descriptor);
  }
}

const RETRY_MILLISECONDS = 5;

/** Writes everything, waiting where a pipe's reader is slower than we are. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** Talk for people, on standard error. If that is closed or full there is nobody to tell: it is lost. */
export function say(text: string): void {
  try {
    writeFully(2, Buffer.from(text));
  } catch {
    // The exit code says it.
  }
}
