// What the host says to a library OS by its control stream, and a standard input that ends.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Monitor } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { ControlSource, SIGTERM } from '../../src/services/control.ts';
import { compileProgram, hasCompiler, imageOf } from './linux-program.ts';

const SPECIAL = fileURLToPath(new URL('special/', import.meta.url));
const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));

describe('the host and a library OS', function () {
  this.timeout(60_000);
  let output: string;
  let monitor: Monitor;
  before(function () {
    if (!hasCompiler()) this.skip();
  });
  beforeEach(async () => {
    output = '';
    const onConsole = (_: unknown, bytes: Uint8Array): void => void (output += Buffer.from(bytes).toString());
    monitor = await Monitor.create({ switcher: SWITCHER, memory: '64M', onConsole });
  });
  afterEach(() => monitor.machine.dispose());

  for (const argv of [[], ['listening']])
    it(`SIGTERM ends a program whose first thread has ended ${argv.join()}`, async () => {
      const image = imageOf('first-thread', compileProgram('first-thread', SPECIAL));
      const cvm = deployLinux(monitor, {
        ...{ name: 'program', image, argv: ['/usr/bin/first-thread', ...argv], processMemory: 16 * 1024 ** 2 },
        control: 'control',
      });
      const control = new ControlSource(() => more());
      const more = (): void => stream.more();
      const stream = monitor.connect('control', control, cvm);
      monitor.start(cvm);
      await monitor.run({ budget: 100_000_000n });
      expect([output, cvm.state]).to.deep.equal(['ready\n', 'running']);
      control.signal(SIGTERM);
      await monitor.run({ budget: 100_000_000n });
      expect(cvm.exitCode).to.equal(128 + SIGTERM);
    });

  for (const argv of [[], ['listening']])
    it(`the end of its standard input costs a program that waits nothing ${argv.join()}`, async () => {
      const image = imageOf('end-of-input', compileProgram('end-of-input', SPECIAL));
      const cvm = deployLinux(monitor, {
        ...{ name: 'program', image, argv: ['/usr/bin/end-of-input', ...argv], processMemory: 16 * 1024 ** 2 },
        ...{ stdin: 'stdin', uplink: { send: 'out', receive: 'in' } },
      });
      const pieces = [10, 1000, 0];
      monitor.connect('stdin', { read: () => pieces.shift() }, cvm);
      monitor.connect('out', cvm, { write: () => undefined });
      monitor.connect('in', { read: () => undefined }, cvm);
      monitor.start(cvm);
      await monitor.run({ budget: 100_000_000n });
      expect(output).to.equal('total = 1010\nread(0, bytes, sizeof bytes) = 0\n');
      const before = cvm.instructions;
      await monitor.run({ budget: 10_000_000n });
      expect(Number(cvm.instructions - before)).to.be.below(1000);
    });
});
