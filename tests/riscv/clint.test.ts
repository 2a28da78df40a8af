// CLINT, time and the timer interrupt: 100 instructions are one tick of mtime.
import { expect } from 'chai';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, Bench, CLINT, CODE, ECALL_M, INTERRUPT, LOAD_ACCESS, MIE, STORE_ACCESS, T0, T1 } from './bench.ts';

const MTIMECMP = CLINT + 0x4000n;
const MTIME = CLINT + 0xbff8n;
const TIMER = INTERRUPT | 7n;
const MTIE = 1n << 7n;
const CSR_TIME = 0xc01;
const CSR_MIP = 0x344;
const NEVER = (1n << 64n) - 1n;

describe('CLINT', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create()));
  beforeEach(() => bench.reset());

  function load(address: bigint, access = 'ld'): bigint {
    bench.set('a0', address);
    expect(bench.op(access, { d: A1, s: A0, i: 0 }).cause).to.equal(undefined);
    return bench.get('a1');
  }

  function store(address: bigint, value: bigint, access = 'sd'): void {
    bench.set('a0', address);
    bench.set('a1', value);
    expect(bench.op(access, { s: A0, t: A1, i: 0 }).cause).to.equal(undefined);
  }

  /** Counts in a loop for ever. */
  const loop = (code: CodeBuilder): CodeBuilder =>
    code.label('again').op('addi', { d: T1, s: T1, i: 1 }).to('again', 'jal', { d: 0 });

  it('has mtimecmp all ones after reset and holds it in halves or whole', () => {
    expect(load(MTIMECMP)).to.equal(NEVER);
    store(MTIMECMP, 0x1122_3344_5566_7788n);
    expect(load(MTIMECMP, 'lwu')).to.equal(0x5566_7788n);
    expect(load(MTIMECMP + 4n, 'lwu')).to.equal(0x1122_3344n);
    store(MTIMECMP + 4n, 0xdead_beefn, 'sw');
    expect(load(MTIMECMP)).to.equal(0xdead_beef_5566_7788n);
  });

  it('reads mtime as a tick per hundred instructions, as the time CSR does, and lets it be set', () => {
    bench.run(loop, 'M', 1000n);
    expect(load(MTIME)).to.equal(10n);
    store(MTIME, 5000n);
    expect(load(MTIME)).to.equal(5000n);
    bench.op('csrrs', { d: T0, s: 0, i: CSR_TIME });
    expect(bench.get('t0')).to.equal(5000n);
    store(MTIME + 4n, 1n, 'sw');
    expect(load(MTIME)).to.equal((1n << 32n) | 5000n);
  });

  it('raises and drops the software interrupt', () => {
    store(CLINT, 0xffff_ffffn, 'sw');
    expect([load(CLINT, 'lwu'), bench.get('mip')]).to.deep.equal([1n, 8n]);
    store(CLINT, 0n, 'sw');
    expect([load(CLINT), bench.get('mip')]).to.deep.equal([0n, 0n]);
  });

  it('reads zero where it has no register, and faults at accesses of one and two bytes', () => {
    expect(load(CLINT + 0x8000n)).to.equal(0n);
    bench.set('a0', MTIME);
    for (const access of ['lb', 'lhu']) expect(bench.cause(access, { d: A1, s: A0, i: 0 })).to.equal(LOAD_ACCESS);
    for (const access of ['sb', 'sh']) expect(bench.cause(access, { s: A0, t: A1, i: 0 })).to.equal(STORE_ACCESS);
    expect(bench.get('mtval')).to.equal(MTIME);
  });

  it('fires at the very instruction whose time it is, on every way of slicing the run', () => {
    for (const slice of [10_000n, 77n, 1n]) {
      bench.reset();
      store(MTIMECMP, 20n);
      bench.set('mie', MTIE);
      bench.set('mstatus', MIE);
      bench.machine.memory.write(CODE, loop(new CodeBuilder(CODE)).finish());
      bench.set('pc', CODE);
      let stop = bench.machine.runSync({ budget: slice });
      while (stop.reason === 'budget') stop = bench.machine.runSync({ budget: slice });
      expect([stop.cause, stop.totalInstructions]).to.deep.equal([TIMER, 2000n]);
    }
  });

  it('shows MTIP while mtime is not below mtimecmp, and only then', () => {
    store(MTIMECMP, 3n);
    bench.run((code) => loop(code.op('csrrs', { d: T0, s: 0, i: CSR_MIP })), 'M', 1000n);
    expect([bench.get('t0'), bench.get('mip')]).to.deep.equal([0n, 0x80n]);
    store(MTIMECMP, 1_000_000n);
    expect(bench.get('mip')).to.equal(0n);
    store(MTIME, 1_000_000n);
    expect(bench.get('mip')).to.equal(0x80n);
  });

  it('lets wfi skip to the deadline of an enabled timer', () => {
    store(MTIMECMP, 123_456n);
    bench.set('mie', MTIE);
    const stop = bench.run((code) => code.op('wfi').op('csrrs', { d: T0, s: 0, i: CSR_TIME }).op('ecall'));
    expect([stop.cause, bench.get('t0'), stop.instructions]).to.deep.equal([ECALL_M, 123_456n, 2n]);
    expect(bench.get('mip')).to.equal(0x80n);
  });

  it('is idle for ever with a timer too far away', () => {
    store(MTIMECMP, 1n << 62n);
    bench.set('mie', MTIE);
    expect(bench.run((code) => code.op('wfi')).reason).to.equal('idle');
  });
});
