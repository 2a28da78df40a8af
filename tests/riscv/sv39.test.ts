// Sv39: walks, permissions, accessed and dirty bits, capability bits, and what sfence.vma must make visible.
// Manual: Privileged 1.12 §4.3, §4.4; CHERI ISAv9. Page tables: root at TABLE, then one table per level.
import { expect } from 'chai';
import type { Privilege } from '../../src/host/index.ts';
import { encode } from '../helpers/encoder.ts';
import {
  A0,
  A1,
  Bench,
  CHERI,
  CODE,
  DATA,
  ECALL_S,
  FETCH_PAGE,
  LOAD_ACCESS,
  LOAD_PAGE,
  MXR,
  RAM,
  STORE_PAGE,
  SUM,
  T0,
} from './bench.ts';

const TABLE = RAM + 0x1_0000n;
const MIDDLE = TABLE + 0x1000n;
const LAST = TABLE + 0x2000n;
/** Virtual page under test: entry 5 of each table. */
const PAGE = (5n << 30n) | (5n << 21n) | (5n << 12n);
const INDEX = 5n;

const [V, R, W, X, U, A, D] = [1n, 2n, 4n, 8n, 0x10n, 0x40n, 0x80n];
const RWX = V | R | W | X | A | D;
const [CRG, CRM, CD, CR, CW] = [59n, 60n, 61n, 62n, 63n].map((bit) => 1n << bit);
const LOAD_CAP_PAGE = 26n;
const STORE_CAP_PAGE = 27n;

const entry = (physical: bigint, flags: bigint): bigint => ((physical >> 12n) << 10n) | flags;

