// Blocks at rest: AES-256-GCM for each block of 4 KiB, and a journal of what is where, so that no byte of a disk can be
// changed, moved or left half-written unnoticed. Two files and a key:
//
//   IMAGE           blocks' contents, encrypted, each in a slot of 4 KiB
//   IMAGE.journal   a header, then records { u32 length, nonce[12], ciphertext[length], tag[16] }. The first holds the
//                   table of all blocks, each later one a flush: entries { u32 block, u32 slot, nonce[12], tag[16] }.
//                   Each is authenticated with its number and the tag before it
//   KEY             64 hexadecimal digits; only its owner may read it
//
// A block is written to a slot that no flush refers to. A flush is durable when its record is: contents first, then the
// record, then it is answered. A journal that ends within a record was cut off before that flush was answered. A record
// that is not authentic, with others behind it, is a changed file. The files of an earlier use, put back all together,
// are found out by what is kept beside the key (mark.ts); those of an earlier flush of the same use are not.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ServiceError } from '../errors.ts';
import { markOf, readMark, tryMark, writeMark } from './mark.ts';

export const BLOCK = 4096;
const MAGIC = Buffer.from('CVMDISK1');
/** Magic, number of blocks (u64), identity of the disk. */
const HEADER = 32;
const NONCE = 12;
const TAG = 16;
const ENTRY = 8 + NONCE + TAG;
/** The journal is written anew when it has grown by this. */
const JOURNAL_BYTES = 4 * 1024 ** 2;
const KEY_HEX = /^[0-9a-f]{64}\s*$/i;

interface Entry {
  readonly slot: number;
  readonly nonce: Buffer;
  readonly tag: Buffer;
}

export class Vault {
  readonly blocks: number;
  readonly #path: string;
  readonly #lock: string;
  readonly #mark: string;
  readonly #isMarked: boolean;
  readonly #key: Buffer;
  readonly #identity: Buffer;
  readonly #data: number;
  #journal: number;
  #journalEnd: number;
  /** Where it is written anew. */
  #limit: number;
  /** Of the next record, and the tag of the one before it. */
  #sequence = 0;
  #chain: Buffer = Buffer.alloc(TAG);
  /** What the last flush knows, and what was written since. */
  #durable = new Map<number, Entry>();
  #pending = new Map<number, Entry>();
  readonly #free: number[] = [];
  #slots = 0;

  /** Makes a disk of so many bytes, and its key, if there is none. Throws ServiceError. */
  static open(path: string, keyPath: string, sizeBytes: number): Vault {
    const lock = `${path}.lock`;
    takeLock(lock, path);
    try {
      const isNew = !existsSync(path) && !existsSync(journalOf(path));
      const key = readKey(keyPath, isNew, path);
      const mark = markOf(path, keyPath);
      if (isNew) {
        rmSync(mark, { force: true });
        create(path, key, Math.max(1, Math.floor(sizeBytes / BLOCK)));
      }
      return new Vault(path, lock, mark, key, sizeBytes);
    } catch (error) {
      rmSync(lock, { force: true });
      if (error instanceof ServiceError) throw error;
      throw new ServiceError(`disk ${path}: ${(error as Error).message}`, 'ERR_CVM_DISK');
    }
  }

