import { expect } from 'chai';
import fc from 'fast-check';
import { Machine, OTYPE_UNSEALED, PERMISSION } from '../../src/host/index.ts';
import { alignmentFor } from '../../src/monitor/concentrate.ts';
import { deriveCapability, exactSize, Sealer } from '../../src/monitor/seal.ts';
import type { Decode } from '../../src/monitor/seal.ts';

describe('Sealer', () => {
  let decode: Decode;

  before(async () => {
    const machine = await Machine.create({ memory: '1M' });
    decode = (value) => machine.registers.decode(value);
  });

  const region = fc.record({
    base: fc.integer({ min: 0x8000_0000, max: 0xffff_0000 }),
    bits: fc.integer({ min: 0, max: 30 }),
    extra: fc.nat(),
    zeros: fc.integer({ min: 0, max: 24 }),
  });

  it('finds a size at every address that a capability covers exactly, and none larger with the same alignment', () => {
    fc.assert(
      fc.property(region, ({ base: from, bits, extra, zeros }) => {
        const base = from - (from % 2 ** zeros);
        const wanted = 2 ** bits + (extra % 2 ** bits);
        const size = exactSize(base, wanted);
        expect(size).to.be.greaterThan(0).and.at.most(wanted);
        if (wanted < 4096) expect(size).to.equal(wanted);
        expect(
          deriveCapability(decode, { base, sizeBytes: size, address: base, permissions: PERMISSION.Store }),
        ).to.not.equal(undefined);
        const unit = alignmentFor(size);
        const more = size + unit;
        if (more > wanted || base % alignmentFor(more) !== 0) return;
        expect.fail(`${more} bytes would be possible at 0x${base.toString(16)}, not only ${size}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes a capability whose bounds, permissions, otype or flag are not what was asked', () => {
    const request = fc.record({
      base: fc.integer({ min: 0x8000_0000, max: 0xffff_0000 }),
      sizeBytes: fc.integer({ min: 0, max: 2 ** 31 }),
      offset: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
      permissions: fc.integer({ min: 0, max: 0xfff }),
      flag: fc.constantFrom(0 as const, 1 as const),
      otype: fc.integer({ min: 0, max: 0x3ffff }),
    });
    fc.assert(
      fc.property(request, ({ offset, ...rest }) => {
        const made = deriveCapability(decode, { ...rest, address: rest.base + offset });
        if (made === undefined) return;
        const seen = decode(made);
        expect([seen.base, seen.top, seen.address]).to.deep.equal(
          [rest.base, rest.base + rest.sizeBytes, rest.base + offset].map(BigInt),
        );
        expect([seen.permissions, seen.flag, seen.otype]).to.deep.equal([rest.permissions, rest.flag, rest.otype]);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives cVMs no authority to store capabilities, seal, or write what they execute', () => {
    const sealer = new Sealer(decode);
    const data = decode(sealer.data({ base: 0x8001_0000, sizeBytes: 0x1_0000 }, 0x8000_e000)!);
    const code = decode(sealer.code({ base: 0x8000_4000, sizeBytes: 0x2000 }));
    const window = decode(sealer.window({ base: 0x8001_0000, sizeBytes: 64 })!);
    expect(data.permissions).to.equal(PERMISSION.Load | PERMISSION.Store | PERMISSION.LoadCap);
    expect(code.permissions).to.equal(PERMISSION.Execute);
    expect(window.permissions).to.equal(PERMISSION.Store);
    for (const { otype, tag } of [data, code, window]) expect([otype, tag]).to.deep.equal([OTYPE_UNSEALED, true]);
  });

  it('refuses a DDC whose address is too far below its bounds to be represented', () => {
    const sealer = new Sealer(decode);
    expect(sealer.data({ base: 0x8100_0000, sizeBytes: 0x1_0000 }, 0x8000_0000)).to.equal(undefined);
  });

  it('hands out an otype again only after it was given back', () => {
    const sealer = new Sealer(decode);
    const seen: number[] = [];
    for (let otype = sealer.allocateOtype(); otype !== undefined; otype = sealer.allocateOtype()) seen.push(otype);
    expect(new Set(seen).size).to.equal(seen.length);
    expect([seen[0], seen.at(-1)]).to.deep.equal([1, 0x3fffb]);
    sealer.releaseOtype(77);
    expect(sealer.allocateOtype()).to.equal(77);
    expect(sealer.allocateOtype()).to.equal(undefined);
  });
});
