import { expect } from 'chai';
import fc from 'fast-check';
import { Machine, OTYPE_UNSEALED, PERMISSION } from '../../src/host/index.ts';
import { deriveCapability, Sealer } from '../../src/monitor/seal.ts';
import type { Decode } from '../../src/monitor/seal.ts';

describe('Sealer', () => {
  let decode: Decode;

  before(async () => {
    const machine = await Machine.create({ memory: '1M' });
    decode = (value) => machine.registers.decode(value);
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
    const code = decode(sealer.code({ base: 0x8000_4000, sizeBytes: 0x2000 }, false));
    const shared = [1, 2, 3].map((rights) => decode(sealer.shared({ base: 0x8001_0000, sizeBytes: 64 }, rights)!));
    expect(data.permissions).to.equal(PERMISSION.Load | PERMISSION.Store | PERMISSION.LoadCap);
    expect(code.permissions).to.equal(PERMISSION.Execute);
    expect(shared.map(({ permissions }) => permissions)).to.deep.equal([4, 8, 12]);
    for (const { otype, tag } of [data, code, ...shared]) expect([otype, tag]).to.deep.equal([OTYPE_UNSEALED, true]);
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
