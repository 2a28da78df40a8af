import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { difference } from '../../perf/services/difference.ts';
import { LINUX_ROWS } from '../../perf/services/linux-baseline.ts';
import { ownerOf } from '../../perf/services/attribution.ts';
import { commandOf, measureServices, sharesOf } from '../../perf/services/measure.ts';
import { toSvg } from '../../perf/services/report/chart.ts';
import { nameOf, operationTable } from '../../perf/services/report/table.ts';
import { OPERATIONS, plainRow, toTsv } from '../../perf/services/rows.ts';
import type { Row } from '../../perf/services/rows.ts';
import { main } from '../../src/cli/bench.ts';
import type { CapvmError } from '../../src/host/index.ts';
import { makeAlmighty } from '../../perf/services/almighty.ts';
import { measureHostRequests, readCsv } from '../../perf/services/host-requests.ts';
import { measureIsolation } from '../../perf/services/isolation.ts';
import { measureMemory } from '../../perf/services/memory.ts';
import { Monitor, readImage } from '../../src/monitor/index.ts';
import { capvm, childrenOf, compileIfStale, program } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';
import { needs } from './live-services.ts';

const MEASURING_MILLISECONDS = 180_000;

const readGuest = (name: string): Uint8Array =>
  readFileSync(new URL(`../../guests/images/${name}.elf`, import.meta.url));

const get = {
  charge: 6000,
  where: 'capvm',
  operation: 'redis-get',
  path: 'socket',
  valueBytes: 3,
  clients: 1,
  pipeline: 1,
  instructions: 10000.5,
  client: 'lean',
} satisfies Row;

describe('Rows of the comparison of services', () => {
  it('have exactly the published fields', () => {
    expect(JSON.stringify(plainRow({ ...get, more: 1 } as Row))).to.equal(
      '{"where":"capvm","operation":"redis-get","path":"socket","valueBytes":3,"clients":1,"pipeline":1,"instructions":10000.5,"charge":6000,"client":"lean"}',
    );
    expect(toTsv([get, { ...get, where: 'linux', path: 'tcp', charge: null, client: null }])).to.equal(
      'where\toperation\tpath\tvalueBytes\tclients\tpipeline\tinstructions\tcharge\tclient\n' +
        'capvm\tredis-get\tsocket\t3\t1\t1\t10000.5\t6000\tlean\n' +
        'linux\tredis-get\ttcp\t3\t1\t1\t10000.5\t\t\n',
    );
  });

  it('are differences of two runs: what both have in common is in none', () => {
    const short = { instructions: 1_000_100, server: 400_050, charge: 70_000 };
    const long = { instructions: 1_000_100 + 20_000, server: 400_050 + 5_000, charge: 70_000 + 3_442 };
    expect(difference(short, long, 10)).to.deep.equal({
      ...{ instructions: 2000, server: 500, client: 1500, charge: 344.2 },
    });
  });

  it('are shared out as a window is', () => {
    const cost = { instructions: 1000, server: 600, client: 400, charge: 50 };
    const { program, libos, switcher, charge } = sharesOf(get, cost, { program: 5, libos: 4, switcher: 1 });
    expect([program, libos, switcher, charge]).to.deep.equal([500, 400, 100, 50]);
    const map = [
      { owner: 'libos', region: { base: 100, sizeBytes: 10 } },
      { owner: 'program', region: { base: 110, sizeBytes: 10 } },
    ] as const;
    expect([99, 100, 109, 110, 119, 120].map((pc) => ownerOf(pc, map))).to.deep.equal([
      ...['switcher', 'libos', 'libos', 'program', 'program', 'switcher'],
    ]);
  });

  it('of Linux are those that were counted, each once', () => {
    const keys = LINUX_ROWS.map((row) => JSON.stringify({ ...row, instructions: 0 }));
    expect(new Set(keys).size).to.equal(keys.length);
    for (const { where, operation, charge, instructions } of LINUX_ROWS) {
      expect([where, charge]).to.deep.equal(['linux', null]);
      expect(OPERATIONS).to.include(operation);
      expect(instructions).to.be.within(9_400, 192_000);
    }
    const of = (path: string): number[] =>
      LINUX_ROWS.filter((row) => row.path === path && row.operation === 'redis-get').map((row) => row.instructions);
    expect(of('tcp')).to.deep.equal([67_000, 58_500, 9_400, 83_500]);
    expect(of('unix')).to.deep.equal([48_500, 50_000]);
  });

  it('are named, and stand beside Linux’s of the same operation only', () => {
    expect(nameOf({ ...get, valueBytes: 4096, clients: 10 })).to.equal('GET, 4,096 bytes, 10 clients');
    expect(nameOf({ ...get, operation: 'redis-set', pipeline: 16 })).to.equal('SET, 3 bytes, x16');
    const [, line, other] = operationTable([get, { ...get, valueBytes: 5 }, ...LINUX_ROWS]);
    expect(line.split(/ {2,}/)).to.deep.equal([
      'GET, 3 bytes',
      'sockets',
      '10,001',
      '6,000',
      '16,001',
      '67,000',
      '48,500',
      '4.2x',
    ]);
    expect(other.split(/ {2,}/).slice(-3)).to.deep.equal(['-', '-', '-']);
  });

  it('are bars: one for each place of an operation, the charge at the end of it', () => {
    const svg = toSvg([get, ...LINUX_ROWS]);
    expect(svg.match(/<rect class="capvm"/g)).to.have.length(1);
    expect(svg.match(/<rect class="charge"/g)).to.have.length(1);
    expect(svg.match(/<rect class="linux"/g)).to.have.length(2);
    expect(svg).to.include('Linux, TCP: 67,000');
  });

  it('come of what redis-benchmark is told', () => {
    expect(commandOf({ ...get, pipeline: 16 }, 160).join(' ')).to.equal('-t get -n 160 -d 3 -c 1 -P 16');
  });
});

