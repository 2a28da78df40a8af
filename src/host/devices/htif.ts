// HTIF, the host-target interface of Spike: the guest stores a command to the dword `tohost`, the host answers in
// `fromhost`. Device 0 is the system-call proxy (or, with bit 0 set, exit), device 1 the console.
// The proxy knows write to stdout and stderr and exit; a benchmark's runtime needs no more.
import type { GuestMemory } from '../memory.ts';
import type { Console } from './console.ts';

const DEVICE_PROXY = 0;
const DEVICE_CONSOLE = 1;
const SYS_WRITE = 64n;
const SYS_EXIT = 93n;
const EBADF = 9n;
const EFAULT = 14n;
const ENOSYS = 38n;
const WRITE_LIMIT = 1 << 24;

/** Answers that wait for a guest that does not take them: more are dropped. */
const QUEUE_MAXIMUM = 64;

export class Htif {
  tohost = 0n;
  fromhost = 0n;
  /** Output of the guest's file descriptor 2; without it stderr goes to the console. */
  onErrorOutput: ((bytes: Uint8Array) => void) | undefined;
  readonly #memory: GuestMemory;
  readonly #console: Console;
  readonly #replies: bigint[] = [];
  #readers = 0;

  constructor(memory: GuestMemory, console: Console) {
    this.#memory = memory;
    this.#console = console;
  }

  reset(): void {
    this.#replies.length = 0;
    this.#readers = 0;
  }

  /** A guest that polls `fromhost` waits for something the host has to deliver between slices. */
  get waiting(): boolean {
    return this.#replies.length > 0 || this.#readers > 0;
  }

  /** Acts on the command in `tohost` and clears it. Returns the exit code if it was an exit. */
  handle(): number | undefined {
    const command = this.#memory.readU64(this.tohost);
    if (command === 0n) return undefined;
    this.#memory.writeU64(this.tohost, 0n);
    const device = Number(command >> 56n);
    const operation = Number((command >> 48n) & 0xffn);
    const payload = command & 0xffff_ffff_ffffn;
    if (device === DEVICE_PROXY && operation === 0) {
      if ((payload & 1n) !== 0n) return exitCodeOf(payload >> 1n);
      return this.#systemCall(payload);
    }
    if (device === DEVICE_CONSOLE && operation === 1) {
      // Spike does not answer a putchar, and guests do not wait for it.
      this.#console.putByte(Number(payload & 0xffn));
    } else if (device === DEVICE_CONSOLE && operation === 0 && this.#readers < QUEUE_MAXIMUM) {
      this.#readers++;
    }
    this.deliver();
    return undefined;
  }

  /** Moves the next answer to `fromhost`, if the guest has taken the last one. */
  deliver(): void {
    while (this.#readers > 0) {
      const byte = this.#console.takeByte();
      if (byte < 0) break;
      this.#readers--;
      this.#replies.push((BigInt(DEVICE_CONSOLE) << 56n) | BigInt(byte) | 0x100n);
    }
    if (this.#replies.length === 0 || this.fromhost === 0n) return;
    if (this.#memory.readU64(this.fromhost) === 0n) this.#memory.writeU64(this.fromhost, this.#replies.shift()!);
  }

  /** Proxied system call: eight dwords at `magic`, number first; the result replaces the number. */
  #systemCall(magic: bigint): number | undefined {
    if (!this.#memory.contains(magic, 64)) return undefined;
    const word = (index: bigint): bigint => this.#memory.readU64(magic + index * 8n);
    const number = word(0n);
    if (number === SYS_EXIT) return exitCodeOf(word(1n));
    const result = number === SYS_WRITE ? this.#write(word(1n), word(2n), word(3n)) : -ENOSYS;
    this.#memory.writeU64(magic, result);
    if (this.#replies.length < QUEUE_MAXIMUM) this.#replies.push(1n);
    this.deliver();
    return undefined;
  }

  #write(descriptor: bigint, address: bigint, length: bigint): bigint {
    if (descriptor !== 1n && descriptor !== 2n) return -EBADF;
    if (length > WRITE_LIMIT || !this.#memory.contains(address, Number(length))) return -EFAULT;
    const bytes = this.#memory.read(address, Number(length));
    if (descriptor === 2n && this.onErrorOutput !== undefined) this.onErrorOutput(bytes);
    else this.#console.putBytes(bytes);
    return length;
  }
}

/** The low 32 bits, as the C program's int; a value of which they are all that is 0 is no success. */
function exitCodeOf(value: bigint): number {
  const code = Number(BigInt.asIntN(32, value));
  return code === 0 && value !== 0n ? -1 : code;
}
