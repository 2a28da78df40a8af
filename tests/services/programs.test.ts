// Debian's programs in cVMs, as manifests describe them: over real sockets of the host, with a disk that outlives them, and
// with each other.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PackageImage } from '../../src/image/index.ts';
import { parseManifest } from '../../src/monitor/index.ts';
import { BlockStore, deployServices } from '../../src/services/index.ts';
import type { Services } from '../../src/services/index.ts';
import { debianImage } from '../helpers/packages.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));

describe("Debian's programs in cVMs", () => {
  let directory: string;
  const printed = new Map<string, string>();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-services-'));
    printed.clear();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const deploy = (text: string, image: PackageImage): Promise<Services> =>
    deployServices(parseManifest(text), {
      switcher: SWITCHER,
      readImage: () => expect.fail('no ELF file is asked for'),
      openImage: () => image,
      openVolume: ({ file, size }) => BlockStore.open(join(directory, file), join(directory, 'key'), size),
      onConsole: ({ name }, bytes) => printed.set(name, (printed.get(name) ?? '') + Buffer.from(bytes).toString()),
    });
  const finish = async (services: Services): Promise<(number | undefined)[]> => {
    services.start();
    await services.monitor.run();
    services.close();
    services.monitor.machine.dispose();
    return [...services.cvms.values()].map(({ exitCode }) => exitCode);
  };

  it('Redis serves a client of the host, and ends at SIGTERM', async function () {
    const image = await debianImage(this, 'redis-server');
    const services = await deploy(
      "version: 1\ncvms: [{ name: redis, image: redis-server, command: [redis-server, --save, ''], memory: 56M, publish: ['0:6379'] }]",
      image,
    );
    services.start();
    const run = services.monitor.run();
    const reply = await ask(services.ports[0].hostPort, 'SET a 41\r\nINCR a\r\nGET a\r\n', ':42\r\n$2\r\n42\r\n');
    expect(reply).to.equal('+OK\r\n:42\r\n$2\r\n42\r\n');
    expect(services.terminate(services.cvms.get('redis')!)).to.equal(true);
    await run;
    expect(services.cvms.get('redis')!.exitCode).to.equal(0);
    expect(printed.get('redis')).to.include('ready to exit, bye bye');
    services.close();
    services.monitor.machine.dispose();
  });

  it('Python stops recursion before a thread leaves its stack', async function () {
    const image = await debianImage(this, 'python3');
    const script = `
import json, threading
def parse(depth):
  try: json.loads("[" * depth)
  except RecursionError: print("too deep", flush=True)
threads = [threading.Thread(target=parse, args=(20000,)) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
parse(20000)
`;
    const command = JSON.stringify(['python3', '-I', '-S', '-c', script]);
    const text = `version: 1\ncvms: [{ name: python, image: python3, command: ${command}, memory: 64M }]`;
    expect(await finish(await deploy(text, image))).to.deep.equal([0]);
    expect(printed.get('python')).to.equal('too deep\n'.repeat(4));
  });

  it('Python with its web modules has room in 32 MiB', async function () {
    const image = await debianImage(this, 'python3');
    const command = JSON.stringify(['python3', '-c', 'import json, http.server, asyncio; print("ready")']);
    const text = `version: 1\ncvms: [{ name: python, image: python3, command: ${command}, memory: 32M }]`;
    expect(await finish(await deploy(text, image))).to.deep.equal([0]);
    expect(printed.get('python')).to.equal('ready\n');
  });

  it('SQLite finds on its disk what an earlier run put there', async function () {
    const image = await debianImage(this, 'sqlite3');
    const text = `version: 1
cvms:
  - name: sqlite
    image: sqlite3
    memory: 16M
    volumes: [{ file: disk, size: 4M, at: /data }]
    command: [sqlite3, /data/x.db, 'CREATE TABLE IF NOT EXISTS t(i INTEGER PRIMARY KEY); INSERT INTO t DEFAULT VALUES; SELECT count(*) FROM t']`;
    for (const count of ['1', '2', '3']) {
      printed.clear();
      expect(await finish(await deploy(text, image))).to.deep.equal([0]);
      expect(printed.get('sqlite')).to.equal(`${count}\n`);
    }
  });

  it('one that is refused has no network', async function () {
    const image = await debianImage(this, 'redis-server');
    const text = `version: 1
cvms: [{ name: cli, image: redis-server, command: [redis-cli, -h, 10.0.1.1, PING], memory: 32M, allow: ['192.0.2.1:1'] }]`;
    const services = await deploy(text, image);
    const denied: string[] = [];
    services.monitor.audit.onRecord(({ kind, text: what }) => kind === 'refusal' && denied.push(what));
    expect(await finish(services)).to.deep.equal([1]);
    expect(denied).to.include('may not connect to 10.0.1.1:6379');
    expect(printed.get('cli')).to.include('Permission denied');
  });
});

/** Asks again until somebody listens; what comes until `end`. */
async function ask(port: number, question: string, end: string): Promise<string> {
  for (;;) {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(question));
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(text));
      socket.on('data', (bytes) => {
        text += bytes.toString();
        if (text.endsWith(end)) socket.end();
      });
    });
    if (answer !== '') return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