describe('Sv39', () => {
  let bench: Bench;
  let precise: Bench;
  before(async () => {
    bench = await Bench.create();
    precise = await Bench.create({ hardwareAD: false });
  });
  beforeEach(() => [bench, precise].forEach(mapPage));

  /** Maps PAGE to DATA with all rights, and the code by an identical gigapage; data accesses are S-mode's. */
  function mapPage(target: Bench): void {
    target.reset();
    const { memory } = target.machine;
    memory.write(TABLE, new Uint8Array(0x3000));
    memory.writeU64(TABLE + 8n * INDEX, entry(MIDDLE, V));
    memory.writeU64(TABLE + 16n, entry(RAM, RWX));
    memory.writeU64(MIDDLE + 8n * INDEX, entry(LAST, V));
    memory.writeU64(LAST + 8n * INDEX, entry(DATA, RWX));
    memory.writeU64(DATA, 0x1234n);
    target.set('satp', (8n << 60n) | (TABLE >> 12n));
    target.actAs('S');
  }

  function setEntry(flags: bigint, target = bench, table = LAST, physical = DATA): void {
    target.machine.memory.writeU64(table + 8n * INDEX, entry(physical, flags));
    target.op('sfence.vma');
  }

  const flagsOf = (target = bench): bigint => target.machine.memory.readU64(LAST + 8n * INDEX) & 0xffn;

  function load(address = PAGE, target = bench): bigint | undefined {
    target.set('a0', address);
    return target.access(encode('ld', { d: A1, s: A0, i: 0 }));
  }

  function store(address = PAGE, target = bench): bigint | undefined {
    target.set('a0', address);
    return target.access(encode('sd', { s: A0, t: A1, i: 0 }));
  }

  function fetch(mode: Privilege, address = PAGE): bigint | undefined {
    bench.machine.registers.privilege = mode;
    bench.set('pc', address);
    return bench.machine.step().cause;
  }

  it('walks three levels, and finds the page for the host too', () => {
    expect(load()).to.equal(undefined);
    expect(bench.get('a1')).to.equal(0x1234n);
    expect(bench.machine.memory.translate(PAGE + 0x123n, 'S')).to.equal(DATA + 0x123n);
    expect(bench.machine.memory.translate(PAGE + 0x1000n, 'S')).to.equal(undefined);
  });

  it('faults with the cause of the access and the address as value', () => {
    setEntry(0n);
    expect([load(PAGE + 8n), bench.get('mtval')]).to.deep.equal([LOAD_PAGE, PAGE + 8n]);
    expect([store(PAGE + 16n), bench.get('mtval')]).to.deep.equal([STORE_PAGE, PAGE + 16n]);
    expect(bench.access(encode('amoadd.d', { d: 0, s: A0, t: A1 }))).to.equal(STORE_PAGE);
    expect(bench.access(encode('lr.d', { d: 0, s: A0 }))).to.equal(LOAD_PAGE);
    expect([fetch('S'), bench.get('mtval')]).to.deep.equal([FETCH_PAGE, PAGE]);
  });

  it('grants what R, W and X say, and refuses reserved combinations', () => {
    for (let rwx = 1n; rwx < 8n; rwx++) {
      setEntry(V | A | D | (rwx << 1n));
      const reserved = (rwx & 3n) === 2n;
      expect(load(), `load ${rwx}`).to.equal(rwx & 1n ? undefined : LOAD_PAGE);
      expect(store(), `store ${rwx}`).to.equal(rwx & 2n && !reserved ? undefined : STORE_PAGE);
      bench.machine.memory.writeU32(DATA, 0x13);
      expect(fetch('S'), `fetch ${rwx}`).to.equal(rwx & 4n && !reserved ? undefined : FETCH_PAGE);
    }
  });

  it('lets MXR read executable pages', () => {
    setEntry(V | X | A);
    expect(load()).to.equal(LOAD_PAGE);
    bench.actAs('S', MXR);
    expect(load()).to.equal(undefined);
    bench.actAs('S');
    expect(load()).to.equal(LOAD_PAGE);
  });

  it('keeps U-mode to its pages and S-mode out of them, but for data with SUM', () => {
    bench.actAs('U');
    expect(load()).to.equal(LOAD_PAGE);
    setEntry(RWX | U);
    expect(load()).to.equal(undefined);
    bench.actAs('S');
    expect(load()).to.equal(LOAD_PAGE);
    bench.actAs('S', SUM);
    expect([load(), store()]).to.deep.equal([undefined, undefined]);
    expect(fetch('S')).to.equal(FETCH_PAGE);
  });

  it('sets A and D itself, or faults until software does', () => {
    setEntry(V | R | W);
    expect([load(), flagsOf()]).to.deep.equal([undefined, V | R | W | A]);
    expect([store(), flagsOf()]).to.deep.equal([undefined, V | R | W | A | D]);
    setEntry(V | R | W, precise);
    expect([load(PAGE, precise), flagsOf(precise)]).to.deep.equal([LOAD_PAGE, V | R | W]);
    setEntry(V | R | W | A, precise);
    expect([load(PAGE, precise), store(PAGE, precise)]).to.deep.equal([undefined, STORE_PAGE]);
  });

  it('marks a page dirty at the first store even if it has been loaded from', () => {
    setEntry(V | R | W | A);
    load();
    store();
    expect(flagsOf() & D).to.equal(D);
  });

  it('maps superpages, and refuses misaligned ones', () => {
    setEntry(RWX, bench, MIDDLE, RAM);
    expect(load((PAGE & ~0x1fffffn) | (DATA - RAM))).to.equal(undefined);
    expect(bench.get('a1')).to.equal(0x1234n);
    setEntry(RWX, bench, MIDDLE, RAM + 0x1000n);
    expect(load()).to.equal(LOAD_PAGE);
    setEntry(RWX, bench, TABLE, RAM);
    expect(load((5n << 30n) | (DATA - RAM))).to.equal(undefined);
    setEntry(RWX, bench, TABLE, RAM + 0x20_0000n);
    expect(load()).to.equal(LOAD_PAGE);
  });

  it('refuses pointers at the last level, and reserved bits in pointers and leaves', () => {
    setEntry(V);
    expect(load()).to.equal(LOAD_PAGE);
    for (const bit of [54n, 58n]) {
      setEntry(RWX | (1n << bit));
      expect(load(), `bit ${bit}`).to.equal(LOAD_PAGE);
    }
    setEntry(RWX);
    for (const flags of [U, A, D, 1n << 63n]) {
      setEntry(V | flags, bench, MIDDLE, LAST);
      expect(load()).to.equal(LOAD_PAGE);
    }
  });

  it('wants addresses whose upper bits repeat bit 38', () => {
    for (const address of [PAGE | (1n << 39n), PAGE | (1n << 63n), PAGE | (1n << 38n)])
      expect(load(address)).to.equal(LOAD_PAGE);
  });

  it('reports page tables outside RAM, or where PMP keeps S-mode off, as access faults', () => {
    setEntry(V, bench, TABLE, 0x1000_0000n);
    expect(load()).to.equal(LOAD_ACCESS);
    setEntry(V, bench, TABLE, MIDDLE);
    bench.set('pmpaddr1', (1n << 54n) - 1n);
    bench.set('pmpaddr0', (LAST >> 2n) | 0x1ffn);
    bench.set('pmpcfg0', 0x1f18n);
    expect(load()).to.equal(LOAD_ACCESS);
  });

  it('does not translate in M-mode, nor with satp bare', () => {
    bench.actAs('M');
    expect(load(DATA)).to.equal(undefined);
    bench.actAs('S');
    expect(load(DATA + 0x4000_0000n)).to.equal(LOAD_PAGE);
    bench.set('satp', 0n);
    expect(load(DATA)).to.equal(undefined);
  });

  it('shows a changed entry after sfence.vma of the address, of a superpage at any address in it, or of all', () => {
    const other = DATA + 0x1000n;
    bench.machine.memory.writeU64(other, 0x5678n);
    const remap = (table: bigint, physical: bigint): void =>
      bench.machine.memory.writeU64(table + 8n * INDEX, entry(physical, RWX));
    load();
    remap(LAST, other);
    bench.set('t0', PAGE + 0x10n);
    bench.op('sfence.vma', { s: T0 });
    load();
    expect(bench.get('a1')).to.equal(0x5678n);
    remap(LAST, DATA);
    bench.op('sfence.vma');
    load();
    expect(bench.get('a1')).to.equal(0x1234n);
    remap(MIDDLE, RAM);
    bench.op('sfence.vma');
    const inSuperpage = (PAGE & ~0x1fffffn) | (DATA - RAM);
    expect(load(inSuperpage)).to.equal(undefined);
    bench.machine.memory.writeU64(MIDDLE + 8n * INDEX, 0n);
    bench.set('t0', PAGE & ~0x1fffffn);
    bench.op('sfence.vma', { s: T0 });
    expect(load(inSuperpage)).to.equal(LOAD_PAGE);
  });

  it('fetches from the page that is mapped now', () => {
    const addi = (i: number): number => 0x0000_0513 | (i << 20);
    bench.machine.memory.writeU32(DATA, addi(1));
    bench.machine.memory.writeU32(DATA + 0x1000n, addi(2));
    fetch('S');
    expect(bench.get('a0')).to.equal(1n);
    setEntry(RWX, bench, LAST, DATA + 0x1000n);
    fetch('S');
    expect(bench.get('a0')).to.equal(2n);
  });

  it('forgets hundreds of flushes without mistaking an old translation for a new one', () => {
    for (let round = 0; round < 1200; round++) {
      setEntry(round % 2 === 0 ? RWX : V | X | A);
      expect(load(), `round ${round}`).to.equal(round % 2 === 0 ? undefined : LOAD_PAGE);
    }
  });

  it('translates two spaces apart when satp changes', () => {
    load();
    bench.set('satp', (8n << 60n) | ((TABLE + 0x3000n) >> 12n));
    bench.machine.memory.write(TABLE + 0x3000n, new Uint8Array(0x1000));
    expect(load()).to.equal(LOAD_PAGE);
    bench.set('satp', (8n << 60n) | (TABLE >> 12n));
    expect(load()).to.equal(undefined);
  });

  describe('capability bits', () => {
    const almighty = { tag: true, high: 0xffff_0000_0000_0000n, address: DATA };

    beforeEach(() => bench.machine.memory.writeCapability(DATA, almighty));

    function loadCap(): bigint | undefined {
      bench.set('a0', PAGE);
      return bench.access(0x0005_258f); // lc ca1, 0(a0)
    }

    function storeCap(tag: boolean): bigint | undefined {
      bench.set('a0', PAGE);
      bench.machine.registers.setCapability('ca1', { ...almighty, tag });
      return bench.access(0x00b5_4023); // sc ca1, 0(a0)
    }

    const loadedTag = (): boolean => bench.machine.registers.capability('ca1').tag;

    it('strip, trap or keep the tag of a loaded capability', () => {
      for (const [bits, cause, tag] of [
        [0n, undefined, false],
        [CR, undefined, true],
        [CRM, LOAD_CAP_PAGE, false],
        [CR | CRM, undefined, true],
        [CR | CRM | CRG, LOAD_CAP_PAGE, false],
        [CRG, LOAD_CAP_PAGE, false],
        [CR | CRG, LOAD_CAP_PAGE, false],
      ] as const) {
        bench.set('a1', 0n);
        setEntry(RWX | bits);
        expect(loadCap(), bits.toString(16)).to.equal(cause);
        if (cause === undefined) expect(loadedTag()).to.equal(tag);
        else expect(bench.get('mtval')).to.equal(PAGE);
      }
    });

    it('let untagged data through a page that traps tags', () => {
      bench.machine.memory.writeCapability(DATA, { ...almighty, tag: false });
      setEntry(RWX | CRM);
      expect(loadCap()).to.equal(undefined);
    });

    it('compare the generation with sccsr, for user pages with its other bit', () => {
      setEntry(RWX | CR | CRM);
      bench.set('sccsr', 4n);
      expect(loadCap()).to.equal(LOAD_CAP_PAGE);
      bench.set('sccsr', 8n);
      expect(loadCap()).to.equal(undefined);
      bench.actAs('U');
      setEntry(RWX | U | CR | CRM);
      expect(loadCap()).to.equal(LOAD_CAP_PAGE);
      setEntry(RWX | U | CR | CRM | CRG);
      expect(loadCap()).to.equal(undefined);
    });

    it('trap the store of a tag without CW, and note it in CD', () => {
      setEntry(RWX);
      expect([storeCap(false), storeCap(true)]).to.deep.equal([undefined, STORE_CAP_PAGE]);
      setEntry(RWX | CW);
      expect([storeCap(false), bench.machine.memory.readU64(LAST + 8n * INDEX) & CD]).to.deep.equal([undefined, 0n]);
      expect([storeCap(true), bench.machine.memory.readU64(LAST + 8n * INDEX) & CD]).to.deep.equal([undefined, CD]);
    });

    it('are reserved on a machine without CHERI', async () => {
      const plain = await Bench.create({ cheri: false });
      mapPage(plain);
      setEntry(RWX | CR, plain);
      expect(load(PAGE, plain)).to.equal(LOAD_PAGE);
    });
  });

  it('checks the capability before the page', () => {
    setEntry(0n);
    const ddc = bench.machine.registers.capability('ddc');
    bench.machine.registers.setCapability('ddc', { ...ddc, tag: false });
    expect(load()).to.equal(CHERI);
  });

  it('gives an ecall from a mapped page its virtual pc', () => {
    bench.machine.memory.writeU32(DATA, 0x73);
    expect(fetch('S')).to.equal(ECALL_S);
    expect(bench.get('mepc')).to.equal(PAGE);
    expect(bench.get('mepc')).to.not.equal(CODE);
  });
});
