// Many cVMs of one image in one machine: all get their turns, and what one of them made hot is translated for all.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect } from 'chai';
import { parseManifest } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { deployServices } from '../../src/services/index.ts';
import type { Services } from '../../src/services/index.ts';
import { debianImage } from '../helpers/packages.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const HALF = 5;
/** Of the simulated machine, for each Redis that starts: some 31 million, and what those take that are up. */
const MOST_INSTRUCTIONS = 60_000_000n;

const manifest = (count: number): string =>
  `version: 1\ncvms:\n${Array.from(
    { length: count },
    (_, index) =>
      `- { name: redis${index}, image: redis-server, command: [redis-server, --save, ''], memory: 56M, publish: ['0:6379'] }\n`,
  ).join('')}`;

describe('Many Redis in one machine', () => {
  it(`${2 * HALF} get ready, share what is translated, and answer PING`, async function () {
    const image = await debianImage(this, 'redis-server');
    const ready = new Set<string>();
    const services = await deployServices(parseManifest(manifest(2 * HALF)), {
      switcher: SWITCHER,
      readImage: () => expect.fail('no ELF file is asked for'),
      openImage: () => image,
      openVolume: () => expect.fail('no disk is asked for'),
      onConsole: ({ name }, bytes) => {
        if (Buffer.from(bytes).includes('Ready to accept connections')) ready.add(name);
      },
    });
    const { monitor } = services;
    const cvms = [...services.cvms.values()];
    const regions = (): number => monitor.machine.statistics!.regionInstructions;
    try {
      await makeReady(services, cvms.slice(0, HALF), ready);
      const first = regions();
      await makeReady(services, cvms.slice(HALF), ready);
      expect(first).to.be.greaterThan(0);
      expect(regions() - first, 'instructions translated for the second half').to.be.lessThan(first);
      const stop = new AbortController();
      const run = monitor.run({ signal: stop.signal });
      const answers = await Promise.all(services.ports.map(({ hostPort }) => ping(hostPort)));
      stop.abort();
      await run;
      expect(answers).to.deep.equal(cvms.map(() => '+PONG\r\n'));
    } finally {
      services.close();
      monitor.machine.dispose();
    }
  });
});

async function makeReady({ monitor }: Services, cvms: readonly Cvm[], ready: ReadonlySet<string>): Promise<void> {
  const end = monitor.machine.instructions + BigInt(cvms.length) * MOST_INSTRUCTIONS;
  for (const cvm of cvms) monitor.start(cvm);
  while (!cvms.every(({ name }) => ready.has(name))) {
    await monitor.run({ budget: 10_000_000n });
    expect(monitor.machine.instructions < end, `${[...ready].length} of them are ready`).to.equal(true);
  }
}

const ping = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