describe('capvm bench services', () => {
  const refusal = (args: readonly string[]): Promise<CapvmError> =>
    main(['services', ...args]).then(
      () => expect.fail('it did not refuse'),
      (error: CapvmError) => error,
    );

  it('refuses what it does not know', async () => {
    for (const args of [
      ...[['--json', '--tsv'], ['redis'], ['--bytes', '1'], ['--svg', 'a', '--html', 'a'], ['--only', 'redis']],
      ...[
        ['--only', ''],
        ['--only', 'memory', '--tsv'],
        ['--only', 'memory,host', '--svg', 'a.svg'],
      ],
    ])
      expect((await refusal(args)).exitCode, args.join(' ')).to.equal(64);
    expect((await refusal(['--svg', '/nowhere/a.svg'])).exitCode).to.equal(73);
  });

  it('says what to pull', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'capvm-bench-'));
    const { XDG_CACHE_HOME } = process.env;
    process.env.XDG_CACHE_HOME = directory;
    try {
      const { exitCode, message } = await refusal([]);
      expect([exitCode, message]).to.deep.equal([
        ...[65, 'there is no image redis-server; `capvm pull redis-server` fetches it'],
      ]);
    } finally {
      if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
      rmSync(directory, { recursive: true });
    }
  });

  it('measures GET and SET over sockets, streams and calls, and HTTP', async function () {
    const image = await debianImage(this, 'redis-server');
    const python = await debianImage(this, 'python3');
    this.timeout(MEASURING_MILLISECONDS);
    const { rows, shares } = await measureServices({ image, python, readGuest, quick: true });
    expect(rows.map(({ operation, path, client }) => [operation, path, client].join(' '))).to.deep.equal([
      ...['redis-get socket lean', 'redis-set socket lean', 'redis-get stream lean', 'redis-set stream lean'],
      ...['redis-get call lean', 'redis-set call lean', 'redis-get socket redis-benchmark'],
      ...['redis-set socket redis-benchmark', 'http-python-redis socket lean'],
    ]);
    rows.forEach(({ instructions, charge, operation }, index) => {
      const isRedis = operation !== 'http-python-redis';
      expect(instructions).to.be.within(isRedis ? 5_000 : 20_000, isRedis ? 40_000 : 200_000);
      expect(charge).to.be.within(3_000, isRedis ? 12_000 : 24_000); // there and back is a switch at least
      const { serverSide, clientSide, program, libos, switcher, clients } = shares[index];
      expect(clients).to.equal(1);
      expect(program + libos + switcher).to.be.closeTo(instructions, 0.3);
      expect(Math.min(program, libos)).to.be.above(1_000);
      expect(switcher).to.be.within(20, 3_000);
      expect(serverSide + clientSide).to.be.closeTo(instructions, 0.3);
      expect(serverSide).to.be.above(4_000);
      expect(clientSide).to.be.above(200);
    });
    const [socket, stream] = ['socket', 'stream'].map((way) => shares.find(({ path }) => path === way)!.clientSide);
    expect(stream).to.be.below(socket); // no library OS
  });

  it('prints one section as JSON, silently', async function () {
    await debianImage(this, 'redis-server');
    this.timeout(MEASURING_MILLISECONDS);
    compileIfStale();
    const { code, stdout, stderr } = await capvm(['bench', 'services', '--quick', '--json', '--only', 'start-up']);
    expect([code, stderr]).to.deep.equal([0, '']);
    const { schema, rows, startUp, ...others } = JSON.parse(stdout) as Record<string, unknown>;
    expect([schema, rows]).to.deep.equal([1, []]);
    const nothing = { shares: null, host: null, memory: null, isolation: null };
    expect(others).to.deep.equal(nothing);
    const times = startUp as Record<string, number>;
    for (const name of ['process', 'machine', 'cvm']) expect(times[name], name).to.be.within(50, 60_000);
    expect(times.instructions).to.be.within(20e6, 100e6);
  });

  it('ends by Ctrl-C, with the process that it has started', async function () {
    await debianImage(this, 'redis-server');
    if (!existsSync('/proc/self/task')) this.skip();
    compileIfStale();
    const child = spawn(process.execPath, [program, 'bench', 'services', '--only', 'start-up'], { stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    const closed = new Promise((resolve) => child.on('close', resolve));
    let started: number[] = [];
    for (; started.length === 0; started = childrenOf(child.pid!))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    expect([await closed, said]).to.deep.equal([130, 'capvm: interrupted\n']);
    for (const pid of started) expect(existsSync(`/proc/${pid}`)).to.equal(false);
  });

  it('finds what a further Redis takes, with shared text and without', async function () {
    const image = await debianImage(this, 'redis-server');
    this.timeout(MEASURING_MILLISECONDS);
    const { shared, unshared } = await measureMemory(image, { readGuest });
    for (const { reserved, used } of [shared, unshared]) expect(used).to.be.below(reserved);
    const text = image.image.length + image.codes.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(unshared.reserved - shared.reserved).to.be.within(text, text * 1.1 + 2 ** 20);
    expect(shared.used).to.be.within(5 * 2 ** 20, 40 * 2 ** 20);
    expect(unshared.used - shared.used).to.be.above(text / 2); // not all of its pages have something in them
  });

  it('takes isolation away: capabilities reach everything, what the programs do is the same', async function () {
    const sqlite = await debianImage(this, 'sqlite3');
    this.timeout(MEASURING_MILLISECONDS);
    const [{ on, off, share }] = await measureIsolation({ images: { sqlite }, readGuest, quick: true });
    expect(on.instructions).to.be.above(20e6);
    expect(off.instructions / on.instructions).to.be.within(0.99, 1.01);
    expect(share).to.be.within(0, 0.05);
    expect(await reachOf(false)).to.equal('cannot');
    expect(await reachOf(true)).to.equal('can');
  });

  it('asks from this host', async function () {
    const image = await debianImage(this, 'redis-server');
    needs(this, 'redis-benchmark', 'redis-tools');
    this.timeout(MEASURING_MILLISECONDS);
    const host = await measureHostRequests({ image, readGuest, quick: true });
    expect(host!.map(({ operation }) => operation).sort()).to.deep.equal(['redis-get', 'redis-set']);
    for (const { requestsPerSecond } of host!) expect(requestsPerSecond).to.be.within(20, 1e6);
  });

  it('reads what redis-benchmark says', () => {
    const names = '"test","rps","avg_latency_ms"\n';
    expect(readCsv(`${names}"SET","1094.09","0.9"\n"GET","2795.5","0.3"\n`)).to.deep.equal([
      ...[['redis-set', 1094], ['redis-get', 2796]], // prettier-ignore
    ]);
  });
});

