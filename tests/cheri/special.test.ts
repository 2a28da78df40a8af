// Special capability registers through CSpecialRW, and CClear and FPClear.
import { expect } from 'chai';
import * as layout from '../../assembly/layout.ts';
import * as names from '../../assembly/cheri/names.ts';
import { Bench } from './core.ts';
import type { Bits, Raised } from './core.ts';
import { capability, integer } from './capability.ts';

const CODE = 0x80000000n;
const ILLEGAL = 2;
const [U, S, M] = [0, 1, 3] as const;
const ALL = layout.CONFIG_CHERI | layout.CONFIG_S_MODE | layout.CONFIG_N;
const RELOCATED = ALL | layout.CONFIG_RELOCATED;
const SCRS = [0, 1, 4, 5, 6, 7, 12, 13, 14, 15, 28, 29, 30, 31];

describe('special capability registers', function () {
  let bench: Bench;

  before(async function () {
    this.timeout(120_000);
    bench = await Bench.create();
  });

  beforeEach(() => bench.reset(ALL));

  const scr = (n: number): number => layout.SCR + n * layout.CAP_SIZE;
  const x = (n: number): Bits => bench.get(bench.x(n));

  function specialRW(n: number, rd: number, rs1: number): Raised | undefined {
    return bench.execute('CSPECIALRW', { rd, rs1, raw: 3 | (n << 20) });
  }

  function write(n: number, value: Bits): Raised | undefined {
    bench.set(bench.x(5), value);
    return specialRW(n, 6, 5);
  }

  it('exchanges, also through one register, and reads alone with c0', () => {
    const value = capability({ base: CODE, length: 0x100n });
    bench.set(scr(names.SCR_MSCRATCHC), integer(7n));
    bench.set(bench.x(5), value);
    specialRW(names.SCR_MSCRATCHC, 5, 5);
    expect(x(5)).to.deep.equal(integer(7n));
    expect(bench.get(scr(names.SCR_MSCRATCHC))).to.deep.equal(value);
    specialRW(names.SCR_MSCRATCHC, 6, 0);
    expect(x(6)).to.deep.equal(value);
    expect(bench.get(scr(names.SCR_MSCRATCHC))).to.deep.equal(value);
  });

  it('exist by configuration and privilege, else the instruction is illegal', () => {
    const configurations: [number, (n: number) => boolean][] = [
      [layout.CONFIG_CHERI, (n) => n < 2 || n > 27],
      [layout.CONFIG_CHERI | layout.CONFIG_S_MODE, (n) => n < 2 || n > 8],
      [layout.CONFIG_CHERI | layout.CONFIG_N, (n) => n < 8 || n > 27],
      [ALL, () => true],
    ];
    for (const [config, has] of configurations) {
      for (const privilege of [U, S, M]) {
        for (let n = 0; n < 32; n++) {
          bench.reset(config);
          bench.setU32(layout.PRIV, privilege);
          const legal = SCRS.includes(n) && has(n) && (n < 8 || (n < 16 ? privilege >= S : privilege === M));
          expect(specialRW(n, 6, 0)?.cause, `scr ${n} config ${config} privilege ${privilege}`).to.equal(
            legal ? undefined : ILLEGAL,
          );
        }
      }
    }
  });

  it('need AccessSystemRegisters, PCC and DDC excepted, after legality', () => {
    const perms = names.PERMS_ALL & ~names.PERM_ACCESS_SYSTEM_REGISTERS;
    bench.set(layout.PCC, capability({ perms }));
    for (const n of SCRS) {
      const expected = n < 2 ? undefined : { cause: 28, capCause: 0x18, regnum: 32 + n };
      expect(specialRW(n, 6, 0)).to.deep.equal(expected);
    }
    expect(specialRW(2, 6, 0)?.cause).to.equal(ILLEGAL);
  });

  it('PCC is read at the absolute pc and never written', () => {
    bench.reset(RELOCATED);
    bench.set(layout.PCC, capability({ base: CODE, length: 0x1000n }));
    bench.setU64(layout.PC, CODE + 0x20n);
    specialRW(names.SCR_PCC, 6, 0);
    expect(x(6)).to.deep.equal(capability({ base: CODE, length: 0x1000n, address: CODE + 0x20n }));
    expect(write(names.SCR_PCC, integer(0n))?.cause).to.equal(ILLEGAL);
  });

  it('a copy of DDC may access what it may; writing DDC takes effect', () => {
    specialRW(names.SCR_DDC, 6, 0);
    expect(bench.windows(bench.x(6)).load).to.deep.equal([CODE, CODE + (64n << 20n)]);
    write(names.SCR_DDC, capability({ base: CODE, length: 0x100n }));
    expect(bench.windows(layout.DDC).store).to.deep.equal([CODE, CODE + 0x100n]);
    bench.reset(RELOCATED);
    write(names.SCR_DDC, capability({ base: CODE, length: 0x100n, address: CODE + 8n }));
    expect(bench.u64(layout.DDC_BIAS)).to.equal(CODE + 8n);
  });

  describe('trap vectors', () => {
    const old = { base: CODE, length: 0x1000n, address: CODE + 0x101n };

    function written(value: Bits, n = names.SCR_STCC): Bits {
      bench.set(scr(n), capability(old));
      expect(write(n, value)).to.equal(undefined);
      return bench.get(scr(n));
    }

    it('keep the old mode if the new one is reserved', () => {
      for (const n of [names.SCR_UTCC, names.SCR_STCC, names.SCR_MTCC]) {
        const at = (low: bigint): Bits => capability({ base: CODE, length: 0x1000n, address: CODE + 0x200n + low });
        expect(written(at(0n), n)).to.deep.equal(at(0n));
        expect(written(at(1n), n)).to.deep.equal(at(1n));
        expect(written(at(2n), n)).to.deep.equal(at(1n));
        expect(written(at(3n), n)).to.deep.equal(at(1n));
      }
    });

    it('lose the tag if sealed', () => {
      const sealed = capability({ ...old, otype: names.OTYPE_SENTRY });
      expect(written(sealed)).to.deep.equal({ ...sealed, tag: 0 });
    });

    it('are not written with a base that is no multiple of 4, where relocated', () => {
      const odd = capability({ base: CODE + 2n, length: 0x100n, address: CODE + 0x10n });
      expect(written(odd)).to.deep.equal(odd);
      bench.reset(RELOCATED);
      expect(written(odd)).to.deep.equal(capability(old));
      expect(x(6)).to.deep.equal(capability(old));
    });
  });

  describe('exception program counters', () => {
    it('are read with bit 0 clear, which untags only a sealed one that had it set', () => {
      const at = (address: bigint, otype = names.OTYPE_UNSEALED): Bits =>
        capability({ base: CODE, length: 0x100n, address, otype });
      for (const n of [names.SCR_UEPCC, names.SCR_SEPCC, names.SCR_MEPCC]) {
        const read = (value: Bits): Bits => {
          write(n, value);
          specialRW(n, 6, 0);
          expect(bench.get(scr(n))).to.deep.equal(value);
          return x(6);
        };
        expect(read(at(CODE + 0x11n))).to.deep.equal(at(CODE + 0x10n));
        expect(read(at(CODE + 0x10n, names.OTYPE_SENTRY))).to.deep.equal(at(CODE + 0x10n, names.OTYPE_SENTRY));
        const sealed = at(CODE + 0x10n, names.OTYPE_SENTRY);
        expect(read(at(CODE + 0x11n, names.OTYPE_SENTRY))).to.deep.equal({ ...sealed, tag: 0 });
      }
    });

    it('have it cleared in the offset, where relocated', () => {
      bench.reset(RELOCATED);
      const at = (address: bigint): Bits => capability({ base: CODE + 1n, length: 0x100n, address });
      write(names.SCR_MEPCC, at(CODE + 0x12n));
      specialRW(names.SCR_MEPCC, 6, 0);
      expect(x(6)).to.deep.equal(at(CODE + 0x11n));
    });
  });

  it('CClear clears the registers of its quarter, DDC for c0', () => {
    const quarter = (q: number, mask: number): number =>
      0xfee0005b | (q << 18) | ((mask >> 5) << 15) | ((mask & 31) << 7);
    for (let n = 1; n < 32; n++) bench.set(bench.x(n), capability({}));
    bench.execute('CCLEAR', { raw: quarter(2, 0x81) });
    for (let n = 1; n < 32; n++) expect(x(n).tag, `c${n}`).to.equal(n === 16 || n === 23 ? 0 : 1);
    expect(x(16)).to.deep.equal(integer(0n));
    expect(bench.get(layout.DDC).tag).to.equal(1);
    bench.execute('CCLEAR', { raw: quarter(0, 0x03) });
    expect(bench.get(layout.DDC)).to.deep.equal(integer(0n));
    expect(bench.windows(layout.DDC).load).to.equal(undefined);
    expect(x(1)).to.deep.equal(integer(0n));
    expect(x(2).tag).to.equal(1);
  });

  it('FPClear clears f registers, makes FS dirty, and is illegal with FS off', () => {
    const raw = 0xff00005b | (1 << 18) | (0x11 << 7);
    const f = (n: number): number => layout.F + 8 * n;
    for (let n = 0; n < 32; n++) bench.setU64(f(n), 1n);
    expect(bench.execute('FPCLEAR', { raw })?.cause).to.equal(ILLEGAL);
    bench.setU64(layout.MSTATUS, 1n << 13n);
    expect(bench.execute('FPCLEAR', { raw })).to.equal(undefined);
    for (let n = 0; n < 32; n++) expect(bench.u64(f(n)), `f${n}`).to.equal(n === 8 || n === 12 ? 0n : 1n);
    expect((bench.u64(layout.MSTATUS) >> 13n) & 3n).to.equal(3n);
  });
});
