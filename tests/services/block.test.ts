// Disks of cVMs: what was flushed is there again, whatever else happened; what was changed is never read as if it were not.
import fs, {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BlockStore } from '../../src/services/block/block-store.ts';
import { BLOCK, Vault } from '../../src/services/block/vault.ts';
import { Random } from '../helpers/random.ts';

const SIZE = 64 * BLOCK;
const filled = (value: number): Uint8Array => new Uint8Array(BLOCK).fill(value);

describe('disk', () => {
  let directory: string;
  let path: string;
  const open = (): Vault => Vault.open(path, `${path}.key`, SIZE);
  const journal = (): string => `${path}.journal`;
  const mark = (): string => `${path}.key.disk.mark`;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-disk-'));
    path = join(directory, 'disk');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Opens it, does something, closes it. */
  const using = <T>(action: (vault: Vault) => T): T => {
    const vault = open();
    try {
      return action(vault);
    } finally {
      vault.close();
    }
  };
  const first = (block: number): number | undefined => using((vault) => vault.read(block)?.[0]);

  it('is made with a key that nobody else may read', () => {
    using((vault) => expect(vault.blocks).to.equal(64));
    expect(statSync(`${path}.key`).mode & 0o777).to.equal(0o600);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(existsSync(`${path}.lock`)).to.equal(false);
  });

  it('keeps what was flushed, and nothing else', () => {
    using((vault) => {
      vault.write(3, filled(1));
      vault.flush();
      vault.write(3, filled(2));
      vault.write(4, filled(2));
      expect(vault.read(3)?.[0]).to.equal(2);
    });
    expect([first(3), first(4), first(5)]).to.deep.equal([1, 0, 0]);
    expect(readFileSync(path).includes(Buffer.from(filled(1).subarray(0, 32))), 'plain text').to.equal(false);
  });

  it('is in use once at a time, and a lock of a dead run is none', () => {
    const vault = open();
    expect(open).to.throw('another run uses it');
    vault.close();
    writeFileSync(`${path}.lock`, '4194304999');
    using((again) => expect(again.blocks).to.equal(64));
  });

  it('whenever its journal is cut off, the flushes before are there', () => {
    const ends = using((vault) =>
      [1, 2, 3, 4].map((value) => {
        vault.write(value, filled(value));
        vault.flush();
        return statSync(journal()).size;
      }),
    );
    copyFileSync(journal(), `${path}.whole`);
    for (let cut = ends[3]; cut >= ends[0]; cut -= 7) {
      rmSync(mark());
      copyFileSync(`${path}.whole`, journal());
      truncateSync(journal(), cut);
      const last = ends.filter((end) => end <= cut).length;
      expect([1, 2, 3, 4].map(first), `at ${cut}`).to.deep.equal(
        [1, 2, 3, 4].map((value) => (value <= last ? value : 0)),
      );
    }
  });

  it('a flush that was torn is forgotten, and the next ones take its place', () => {
    using((vault) => {
      vault.write(1, filled(1));
      vault.flush();
    });
    appendFileSync(journal(), Buffer.from([60, 0, 0, 0, 1, 2, 3]));
    using((vault) => {
      expect(vault.read(1)?.[0]).to.equal(1);
      vault.write(2, filled(2));
      vault.flush();
    });
    expect([first(1), first(2)]).to.deep.equal([1, 2]);
  });

  it('the files of an earlier use, put back all together, are noticed; without its mark they are believed', () => {
    const write = (value: number): void =>
      using((vault) => {
        vault.write(1, filled(value));
        vault.flush();
      });
    write(1);
    const [data, log] = [readFileSync(path), readFileSync(journal())];
    for (const value of [2, 3]) write(value);
    const now = [readFileSync(path), readFileSync(journal())];
    writeFileSync(path, data);
    writeFileSync(journal(), log);
    expect(() => first(1)).to.throw('its files are older than its last use');
    rmSync(path);
    rmSync(journal());
    expect(first(1), 'a new disk').to.equal(0);
    writeFileSync(path, now[0]);
    writeFileSync(journal(), now[1]);
    expect(() => first(1)).to.throw('older than its last use');
    rmSync(mark());
    expect(first(1)).to.equal(3);
  });

  it('every change of a byte is noticed', () => {
    using((vault) => {
      for (const value of [1, 2, 3]) {
        vault.write(value, filled(value));
        vault.flush();
      }
    });
    const [data, log] = [readFileSync(path), readFileSync(journal())];
    const random = new Random(5);
    for (let round = 0; round < 40; round++) {
      const changed = Buffer.from(data);
      const at = random.below(changed.length);
      changed[at] ^= 1 << random.below(8);
      writeFileSync(path, changed);
      const block = Math.floor(at / BLOCK) + 1;
      expect([1, 2, 3].map(first), `byte ${at}`).to.deep.equal(
        [1, 2, 3].map((value) => (value === block ? undefined : value)),
      );
    }
    writeFileSync(path, data);
    const lastRecord = log.length - (4 + 12 + 36 + 16);
    for (let at = 0; at < lastRecord; at += 3) {
      const changed = Buffer.from(log);
      changed[at] ^= 0x10;
      writeFileSync(journal(), changed);
      let read: (number | undefined)[] = [];
      try {
        read = [1, 2, 3].map(first);
      } catch {
        continue; // refused as a whole
      }
      expect(read.every((value, index) => value === index + 1 || value === undefined || value === 0), `journal ${at}: ${String(read)}`).to.equal(true); // prettier-ignore
      expect(read, `journal ${at}`).not.to.deep.equal([1, 2, 3]);
    }
  });

  it('blocks that changed places are noticed', () => {
    using((vault) => {
      vault.write(1, filled(1));
      vault.write(2, filled(2));
      vault.flush();
    });
    const data = readFileSync(path);
    writeFileSync(path, Buffer.concat([data.subarray(BLOCK, 2 * BLOCK), data.subarray(0, BLOCK)]));
    expect([first(1), first(2)]).to.deep.equal([undefined, undefined]);
  });

  it('needs its key, whole and secret, and its size', () => {
    using((vault) => vault.flush());
    expect(() => Vault.open(path, `${path}.key`, 2 * SIZE)).to.throw('the manifest says');
    chmodSync(`${path}.key`, 0o644);
    expect(open).to.throw('others can read its key; chmod 600');
    writeFileSync(`${path}.key`, 'x');
    chmodSync(`${path}.key`, 0o600);
    expect(open).to.throw('is no key: 64 hexadecimal digits');
    writeFileSync(`${path}.key`, '0'.repeat(64));
    expect(open).to.throw('its key is another');
    rmSync(`${path}.key`);
    expect(open).to.throw('is not there');
  });

  it('its journal stays small', function () {
    this.timeout(60_000);
    const largest = using((vault) => {
      let size = 0;
      for (let round = 0; round < 3000; round++) {
        for (let block = 0; block < 48; block++) vault.write(block, filled(round & 255));
        if (round % 100 === 0) size = Math.max(size, statSync(journal()).size);
        if (round > 2 && round < 2998) vault.forget();
        else vault.flush();
      }
      return size;
    });
    expect(largest).to.be.below(5 * 1024 ** 2);
    expect(statSync(path).size).to.be.at.most(2 * 48 * BLOCK);
    expect(first(5)).to.equal(2999 & 255);
  });
});

