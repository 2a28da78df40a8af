// Published ports: clients that read slowly, or not at all; connections that are open when their cVM begins anew.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseManifest } from '../../src/monitor/index.ts';
import { deployServices } from '../../src/services/index.ts';
import type { Services } from '../../src/services/index.ts';
import { compileProgram, hasCompiler, imageOf } from '../libos/linux-program.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
/** What `pour` sends to whoever connects to its first port; who connects to the second gets a word. */
const POURED = 24 * 1024 ** 2;

describe('open connections of cVMs', function () {
  this.timeout(60_000);
  let services: Services;
  let run: Promise<unknown>;
  let output = '';
  before(function () {
    if (!hasCompiler()) this.skip();
  });
  afterEach(async () => {
    for (const cvm of services.cvms.values()) services.monitor.kill(cvm);
    await run;
    services.close();
    services.monitor.machine.dispose();
  });

  async function start(name: string, ...cvms: string[]): Promise<void> {
    output = '';
    const image = imageOf(name, compileProgram(name, PROGRAMS));
    services = await deployServices(parseManifest(`version: 1\ncvms: [${cvms.join(', ')}]`), {
      switcher: SWITCHER,
      readImage: () => expect.fail('no ELF file is asked for'),
      openImage: () => image,
      openVolume: () => expect.fail('no disk is asked for'),
      onConsole: (_, bytes) => void (output += Buffer.from(bytes).toString()),
    });
    services.start();
    run = services.monitor.run();
    await until('listening');
  }

  /** It has been said that often. */
  async function until(text: string, times = 1): Promise<void> {
    for (let tries = 0; output.split(text).length <= times; tries++) {
      expect(tries, output).to.be.below(500);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const dial = (index: number): Socket => connect(services.ports[index].hostPort, '127.0.0.1');
  /** A connection that has got its greeting: as long as there is none, nobody listens yet. */
  async function greeted(): Promise<Socket> {
    for (let tries = 0; tries < 500; tries++) {
      const socket = dial(0).on('error', () => undefined);
      const text = await new Promise((resolve) => {
        socket.on('data', (bytes) => resolve(bytes.toString()));
        socket.on('close', () => resolve(undefined));
      });
      if (text === 'hello') return socket;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return expect.fail('nobody greets');
  }
  /** How many bytes come to its end, and whether they are what `pour` sends. */
  const drain = (socket: Socket): Promise<{ count: number; wrong: number }> =>
    new Promise((resolve, reject) => {
      let [count, wrong] = [0, 0];
      socket.on('data', (bytes) => {
        for (let at = 0; at < bytes.length; at += 997) wrong += Number(bytes[at] !== (count + at) % 251);
        count += bytes.length;
      });
      socket.on('end', () => resolve({ count, wrong }));
      socket.on('error', reject);
    });

  it('one that is not read holds up neither others nor the program, and gets all of it in the end', async () => {
    await start('pour', "{ name: one, image: x, command: [pour], memory: 8M, publish: ['0:7000', '0:7001'] }");
    const slow = [dial(0).pause(), dial(0).pause()];
    await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    for (let round = 0; round < 20; round++) {
      const word = drain(dial(1));
      expect((await word).count).to.equal(251);
    }
    slow[1].destroy();
    expect(await drain(slow[0].resume())).to.deep.equal({ count: POURED, wrong: 0 });
    expect((await drain(dial(1))).count).to.equal(251);
  });

  it('are noticed by a program that always finds something else ready', async () => {
    await start('busy', "{ name: one, image: x, command: [busy], memory: 8M, publish: ['0:7000'] }");
    for (const how of ['poll', 'epoll']) {
      const socket = await greeted();
      expect(socket.destroyed, how).to.equal(false);
      socket.destroy();
    }
  });

  it('end when their cVM crashes, and can be made again when it has begun anew', async () => {
    await start(
      'hold',
      "{ name: server, image: x, command: [hold, serve], memory: 8M, restart: on-failure, publish: ['0:7000'] }",
      '{ name: asker, image: x, command: [hold, ask, 10.0.0.2], memory: 8M, connect: [server], background: true }',
    );
    for (let life = 1; life <= 3; life++) {
      await until('listening\n', life);
      await until('greeted\n', life);
      const sockets = [await greeted(), await greeted()];
      const ends = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
      sockets[0].write('crash');
      await Promise.all(ends);
      await until('read(fd, greeting, sizeof greeting) = -1 ECONNRESET', life);
    }
  });
});
