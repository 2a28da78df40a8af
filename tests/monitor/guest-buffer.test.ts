import { expect } from 'chai';
import fc from 'fast-check';
import { Machine } from '../../src/host/index.ts';
import { EFAULT, EINVAL } from '../../src/monitor/abi.ts';
import { GuestBuffer } from '../../src/monitor/guest-buffer.ts';

const SPACE = { data: { base: 0x8001_0000, sizeBytes: 0x8000 }, origin: 0x8000_d000 };
const FIRST = 0x3000n;
const END = 0xb000n;

describe('GuestBuffer', () => {
  let machine: Machine;

  before(async () => {
    machine = await Machine.create({ memory: '1M' });
  });

  const of = (address: bigint, size: bigint, limit = 2 ** 40): GuestBuffer | number =>
    GuestBuffer.of(machine.memory, SPACE, address, size, limit);

  it('takes what lies inside the data, to the last byte', () => {
    for (const [address, size] of [
      [FIRST, 0x8000n],
      [FIRST, 0n],
      [END, 0n],
      [END - 1n, 1n],
    ] as const) {
      // prettier-ignore
      const buffer = of(address, size);
      expect(buffer, `${address}+${size}`).to.be.instanceOf(GuestBuffer);
      expect((buffer as GuestBuffer).region).to.deep.equal({
        base: Number(address) + SPACE.origin,
        sizeBytes: Number(size),
      });
    }
  });

  it('refuses whatever begins or ends elsewhere', () => {
    const wild: [bigint, bigint][] = [
      [FIRST - 1n, 1n],
      [FIRST - 1n, 2n],
      [END, 1n],
      [END - 1n, 2n],
      [FIRST, 0x8001n],
      [0n, 0n],
      [0x8001_0000n, 16n],
      [2n ** 64n - 16n, 16n],
      [2n ** 64n - 16n, FIRST + 32n],
      [2n ** 63n, 1n],
    ];
    for (const [address, size] of wild) expect(of(address, size), `${address}+${size}`).to.equal(-EFAULT);
  });

  it('refuses sizes over the limit before anything else', () => {
    expect(of(FIRST, 65n, 64)).to.equal(-EINVAL);
    expect(of(0n, 2n ** 64n - 1n, 64)).to.equal(-EINVAL);
  });

  it('never leaves the region, for any 64-bit address and size', () => {
    const word = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0x2f00n, 0xb100n));
    fc.assert(
      fc.property(word, word, (address, size) => {
        const buffer = of(address, size);
        if (typeof buffer === 'number') return;
        const { base, sizeBytes } = buffer.region;
        expect(base).to.be.at.least(SPACE.data.base);
        expect(base + sizeBytes).to.be.at.most(SPACE.data.base + SPACE.data.sizeBytes);
      }),
    );
  });

  it('reads a copy: what the guest changes afterwards is not seen', () => {
    machine.memory.write(SPACE.data.base, new Uint8Array([1, 2, 3]));
    const bytes = (of(FIRST, 3n) as GuestBuffer).read();
    machine.memory.write(SPACE.data.base, new Uint8Array([9, 9, 9]));
    expect([...bytes]).to.deep.equal([1, 2, 3]);
  });

  it('knows where the c-list is, and writes no more than it checked', () => {
    expect((of(FIRST + 2048n, 16n) as GuestBuffer).touchesCapabilities(SPACE)).to.equal(false);
    expect((of(FIRST + 2047n, 16n) as GuestBuffer).touchesCapabilities(SPACE)).to.equal(true);
    expect(() => (of(FIRST, 2n) as GuestBuffer).write(new Uint8Array(3))).to.throw(RangeError);
  });
});