describe('a disk of a host whose own is full', () => {
  const real = { writeSync: fs.writeSync, fsyncSync: fs.fsyncSync, renameSync: fs.renameSync };
  let directory: string;
  const open = (): Vault => Vault.open(join(directory, 'disk'), join(directory, 'key'), SIZE);
  const instead = (calls: Partial<typeof real>): void => {
    Object.assign(fs, calls);
    syncBuiltinESMExports();
  };
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'capvm-disk-'))));
  afterEach(() => {
    instead(real);
    rmSync(directory, { recursive: true });
  });

  const noSpace = (): never => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
  };
  /** Takes half of what is written, then nothing. */
  const fillUp = (): void => {
    let isFull = false;
    instead({
      writeSync: ((descriptor: number, bytes: Uint8Array, from: number, size: number, position: number) => {
        if (isFull) noSpace();
        isFull = true;
        return real.writeSync(descriptor, bytes, from, Math.floor(size / 2), position);
      }) as typeof fs.writeSync,
    });
  };

  it('does not take a part for the whole, and goes on when there is room', () => {
    const vault = open();
    vault.write(1, filled(1));
    vault.flush();
    fillUp();
    expect(() => vault.write(1, filled(2))).to.throw('no space');
    instead(real);
    vault.write(1, filled(3));
    fillUp();
    expect(() => vault.flush()).to.throw('no space');
    instead(real);
    vault.flush();
    vault.write(2, filled(4));
    vault.flush();
    vault.close();
    const again = open();
    expect([again.read(1)?.[0], again.read(2)?.[0]]).to.deep.equal([3, 4]);
    again.close();
  });

  it('keeps its journal when there is no room for a new one', function () {
    this.timeout(60_000);
    const vault = open();
    const journal = join(directory, 'disk.journal');
    const round = (value: number): void => {
      for (let block = 0; block < 64; block++) vault.write(block, filled(value));
      vault.flush();
    };
    let refused = 0;
    instead({ fsyncSync: () => undefined, renameSync: () => (refused++, noSpace()) });
    for (let value = 0; refused === 0; value++) round(value & 127);
    instead({ renameSync: real.renameSync });
    round(200);
    const size = statSync(journal).size;
    expect(existsSync(`${journal}.new`)).to.equal(false);
    vault.close();
    const again = open();
    expect(again.read(7)?.[0]).to.equal(200);
    again.close();
    expect(size).to.be.above(4 * 1024 ** 2);
  });
});

