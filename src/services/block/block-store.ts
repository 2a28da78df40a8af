// A disk of a cVM: requests come by one stream, answers go by another, in order (guests/libos/fs/disk.c):
//   request { u32 type: 0 INFO, 1 READ, 2 WRITE, 3 FLUSH; u32 tag; u64 block }, 4096 bytes behind a WRITE
//   answer  { u32 tag; i32 0 or -errno; u64 value }, 4096 bytes behind a READ that succeeded
// Trust: requests may be anything; they can do no more than read and write blocks of this disk.
import type { HostSink, HostSource } from '../../monitor/index.ts';
import { ServiceError } from '../errors.ts';
import { BLOCK, Vault } from './vault.ts';

const REQUEST = 16;
const TYPE = { info: 0, read: 1, write: 2, flush: 3 } as const;
/** The smallest that guests/libos/fs/journal.c makes a file system on. */
const BYTES_LEAST = 128 * BLOCK;
const EIO = 5;
const EINVAL = 22;
/** Answers that wait: who asks without listening is not answered any more. */
const ANSWER_BYTES = 8 * 1024 ** 2;

export class BlockStore implements HostSource, HostSink {
  /** There is something to read(). */
  onMore: () => void = () => undefined;
  readonly #vault: Vault;
  #requests: Uint8Array = new Uint8Array();
  #answers: Uint8Array[] = [];
  #answerBytes = 0;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Makes disk and key if they are not there. Throws ServiceError. */
  static open(path: string, keyPath: string, sizeBytes: number): BlockStore {
    if (sizeBytes < BYTES_LEAST || sizeBytes % BLOCK !== 0)
      throw new ServiceError(
        `disk ${path}: ${sizeBytes} bytes; it takes a multiple of ${BLOCK}, ${BYTES_LEAST} at least`,
      );
    return new BlockStore(Vault.open(path, keyPath, sizeBytes));
  }

  close(): void {
    this.#vault.close();
  }

  write(bytes: Uint8Array): void {
    const whole = this.#requests.length === 0 ? bytes : Buffer.concat([this.#requests, bytes]);
    let at = 0;
    while (whole.length - at >= REQUEST) {
      const view = new DataView(whole.buffer, whole.byteOffset + at, REQUEST);
      const [type, tag, block] = [view.getUint32(0, true), view.getUint32(4, true), view.getBigUint64(8, true)];
      const size = REQUEST + (type === TYPE.write ? BLOCK : 0);
      if (whole.length - at < size) break;
      this.#serve(type, tag, Number(block), whole.subarray(at + REQUEST, at + size));
      at += size;
    }
    this.#requests = whole.slice(at);
  }

  /** The cVM has ended: what it had not flushed is as if never written. */
  end(): void {
    this.#vault.forget();
    this.#requests = new Uint8Array();
    this.#answers = [];
    this.#answerBytes = 0;
  }

  read(into: Uint8Array): number | undefined {
    let count = 0;
    while (this.#answers.length > 0 && count < into.length) {
      const [first] = this.#answers;
      const part = first.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      if (part.length < first.length) this.#answers[0] = first.subarray(part.length);
      else this.#answers.shift();
    }
    this.#answerBytes -= count;
    return count === 0 ? undefined : count;
  }

  #serve(type: number, tag: number, block: number, bytes: Uint8Array): void {
    if (type === TYPE.info) return this.#answer(tag, 0, this.#vault.blocks);
    if (type > TYPE.flush || (type !== TYPE.flush && block >= this.#vault.blocks)) return this.#answer(tag, -EINVAL);
    try {
      if (type === TYPE.flush) this.#vault.flush();
      if (type === TYPE.write) this.#vault.write(block, bytes);
      if (type !== TYPE.read) return this.#answer(tag, 0);
      const found = this.#vault.read(block);
      if (found === undefined) this.#answer(tag, -EIO);
      else this.#answer(tag, 0, 0, found);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      this.#answer(tag, -EIO); // the host's disk is full or fails
    }
  }

  #answer(tag: number, result: number, value = 0, bytes: Uint8Array = new Uint8Array()): void {
    if (this.#answerBytes > ANSWER_BYTES) return;
    const answer = new Uint8Array(16 + bytes.length);
    const view = new DataView(answer.buffer);
    view.setUint32(0, tag, true);
    view.setInt32(4, result, true);
    view.setBigUint64(8, BigInt(value), true);
    answer.set(bytes, 16);
    this.#answers.push(answer);
    this.#answerBytes += answer.length;
    this.onMore();
  }
}
