// Sockets between two cVMs, and what a hostile end of a stream can do: nothing but end its own connections.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Monitor, readImage } from '../../src/monitor/index.ts';
import type { HostSink, HostSource } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { DATA_BYTES, encodeFrame, FRAME, FrameReader, WINDOW } from '../../src/services/network/frames.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { Random } from '../helpers/random.ts';
import { hasCompiler, imageOf } from './linux-program.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const SOURCE = fileURLToPath(new URL('network/echo.c', import.meta.url));
const BUDGET = 3_000_000_000n;
const SIZES = { processMemory: 16 * 1024 ** 2, kernelMemory: 8 * 1024 ** 2 };

function compile(): PackageImage {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-network-'));
  try {
    const path = join(directory, 'echo');
    execFileSync('riscv64-linux-gnu-gcc', ['-static', '-O1', '-w', '-o', path, SOURCE]);
    return imageOf('echo', readFileSync(path));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Frames of mostly plausible numbers, in pieces of any size. */
class HostileEnd implements HostSource {
  readonly #random: Random;
  #pieces: number;
  /** How often a field is what it may be. */
  readonly #care: number;

  constructor(seed: number, pieces: number) {
    this.#random = new Random(seed);
    this.#pieces = pieces;
    this.#care = seed % 3 === 0 ? 0.97 : 1;
  }

  read(into: Uint8Array): number | undefined {
    if (this.#pieces-- <= 0) return undefined;
    const frames = Array.from({ length: this.#random.between(1, 8) }, () => this.#frame());
    return Buffer.concat(frames).copy(into);
  }

  #frame(): Buffer {
    const random = this.#random;
    const header = Buffer.alloc(16);
    header.writeUInt32LE(random.chance(0.9) ? random.below(12) * 2 : random.u32(), 0);
    header[4] = random.chance(this.#care) ? random.between(1, 7) : random.below(256);
    header[5] = random.chance(this.#care) ? 0 : random.below(256);
    header.writeUInt16LE(random.chance(0.9) ? 7000 : random.below(65536), 6);
    const length = header[4] === 4 ? random.between(1, 3000) : header[4] === 1 ? random.below(20) : 0;
    header.writeUInt32LE(random.chance(this.#care) ? length : random.u32(), 8);
    const most = header[4] === 1 && random.chance(this.#care) ? 262_145 : 2 ** 32;
    header.writeUInt32LE(random.chance(0.5) ? random.below(5000) : random.below(most), 12);
    return Buffer.concat([header, Buffer.from(Array.from({ length }, () => random.below(256)))]);
  }
}

/** Opens many connections, and sends all that it is allowed. */
class GreedyEnd implements HostSource, HostSink {
  readonly #connections: number;
  readonly #reader = new FrameReader();
  readonly #queue: Uint8Array[] = [];
  #opened = 0;
  accepted = 0;
  sent = 0;
  onMore = (): void => {};

  constructor(connections: number) {
    this.#connections = connections;
  }

  read(into: Uint8Array): number | undefined {
    if (this.#queue.length === 0 && this.#opened < this.#connections)
      this.#queue.push(encodeFrame({ connection: ++this.#opened * 2, type: FRAME.open, port: 7000, value: WINDOW }));
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    const part = first.subarray(0, into.length);
    into.set(part);
    if (part.length < first.length) this.#queue.unshift(first.subarray(part.length));
    return part.length;
  }

  write(bytes: Uint8Array): void {
    for (const { connection, type, value } of this.#reader.read(bytes)) {
      if (type === FRAME.opened) this.accepted++;
      if (type !== FRAME.opened && type !== FRAME.credit) continue;
      this.sent += value;
      for (let left = value; left > 0; left -= DATA_BYTES) {
        const payload = new Uint8Array(Math.min(left, DATA_BYTES));
        this.#queue.push(encodeFrame({ connection, type: FRAME.data, payload }));
      }
    }
    this.onMore();
  }
}

describe('sockets of the library OS to elsewhere', function () {
  this.timeout(120_000);
  let image: PackageImage;
  let monitor: Monitor;
  let output: Map<string, string>;
  before(function () {
    if (!hasCompiler()) return this.skip();
    image = compile();
  });
  beforeEach(async () => {
    output = new Map();
    monitor = await Monitor.create({
      switcher: SWITCHER,
      memory: '256M',
      onConsole: (cvm, bytes) => output.set(cvm.name, (output.get(cvm.name) ?? '') + Buffer.from(bytes).toString()),
    });
  });
  afterEach(() => monitor.machine.dispose());

  it('carry bytes between two cVMs, many connections, small and large pieces', async () => {
    const [send, receive] = ['a-b', 'b-a'];
    const peers = [{ name: 'other', send, receive }];
    const server = deployLinux(monitor, { ...SIZES, name: 'server', image, argv: ['/usr/bin/echo', 'serve'], peers });
    const client = deployLinux(monitor, {
      ...{ ...SIZES, name: 'client', image, argv: ['/usr/bin/echo', 'ask', '10.0.0.2'] },
      peers: [{ name: 'server', send: receive, receive: send }],
    });
    monitor.connect(send, server, client);
    monitor.connect(receive, client, server);
    monitor.start(server);
    monitor.start(client);
    await monitor.run({ budget: BUDGET });
    expect(output.get('client')?.split('\n')).to.deep.equal([
      'peer 10.0.0.2:7000',
      'connect(fd, (void *)&nowhere, sizeof nowhere) = -1 ECONNREFUSED',
      'connect(fd, (void *)&nowhere, sizeof nowhere) = -1 ENETUNREACH',
      ...['0', '0', '0', '0', '0'],
      '',
    ]);
    expect(output.get('server')).to.equal('served\n');
  });

  it('end when the other side ends in the middle of a frame, and nothing waits for its rest', async () => {
    const open = encodeFrame({ connection: 2, type: FRAME.open, port: 7000, value: WINDOW });
    const data = encodeFrame({ connection: 2, type: FRAME.data, payload: new Uint8Array(100) });
    for (const cut of [1, 15, 16, 17, 115]) {
      const cvm = deployLinux(monitor, {
        ...{ ...SIZES, name: `cut-${cut}`, image, argv: ['/usr/bin/echo', 'wait'] },
        uplink: { send: `out-${cut}`, receive: `in-${cut}` },
      });
      const parts = [open, data.subarray(0, cut)];
      const read = (into: Uint8Array): number => Buffer.from(parts.shift() ?? []).copy(into);
      monitor.connect(`out-${cut}`, cvm, { write: () => undefined });
      monitor.connect(`in-${cut}`, { read }, cvm);
      monitor.start(cvm);
      await monitor.run({ budget: 50_000_000n });
      expect(output.get(cvm.name), `${cut} bytes`).to.equal('read(fd, got, 1000) = -1 ECONNRESET\n');
      expect(Number(cvm.instructions)).to.be.below(2_000_000);
    }
  });

  it('leave memory for others when one peer sends all that it may and is not read', async () => {
    const end = new GreedyEnd(1024);
    const cvm = deployLinux(monitor, {
      ...{ ...SIZES, name: 'server', image, argv: ['/usr/bin/echo', 'hoard', '50'] },
      uplink: { send: 'out', receive: 'in' },
    });
    monitor.connect('out', cvm, end);
    end.onMore = () => bytes.more();
    const bytes = monitor.connect('in', end, cvm);
    monitor.start(cvm);
    await monitor.run({ budget: BUDGET });
    expect(end.accepted).to.be.within(300, 1024);
    expect(end.sent).to.be.within(SIZES.kernelMemory / 8, SIZES.kernelMemory / 2);
    expect(output.get('server')).to.equal(`hoarded ${end.accepted}, ${end.sent} bytes\nbeside it 200000\n`);
  });

  it('survive whatever another cVM sends, and harm it not', async () => {
    const own = readImage(
      readFileSync(new URL('../../guests/images/attack/frames.elf', import.meta.url)),
      'frames.elf',
    );
    let closed = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const [server, hostile] = [`server-${seed}`, `hostile-${seed}`];
      const [send, receive] = ['to-neighbour', 'from-neighbour'];
      const cvm = deployLinux(monitor, {
        ...{ ...SIZES, name: server, image, argv: ['/usr/bin/echo', 'serve', '20'] },
        peers: [{ name: 'hostile', send, receive }],
      });
      const neighbour = monitor.createCvm({ name: hostile, image: own, memory: 256 * 1024, arguments: [`${seed}`, '400'], background: true }); // prettier-ignore
      monitor.connect(send, cvm, neighbour);
      monitor.connect(receive, neighbour, cvm);
      for (const each of [cvm, neighbour]) monitor.start(each);
      await monitor.run({ budget: BUDGET });
      expect(output.get(server), `seed ${seed}`).to.match(
        /^(library OS: nonsense from hostile, connections closed\n)?served\n$/,
      );
      expect([cvm.exitCode, neighbour.faults]).to.deep.equal([0, 0]);
      for (const each of [cvm, neighbour]) monitor.destroy(each);
      closed += Number(output.get(server)!.includes('nonsense'));
    }
    expect(closed).to.be.within(3, 27);
  });

  for (let seed = 1; seed <= 12; seed++)
    it(`survive whatever frames come, seed ${seed}`, async () => {
      const cvm = deployLinux(monitor, {
        ...{ ...SIZES, name: 'server', image, argv: ['/usr/bin/echo', 'serve', '200'] },
        uplink: { send: 'out', receive: 'in' },
      });
      monitor.connect('out', cvm, { write: () => {} });
      monitor.connect('in', new HostileEnd(seed, 60), cvm);
      monitor.start(cvm);
      await monitor.run({ budget: BUDGET });
      expect(output.get('server')).to.match(/^(library OS: nonsense from the host, connections closed\n)?served\n$/);
      expect(cvm.exitCode).to.equal(0);
    });
});
