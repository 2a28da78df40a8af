// Calls between two cVMs, by way of the switcher and back, on both engines at once.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Monitor, readImage } from '../../src/monitor/index.ts';

const guest = (name: string): Uint8Array => readFileSync(new URL(`../../guests/images/${name}.elf`, import.meta.url));
const ROUNDS = 1500;
const MEMORY = 1 << 20;

describe('Calls between cVMs in lockstep', function () {
  this.timeout(120_000);

  for (const bytes of [0, 1, 64, 200, 5000]) {
    it(`with ${bytes} bytes each way`, async () => {
      const monitor = await Monitor.create({
        switcher: guest('switcher'),
        engine: 'lockstep',
        translateAfter: 100,
        memory: '10M',
      });
      const image = readImage(guest('ipc/call'), 'ipc/call');
      const [serve, call] = ['serve', 'call'].map((role) =>
        monitor.createCvm({ name: role, image, memory: MEMORY, arguments: [role, `${bytes}`, `${ROUNDS}`, '1'] }),
      );
      monitor.allowCall('echo', call!, serve!);
      monitor.start(serve!);
      monitor.start(call!);
      const { reason } = await monitor.run({ budget: 100_000_000n });
      const share = Number(monitor.machine.statistics!.translatedInstructions) / Number(monitor.machine.instructions);
      expect([reason, call!.exitCode, serve!.exitCode]).to.deep.equal(['ended', 0, 0]);
      expect(share).to.be.greaterThan(0.5);
      monitor.machine.dispose();
    });
  }
});