describe('The lean client', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-bench-'));
    writeFileSync(join(directory, 'client'), readGuest('services/socket-client'), { mode: 0o755 });
  });
  after(() => rmSync(directory, { recursive: true }));

  const client = (port: number, ...load: string[]): Promise<number | null> =>
    new Promise((resolve, reject) => {
      const path = join(directory, 'client');
      const child = spawn('qemu-riscv64', [path, '127.0.0.1', String(port), ...load], { stdio: 'ignore' });
      child.on('error', reject);
      child.on('close', resolve);
    });

  it('is an ordinary Linux program, and is told wrong answers from right ones', async function () {
    needs(this, 'qemu-riscv64', 'qemu-user');
    this.timeout(20_000);
    let value = 'abc';
    const asked: string[] = [];
    // Answers come in two pieces.
    const server = createServer((socket) =>
      socket.setNoDelay().on('data', (bytes) => {
        const requests = bytes.toString('latin1').match(/\r\n(GET|SET)\r\n|^GET \//g) ?? [];
        asked.push(...requests.map((text) => text.trim()));
        const answers = requests.map((text) => {
          if (text.startsWith('GET /')) return `HTTP/1.1 200 OK\r\nContent-Length: ${value.length}\r\n\r\n${value}`;
          return text.includes('SET') ? '+OK\r\n' : `$${value.length}\r\n${value}\r\n`;
        });
        const all = answers.join('');
        socket.write(all.slice(0, 2));
        setTimeout(() => socket.write(all.slice(2)), 1);
      }),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await client(port, 'get', '3', '1', '8', '4')).to.equal(0);
      expect(asked).to.deep.equal(['SET', ...Array<string>(2 + 8 + 4 + 1).fill('GET')]);
      expect(await client(port, 'set', '3', '16', '32', '0')).to.equal(0);
      expect(await client(port, 'http', '3', '1', '4', '0')).to.equal(0);
      expect(await client(port, 'get', '4', '1', '8', '4')).to.equal(1);
      value = 'abd';
      expect(await client(port, 'get', '3', '1', '8', '4')).to.equal(1);
      expect(await client(port, 'http', '3', '1', '4', '0')).to.equal(1);
      expect(await client(port, 'push', '3', '1', '8', '4')).to.equal(64);
    } finally {
      server.close();
    }
  });
});

/** Of another cVM's data: does the capability that this one begins with reach it? */
async function reachOf(isAlmighty: boolean): Promise<string> {
  const image = readImage(readGuest('hostile'), 'hostile');
  const monitor = await Monitor.create({ switcher: readGuest('switcher'), memory: '8M' });
  try {
    const [cvm, other] = ['one', 'other'].map((name) => monitor.createCvm({ name, image, memory: 2 ** 19 }));
    if (isAlmighty) makeAlmighty(monitor, cvm);
    const { base, top } = monitor.machine.registers.decode(cvm.resources.ddc);
    const { data } = other;
    return BigInt(data.base) >= base && BigInt(data.base + data.sizeBytes) <= top ? 'can' : 'cannot';
  } finally {
    monitor.machine.dispose();
  }
}
