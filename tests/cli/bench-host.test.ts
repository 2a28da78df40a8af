// Times are never judged here: only that there are some, and that nothing is left behind.
import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runBatch, serve } from '../../perf/ipc/host/batch.ts';
import type { Channel } from '../../perf/ipc/host/channel.ts';
import { closeLine, openLine } from '../../perf/ipc/host/lines.ts';
import { measureHost } from '../../perf/ipc/host/measure.ts';
import { Pair } from '../../perf/ipc/host/pair.ts';

const isAlive = (pid: number | undefined): boolean => {
  try {
    process.kill(pid!, 0);
    return true;
  } catch {
    return false;
  }
};

describe('Pipes and sockets of the host', function () {
  this.timeout(120_000);
  const before = process.env.TMPDIR;
  let directory: string;
  /** What Node itself waits for: the test runner may have children too. Ended ones are closed a little later. */
  const processes = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
  };
  let processesBefore: number;
  beforeEach(async () => {
    processesBefore = await processes();
    directory = mkdtempSync(join(tmpdir(), 'capvm-test-'));
    process.env.TMPDIR = directory;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(directory, { recursive: true });
  });

  // The TypeScript loader of a child keeps a directory there too.
  const leftBehind = (): string[] => readdirSync(directory).filter((name) => !name.startsWith('tsx-'));

  it('are measured between two processes, and leave no file, process or socket', async () => {
    const seen: string[] = [];
    const { rows, missing } = await measureHost({
      bytes: [1, 70_001],
      milliseconds: 3,
      onFigure: (mechanism, kind, bytes) => seen.push(`${mechanism} ${kind} ${bytes}`),
    });
    expect(missing).to.deep.equal([]);
    const keys = ['pipe', 'unix', 'tcp'].flatMap((mechanism) =>
      ['roundtrip', 'stream'].flatMap((kind) => [1, 70_001].map((bytes) => `${mechanism} ${kind} ${bytes}`)),
    );
    expect(rows.map(({ mechanism, kind, bytes }) => `${mechanism} ${kind} ${bytes}`)).to.deep.equal(keys);
    expect(new Set(seen)).to.deep.equal(new Set(keys));
    for (const row of rows) {
      expect(row.nanoseconds).to.be.greaterThan(0);
      expect([row.where, row.instructions, row.charge]).to.deep.equal(['host', null, null]);
    }
    expect(leftBehind()).to.deep.equal([]);
    expect(await processes()).to.equal(processesBefore);
  });

  it('can be interrupted at any moment, and leave nothing then either', async () => {
    const abort = new AbortController();
    const why = new Error('enough');
    let figures = 0;
    const measured = measureHost({
      bytes: [1048576],
      milliseconds: 2000,
      signal: abort.signal,
      onFigure: () => ++figures === 1 && setTimeout(() => abort.abort(why), 20),
    });
    await measured.then(
      () => expect.fail('it went on'),
      (error: unknown) => expect(error).to.equal(why),
    );
    expect(leftBehind()).to.deep.equal([]);
    expect(await processes()).to.equal(processesBefore);
  });

  it('are not begun when it is over before', async () => {
    await measureHost({ bytes: [1], milliseconds: 1, signal: AbortSignal.abort(new Error('early')) }).then(
      () => expect.fail('it went on'),
      (error: Error) => expect(error.message).to.equal('early'),
    );
    expect(leftBehind()).to.deep.equal([]);
  });

  it('that cannot be made are reported, the others measured', async () => {
    const path = process.env.PATH;
    process.env.PATH = directory; // no mkfifo there
    try {
      const { rows, missing } = await measureHost({ bytes: [64], milliseconds: 1 });
      expect(missing.map(({ mechanism }) => mechanism)).to.deep.equal(['pipe']);
      expect(missing[0].why).to.match(/mkfifo/);
      expect(new Set(rows.map(({ mechanism }) => mechanism))).to.deep.equal(new Set(['unix', 'tcp']));
    } finally {
      process.env.PATH = path;
    }
  });

  for (const [index, victim] of ['client', 'server'].entries()) {
    it(`fail, and end, when the ${victim} dies in the middle`, async () => {
      const line = await openLine('unix');
      const pair = new Pair(line);
      closeLine(line);
      try {
        // One measurement after the other, so that a death at any moment falls into one.
        const served = pair.serving(async () => {
          for (;;) await pair.measure('roundtrip', 4096, 500);
        });
        const death = setTimeout(() => process.kill(pair.pids[index]!, 'SIGKILL'), 1500);
        await served.then(
          () => expect.fail('it went on'),
          (error: Error) => expect(error.message).to.match(/ended|closed|EPIPE|ECONNRESET/),
        );
        clearTimeout(death);
      } finally {
        await pair.kill();
      }
      expect(pair.pids.map(isAlive)).to.deep.equal([false, false]);
    });
  }
});

describe('Batches', () => {
  /** Both sides in one process: what the client sends is served when it waits. */
  function joined(spoil = false): Channel {
    const toServer = new PassThrough();
    const toClient: Uint8Array[] = [];
    const channel = {
      send: (bytes: Uint8Array) => void toServer.write(Buffer.from(bytes)),
      receive: (into: Uint8Array) => {
        if (toClient.length === 0) serveAll();
        into.set(Buffer.concat(toClient).subarray(0, into.length));
        const rest = Buffer.concat(toClient).subarray(into.length);
        toClient.length = 0;
        if (rest.length > 0) toClient.push(rest);
        if (spoil && into.length > 1) into[1] ^= 1;
      },
    };
    const serveAll = (): void => {
      const incoming = toServer.read() as Buffer;
      let at = 0;
      try {
        serve({
          receive: (into: Uint8Array) => {
            if (at + into.length > incoming.length) throw new Error('no more');
            into.set(incoming.subarray(at, at + into.length));
            at += into.length;
          },
          send: (bytes: Uint8Array) => void toClient.push(Buffer.from(bytes)),
        } as Channel);
      } catch {
        // The rest of the batch comes later.
      }
    };
    return channel as Channel;
  }

  it('count one acknowledgement for a stream', () => {
    expect(runBatch(joined(), { kind: 'stream', bytes: 7, rounds: 5 })).to.be.greaterThan(0);
  });

  it('check what comes back', () => {
    expect(runBatch(joined(), { kind: 'roundtrip', bytes: 7, rounds: 1 })).to.be.greaterThan(0);
    expect(() => runBatch(joined(true), { kind: 'roundtrip', bytes: 7, rounds: 1 })).to.throw('not what was sent');
  });
});