describe('requests to a disk', () => {
  it('are answered in order, whatever is asked', () => {
    const directory = mkdtempSync(join(tmpdir(), 'capvm-disk-'));
    const open = (size: number): BlockStore => BlockStore.open(join(directory, 'disk'), join(directory, 'key'), size);
    for (const size of [0, 4096, 128 * BLOCK - 1, 128 * BLOCK + 1])
      expect(() => open(size)).to.throw('it takes a multiple of 4096');
    const store = open(128 * BLOCK);
    const request = (type: number, tag: number, block = 0n, bytes: Uint8Array = new Uint8Array()): Buffer => {
      const head = Buffer.alloc(16);
      head.writeUInt32LE(type);
      head.writeUInt32LE(tag, 4);
      head.writeBigUInt64LE(block, 8);
      return Buffer.concat([head, bytes]);
    };
    const whole = Buffer.concat([request(0, 1), request(2, 2, 5n, filled(7)), request(3, 3), request(1, 4, 5n), request(1, 5, 128n), request(9, 6), request(2, 7, 2n ** 63n, filled(1))]); // prettier-ignore
    for (let at = 0; at < whole.length; at += 1000) store.write(whole.subarray(at, at + 1000));
    const into = new Uint8Array(20_000);
    const answers = Buffer.from(into.subarray(0, store.read(into)!));
    const heads = [0, 16, 32, 48, 48 + 16 + BLOCK, 64 + 16 + BLOCK, 80 + 16 + BLOCK].map((at) => [answers.readUInt32LE(at), answers.readInt32LE(at + 4)]); // prettier-ignore
    expect(heads).to.deep.equal([[1, 0], [2, 0], [3, 0], [4, 0], [5, -22], [6, -22], [7, -22]]); // prettier-ignore
    expect(Number(answers.readBigUInt64LE(8))).to.equal(128);
    expect(answers.subarray(64, 64 + BLOCK).every((byte) => byte === 7)).to.equal(true);
    store.close();
    rmSync(directory, { recursive: true });
  });
});