  private constructor(path: string, lock: string, mark: string, key: Buffer, sizeBytes: number) {
    this.#path = path;
    this.#lock = lock;
    this.#mark = mark;
    this.#key = key;
    const journal = readFileSync(journalOf(path));
    if (journal.length < HEADER || !journal.subarray(0, 8).equals(MAGIC)) throw refusal(path, 'its journal is none');
    this.blocks = Number(journal.readBigUInt64LE(8));
    this.#identity = Buffer.from(journal.subarray(16, HEADER));
    const marks = readMark(mark);
    const known = new Set<string>();
    this.#journalEnd = this.#replay(journal, known);
    if (marks?.some((tag) => known.has(tag)) === false)
      throw refusal(path, `its files are older than its last use; if that is meant, remove ${mark}`);
    this.#limit = JOURNAL_BYTES + this.#durable.size * ENTRY * 2;
    const wanted = Math.floor(sizeBytes / BLOCK);
    if (wanted !== this.blocks)
      throw refusal(path, `it has ${this.blocks * BLOCK} bytes, the manifest says ${sizeBytes}`);
    this.#data = openSync(path, 'r+');
    this.#journal = openSync(journalOf(path), 'r+');
    ftruncateSync(this.#journal, this.#journalEnd); // a record that was cut off
    this.#findFree();
    this.#isMarked = tryMark(mark, this.#chain) || marks !== undefined;
  }

  /** Undefined: it is not as it was written. Zeros if it never was. */
  read(block: number): Uint8Array | undefined {
    const entry = this.#pending.get(block) ?? this.#durable.get(block);
    if (entry === undefined) return new Uint8Array(BLOCK);
    const bytes = Buffer.alloc(BLOCK);
    if (readSync(this.#data, bytes, 0, BLOCK, entry.slot * BLOCK) !== BLOCK) return undefined;
    return this.#decrypt(bytes, entry.nonce, entry.tag, this.#aboutBlock(block));
  }

  write(block: number, bytes: Uint8Array): void {
    const nonce = randomBytes(NONCE);
    const { text, tag } = this.#encrypt(bytes, nonce, this.#aboutBlock(block));
    const slot = this.#pending.get(block)?.slot ?? this.#free.pop() ?? this.#slots++;
    try {
      writeAll(this.#data, text, slot * BLOCK);
    } catch (error) {
      if (!this.#pending.has(block)) this.#free.push(slot);
      throw error;
    }
    this.#pending.set(block, { slot, nonce, tag });
  }

  /** What was written is durable when this returns. */
  flush(): void {
    if (this.#pending.size === 0) return;
    fsyncSync(this.#data);
    const [sequence, chain] = [this.#sequence, this.#chain];
    const record = this.#record(this.#pending);
    try {
      writeAll(this.#journal, record, this.#journalEnd);
      fsyncSync(this.#journal);
    } catch (error) {
      this.#sequence = sequence; // the next one takes its place
      this.#chain = chain;
      throw error;
    }
    this.#journalEnd += record.length;
    for (const [block, entry] of this.#pending) {
      const old = this.#durable.get(block);
      if (old !== undefined) this.#free.push(old.slot);
      this.#durable.set(block, entry);
    }
    this.#pending.clear();
    if (this.#journalEnd > this.#limit) this.#compact();
  }

  /** What was not flushed was not written. */
  forget(): void {
    for (const { slot } of this.#pending.values()) this.#free.push(slot);
    this.#pending.clear();
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#journal);
    tryMark(this.#mark, this.#chain);
    rmSync(this.#lock, { force: true });
  }

  /** The journal with one record, in place of the old one in one step. If there is no room for it, another time. */
  #compact(): void {
    const temporary = `${journalOf(this.#path)}.new`;
    const [sequence, chain] = [this.#sequence, this.#chain];
    this.#sequence = 0;
    this.#chain = Buffer.alloc(TAG);
    const bytes = Buffer.concat([headerOf(this.blocks, this.#identity), this.#record(this.#durable)]);
    let descriptor: number | undefined;
    try {
      descriptor = openSync(temporary, 'w+', 0o600);
      writeAll(descriptor, bytes, 0);
      fsyncSync(descriptor);
      if (this.#isMarked) writeMark(this.#mark, [chain, this.#chain]); // whichever of them is there, should this be the end
      renameSync(temporary, journalOf(this.#path));
    } catch {
      this.#sequence = sequence;
      this.#chain = chain;
      this.#limit = this.#journalEnd + JOURNAL_BYTES;
      if (descriptor !== undefined) closeSync(descriptor);
      return rmSync(temporary, { force: true });
    }
    syncDirectory(this.#path);
    closeSync(this.#journal);
    this.#journal = descriptor;
    this.#journalEnd = bytes.length;
    this.#limit = bytes.length + JOURNAL_BYTES + this.#durable.size * ENTRY;
  }

  /** Reads the records, their tags into `known`; where the last whole one ends. */
  #replay(journal: Buffer, known: Set<string>): number {
    let at = HEADER;
    while (at + 4 + NONCE + TAG <= journal.length) {
      const length = journal.readUInt32LE(at);
      const end = at + 4 + NONCE + length + TAG;
      if (end > journal.length) break;
      const nonce = journal.subarray(at + 4, at + 4 + NONCE);
      const tag = journal.subarray(end - TAG, end);
      const entries = this.#decrypt(journal.subarray(at + 4 + NONCE, end - TAG), nonce, tag, this.#aboutRecord());
      if (entries === undefined) {
        if (this.#sequence === 0) throw refusal(this.#path, 'its key is another, or its journal was changed');
        if (end < journal.length) throw refusal(this.#path, 'its journal was changed');
        break; // the last one, whose flush was never answered
      }
      this.#apply(entries);
      this.#chain = Buffer.from(tag);
      known.add(tag.toString('hex'));
      this.#sequence++;
      at = end;
    }
    if (this.#sequence === 0) throw refusal(this.#path, 'its journal is cut off');
    return at;
  }

  #apply(entries: Buffer): void {
    for (let at = 0; at + ENTRY <= entries.length; at += ENTRY) {
      const [nonce, tag] = [entries.subarray(at + 8, at + 8 + NONCE), entries.subarray(at + 8 + NONCE, at + ENTRY)];
      this.#durable.set(entries.readUInt32LE(at), { slot: entries.readUInt32LE(at + 4), nonce, tag });
    }
  }

  #record(table: ReadonlyMap<number, Entry>): Buffer {
    const plain = Buffer.concat(
      [...table].map(([block, { slot, nonce, tag }]) => {
        const numbers = Buffer.alloc(8);
        numbers.writeUInt32LE(block);
        numbers.writeUInt32LE(slot, 4);
        return Buffer.concat([numbers, nonce, tag]);
      }),
    );
    const nonce = randomBytes(NONCE);
    const { text, tag } = this.#encrypt(plain, nonce, this.#aboutRecord());
    const length = Buffer.alloc(4);
    length.writeUInt32LE(plain.length);
    this.#chain = tag;
    this.#sequence++;
    return Buffer.concat([length, nonce, text, tag]);
  }

  #findFree(): void {
    const used = new Set([...this.#durable.values()].map(({ slot }) => slot));
    for (const slot of used) this.#slots = Math.max(this.#slots, slot + 1);
    for (let slot = this.#slots - 1; slot >= 0; slot--) if (!used.has(slot)) this.#free.push(slot);
  }

  #aboutBlock(block: number): Buffer {
    return Buffer.concat([this.#identity, numberOf(block), Buffer.from('block')]);
  }

  #aboutRecord(): Buffer {
    return Buffer.concat([this.#identity, numberOf(this.blocks), numberOf(this.#sequence), this.#chain]);
  }

  #encrypt(bytes: Uint8Array, nonce: Buffer, about: Buffer): { text: Buffer; tag: Buffer } {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(about);
    const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return { text, tag: cipher.getAuthTag() };
  }

  #decrypt(text: Uint8Array, nonce: Buffer, tag: Buffer, about: Buffer): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce).setAAD(about).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(text), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

const journalOf = (path: string): string => `${path}.journal`;
const refusal = (path: string, why: string): ServiceError => new ServiceError(`disk ${path}: ${why}`, 'ERR_CVM_DISK');

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A full disk takes a part, and only then says so. */
function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

const headerOf = (blocks: number, identity: Buffer): Buffer => Buffer.concat([MAGIC, numberOf(blocks), identity]);

function create(path: string, key: Buffer, blocks: number): void {
  writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
  const identity = randomBytes(16);
  const nonce = randomBytes(NONCE);
  const about = Buffer.concat([identity, numberOf(blocks), numberOf(0), Buffer.alloc(TAG)]);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(about);
  const text = cipher.final(); // a table without entries
  const journal = Buffer.concat([headerOf(blocks, identity), Buffer.alloc(4), nonce, text, cipher.getAuthTag()]);
  const descriptor = openSync(journalOf(path), 'wx', 0o600);
  writeAll(descriptor, journal, 0);
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncDirectory(path);
}

function readKey(keyPath: string, isNew: boolean, path: string): Buffer<ArrayBuffer> {
  if (!existsSync(keyPath)) {
    if (!isNew) throw refusal(path, `its key ${keyPath} is not there`);
    writeFileSync(keyPath, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  }
  if ((statSync(keyPath).mode & 0o077) !== 0) throw refusal(path, `others can read its key; chmod 600 ${keyPath}`);
  const text = readFileSync(keyPath, 'utf8');
  if (!KEY_HEX.test(text)) throw refusal(path, `${keyPath} is no key: 64 hexadecimal digits`);
  return Buffer.from(text.trim(), 'hex');
}

function syncDirectory(path: string): void {
  const descriptor = openSync(dirname(path), 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function takeLock(lock: string, path: string): void {
  for (let tries = 0; tries < 2; tries++) {
    try {
      return writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw refusal(path, (error as Error).message);
      if (isAlive(lock)) throw refusal(path, `another run uses it, or ${lock} was left behind`);
      rmSync(lock, { force: true });
    }
  }
  throw refusal(path, 'another run uses it');
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
