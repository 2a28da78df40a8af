// Physical memory protection. Manual: Privileged 1.12 §3.7. Granularity 4 bytes, 16 entries.
import { expect } from 'chai';
import { encode } from '../helpers/encoder.ts';
import { A0, A1, Bench, CLINT, DATA, ECALL_U, FETCH_ACCESS, LOAD_ACCESS, RAM, STORE_ACCESS } from './bench.ts';

const [R, W, X, L] = [1, 2, 4, 0x80];
const [TOR, NA4, NAPOT] = [0x08, 0x10, 0x18];
const ALL = (1n << 54n) - 1n;

describe('PMP', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create()));
  beforeEach(() => {
    bench.machine.reset();
    bench.actAs('M');
  });

  /** Sets entries from 0 on: configuration byte and pmpaddr. */
  function configure(...entries: [config: number, address: bigint][]): void {
    entries.forEach(([, address], i) => bench.set(`pmpaddr${i}`, address));
    bench.set(
      'pmpcfg0',
      entries.reduce((word, [config], i) => word | (BigInt(config) << BigInt(8 * i)), 0n),
    );
  }

  function load(address: bigint, access = 'ld'): bigint | undefined {
    bench.set('a0', address);
    return bench.access(encode(access, { d: A1, s: A0, i: 0 }));
  }

  function store(address: bigint, access = 'sd'): bigint | undefined {
    bench.set('a0', address);
    return bench.access(encode(access, { s: A0, t: A1, i: 0 }));
  }

  function fetch(address: bigint, word = 0x73): bigint | undefined {
    bench.machine.memory.writeU32(address, word);
    bench.machine.registers.privilege = 'U';
    bench.set('pc', address);
    return bench.machine.step().cause;
  }

  it('grants M-mode everything and lower modes nothing where no entry matches', () => {
    expect([load(DATA), store(DATA)]).to.deep.equal([undefined, undefined]);
    for (const mode of ['S', 'U'] as const) {
      bench.actAs(mode);
      expect([load(DATA), store(DATA)]).to.deep.equal([LOAD_ACCESS, STORE_ACCESS]);
      expect(bench.get('mtval')).to.equal(DATA);
    }
    expect(fetch(DATA)).to.equal(FETCH_ACCESS);
  });

  it('grants what R, W and X say', () => {
    for (const config of [0, R, R | W, X, R | X, R | W | X]) {
      configure([NAPOT | config, ALL]);
      bench.actAs('U');
      expect(load(DATA), `load ${config}`).to.equal(config & R ? undefined : LOAD_ACCESS);
      expect(store(DATA), `store ${config}`).to.equal(config & W ? undefined : STORE_ACCESS);
      bench.set('a0', DATA);
      expect(bench.access(encode('amoor.d', { d: 0, s: A0, t: 0 }))).to.equal(config & W ? undefined : STORE_ACCESS);
      expect(fetch(DATA), `fetch ${config}`).to.equal(config & X ? ECALL_U : FETCH_ACCESS);
    }
  });

  it('matches top of range, four bytes, and powers of two', () => {
    bench.actAs('U');
    const inside = (address: bigint): boolean => load(address, 'lw') === undefined;
    configure([0, DATA >> 2n], [TOR | R, (DATA + 0x20n) >> 2n]);
    expect([-4n, 0n, 0x1cn, 0x20n].map((offset) => inside(DATA + offset))).to.deep.equal([false, true, true, false]);
    configure([NA4 | R, DATA >> 2n], [0, 0n]);
    expect([-4n, 0n, 4n].map((offset) => inside(DATA + offset))).to.deep.equal([false, true, false]);
    configure([NAPOT | R, (DATA >> 2n) | 0x7n]);
    expect([-4n, 0n, 0x3cn, 0x40n].map((offset) => inside(DATA + offset))).to.deep.equal([false, true, true, false]);
    configure([TOR | R, (DATA + 8n) >> 2n]);
    expect([inside(RAM), inside(DATA + 4n), inside(DATA + 8n)], 'entry 0 starts at 0').to.deep.equal([
      true,
      true,
      false,
    ]);
    configure([0, (DATA + 8n) >> 2n], [TOR | R, DATA >> 2n]);
    expect([inside(DATA - 4n), inside(DATA + 4n)], 'an empty range').to.deep.equal([false, false]);
  });

  it('lets the lowest-numbered entry decide, which must match the whole access, in M-mode too', () => {
    configure([NA4, (DATA + 4n) >> 2n], [NAPOT | R | W, ALL]);
    bench.actAs('U');
    expect([load(DATA, 'lw'), load(DATA + 4n, 'lw'), load(DATA), load(DATA + 8n)]).to.deep.equal([
      undefined,
      LOAD_ACCESS,
      LOAD_ACCESS,
      undefined,
    ]);
    bench.actAs('M');
    expect([load(DATA + 4n, 'lw'), load(DATA)]).to.deep.equal([undefined, LOAD_ACCESS]);
  });

  it('checks both halves of an access that crosses a page', () => {
    configure([NAPOT | R | W, (DATA >> 2n) | 0x1ffn]);
    bench.actAs('U');
    expect([load(DATA + 0xff8n), load(DATA + 0xffcn), load(DATA - 4n)]).to.deep.equal([
      undefined,
      LOAD_ACCESS,
      LOAD_ACCESS,
    ]);
  });

  it('checks both parcels of an instruction', () => {
    configure([NAPOT | R | W | X, (DATA >> 2n) | 0x1ffn]);
    expect(fetch(DATA + 0xffcn)).to.equal(ECALL_U);
    expect(fetch(DATA + 0xffen)).to.equal(FETCH_ACCESS);
    expect(fetch(DATA + 0xffen, 0x9002)).to.equal(3n);
  });

  it('binds M-mode only by locked entries, which stay until reset', () => {
    configure([NAPOT | R, (DATA >> 2n) | 1n]);
    expect(store(DATA)).to.equal(undefined);
    configure([NAPOT | R | L, (DATA >> 2n) | 1n]);
    expect([load(DATA), store(DATA)]).to.deep.equal([undefined, STORE_ACCESS]);
    expect(bench.writeBack(0x3a0, 0n)).to.equal(BigInt(NAPOT | R | L));
    expect(bench.writeBack(0x3b0, 0n)).to.equal((DATA >> 2n) | 1n);
    bench.machine.reset();
    expect([bench.get('pmpcfg0'), store(DATA)]).to.deep.equal([0n, undefined]);
  });

  it('locks the bottom of a locked top-of-range entry too', () => {
    configure([0, 0x1000n], [TOR | L | R, 0x2000n]);
    expect(bench.writeBack(0x3b0, 0x1800n)).to.equal(0x1000n);
    expect(bench.writeBack(0x3b1, 0x1800n)).to.equal(0x2000n);
  });

  it('holds 54 address bits, no bits 6:5, and neither right where W comes without R', () => {
    expect(bench.writeBack(0x3bf, -1n)).to.equal(ALL);
    expect(bench.writeBack(0x3a2, 0x6060_6060_6060_6060n)).to.equal(0n);
    expect(bench.writeBack(0x3a0, BigInt(NAPOT | W | X))).to.equal(BigInt(NAPOT | X));
  });

  it('guards devices even if all of RAM is granted', () => {
    configure([NAPOT | R | W | X, (RAM >> 2n) | 0xfff_ffffn]);
    bench.actAs('U');
    expect([load(DATA), load(CLINT)]).to.deep.equal([undefined, LOAD_ACCESS]);
    bench.actAs('M');
    expect(load(CLINT)).to.equal(undefined);
  });

  it('takes effect on pages that were in use', () => {
    configure([NAPOT | R | W | X, ALL]);
    bench.actAs('S');
    expect(load(DATA)).to.equal(undefined);
    configure([NAPOT | W, ALL]);
    expect(load(DATA)).to.equal(LOAD_ACCESS);
  });
});
