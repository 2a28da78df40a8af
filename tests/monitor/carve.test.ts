import { expect } from 'chai';
import fc from 'fast-check';
import { Carver, regionEnd } from '../../src/monitor/carve.ts';
import type { Region } from '../../src/monitor/carve.ts';

const RANGE = { base: 0x8000_1000, sizeBytes: 0x10_0000 };

describe('Carver', () => {
  it('gives the lowest place that fits, aligned', () => {
    const carver = new Carver(RANGE);
    expect(carver.allocate(100)).to.deep.equal({ base: 0x8000_1000, sizeBytes: 100 });
    expect(carver.allocate(32, 4096)).to.deep.equal({ base: 0x8000_2000, sizeBytes: 32 });
    expect(carver.allocate(16)).to.deep.equal({ base: 0x8000_1070, sizeBytes: 16 });
  });

  it('has nothing for sizes that are no sizes, or too large', () => {
    const carver = new Carver(RANGE);
    for (const size of [0, -16, 1.5, NaN, Infinity, RANGE.sizeBytes + 1])
      expect(carver.allocate(size), String(size)).to.equal(undefined);
    expect(carver.allocate(RANGE.sizeBytes)).to.deep.equal(RANGE);
    expect(carver.allocate(1)).to.equal(undefined);
  });

  it('refuses what it never gave', () => {
    const carver = new Carver(RANGE);
    const region = carver.allocate(4096)!;
    expect(carver.release({ base: region.base - 4096, sizeBytes: 4096 })).to.equal(false);
    expect(carver.release({ base: region.base, sizeBytes: 8192 })).to.equal(false);
    expect(carver.release(region)).to.equal(true);
    expect(carver.release(region)).to.equal(false);
  });

  it('keeps regions disjoint, and is whole again when all are given back', () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 70_000 }),
      align: fc.integer({ min: 4, max: 14 }),
      drop: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const carver = new Carver(RANGE);
        const held: Region[] = [];
        for (const { size, align, drop } of steps) {
          if (drop % 3 === 0 && held.length > 0)
            expect(carver.release(held.splice(drop % held.length, 1)[0])).to.equal(true);
          const region = carver.allocate(size, 2 ** align);
          if (region === undefined) continue;
          expect(region.base % 2 ** align).to.equal(0);
          expect(region.base >= RANGE.base && regionEnd(region) <= regionEnd(RANGE)).to.equal(true);
          for (const other of held)
            expect(regionEnd(other) <= region.base || regionEnd(region) <= other.base).to.equal(true);
          held.push(region);
        }
        for (const region of held) expect(carver.release(region)).to.equal(true);
        expect(carver.allocate(RANGE.sizeBytes)).to.deep.equal(RANGE);
      }),
    );
  });
});
