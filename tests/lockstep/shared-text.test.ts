// cVMs that run one image share its text: one translation has to serve them all, wherever their data lie, however much it is.
import { expect } from 'chai';
import type { EngineStatistics } from '../../src/host/index.ts';
import { World } from '../monitor/world.ts';

/** Each has `more` bytes more memory than the one before. */
async function runCvms(count: number, more = 0): Promise<EngineStatistics> {
  const world = await World.create({ memory: '16M', slice: 2_000, engine: 'lockstep', translateAfter: 200 });
  const work = Array.from({ length: 3 }, (_, turn) => ['fill', String(turn + 1)]).flat();
  const cvms = Array.from({ length: count }, (_, index) =>
    world.cvm(`c${index}`, { image: 'worker', memory: 256 * 1024 + index * more, arguments: [...work, 'exit', '0'] }),
  );
  world.start(...cvms);
  const { reason } = await world.monitor.run();
  expect(reason).to.equal('ended');
  return world.monitor.machine.statistics!;
}

describe('Text shared by cVMs', () => {
  for (const [name, more] of [
    ['is translated once for all of them', 0],
    ['is translated once for all of them, of other sizes, too', 0x10000],
  ] as const) {
    it(name, () => isTranslatedOnce(more));
  }

  async function isTranslatedOnce(more: number): Promise<void> {
    const one = await runCvms(1);
    const many = await runCvms(5, more);
    expect(one.translatedInstructions).to.be.greaterThan(one.interpretedInstructions);
    expect(many.translatedInstructions / many.interpretedInstructions).to.be.greaterThan(4);
    // Each region once more, when the second cVM is met, and no more for the other three.
    expect(many.regions).to.be.lessThan(3 * one.regions + 10);
    expect(many.dropped).to.be.lessThan(2 * one.regions + 10);
  }
});
