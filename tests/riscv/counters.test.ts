// Counters: mcycle, minstret, their read-only views, mcountinhibit, counter enables. Manual: Privileged 1.12 §3.1.10-3.1.12.
import { expect } from 'chai';
import * as csr from '../../assembly/riscv/csr-numbers.ts';
import { Bench, ILLEGAL, T0, T1 } from './bench.ts';

const ALL_ONES = (1n << 64n) - 1n;

describe('counters', () => {
  let bench: Bench;
  before(async () => (bench = await Bench.create()));
  beforeEach(() => bench.reset());

  it('read instructions retired before the reading one, cycles alike', () => {
    bench.run((code) =>
      code
        .op('csrrs', { d: T0, s: 0, i: csr.CSR_INSTRET })
        .op('addi')
        .op('csrrs', { d: T1, s: 0, i: csr.CSR_CYCLE })
        .op('ecall'),
    );
    expect(bench.get('t1') - bench.get('t0')).to.equal(2n);
  });

  it('read a written value in the next instruction', () => {
    for (const n of [csr.CSR_MINSTRET, csr.CSR_MCYCLE]) {
      bench.set('t0', 1000n);
      bench.run((code) =>
        code
          .op('csrrw', { d: 0, s: T0, i: n })
          .op('csrrs', { d: T0, s: 0, i: n })
          .op('csrrs', { d: T1, s: 0, i: n })
          .op('ecall'),
      );
      expect([bench.get('t0'), bench.get('t1')]).to.deep.equal([1000n, 1001n]);
    }
  });

  it('stand still while inhibited, and go on from there', () => {
    bench.set('t0', 500n);
    bench.run((code) =>
      code
        .op('csrrw', { d: 0, s: T0, i: csr.CSR_MINSTRET })
        .op('csrrwi', { d: 0, z: 4, i: csr.CSR_MCOUNTINHIBIT })
        .op('addi')
        .op('addi')
        .op('csrrs', { d: T0, s: 0, i: csr.CSR_MINSTRET })
        .op('csrrwi', { d: 0, z: 0, i: csr.CSR_MCOUNTINHIBIT })
        .op('csrrs', { d: T1, s: 0, i: csr.CSR_MINSTRET })
        .op('ecall'),
    );
    expect([bench.get('t0'), bench.get('t1')]).to.deep.equal([501n, 501n]);
  });

  it('are open to lower modes as mcounteren and scounteren say', () => {
    for (const [bit, n] of [
      [1n, csr.CSR_CYCLE],
      [2n, csr.CSR_TIME],
      [4n, csr.CSR_INSTRET],
      [8n, csr.CSR_HPMCOUNTER3],
    ] as const) {
      for (const [machine, supervisor, s, u] of [
        [0n, bit, ILLEGAL, ILLEGAL],
        [bit, 0n, undefined, ILLEGAL],
        [bit, bit, undefined, undefined],
      ] as const) {
        bench.set('mcounteren', machine);
        bench.set('scounteren', supervisor);
        expect(bench.cause('csrrs', { d: T0, s: 0, i: n }, 'S')).to.equal(s);
        expect(bench.cause('csrrs', { d: T0, s: 0, i: n }, 'U')).to.equal(u);
        expect(bench.cause('csrrs', { d: T0, s: 0, i: n }, 'M')).to.equal(undefined);
      }
    }
  });

  it('of performance events read zero', () => {
    for (const n of [csr.CSR_MHPMCOUNTER3, csr.CSR_MHPMCOUNTER3 + 28, csr.CSR_MHPMEVENT3, csr.CSR_MHPMEVENT3 + 28]) {
      expect(bench.writeBack(n, ALL_ONES)).to.equal(0n);
    }
  });
});
