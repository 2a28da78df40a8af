// The ladder of memory and fetch checks, the access windows that stand in for it, tags and the reset state.
import { expect } from 'chai';
import * as layout from '../../assembly/layout.ts';
import * as names from '../../assembly/cheri/names.ts';
import { Bench } from './core.ts';
import { capability } from './capability.ts';

const RAM = 0x80000000n;
const RAM_END = RAM + (64n << 20n);

describe('capability checks', function () {
  let bench: Bench;
  const auth = layout.X + 5 * layout.CAP_SIZE;

  before(async function () {
    this.timeout(120_000);
    bench = await Bench.create();
  });

  beforeEach(() => bench.reset());

  function checkAccess(ea: bigint, size: number, needs: number, regnum = 5): number {
    return bench.raised(() => bench.exports['checkAccess']!(auth, regnum, ea, size, needs))?.capCause ?? 0;
  }

  it('tests tag, seal, each permission, then bounds', () => {
    const needs = 0x7c;
    const outside = RAM + 0x1000n;
    const wrong = { base: RAM, length: 0x1000n, perms: 0, otype: 7, tag: 0 };
    const rungs: [object, number][] = [
      [{}, names.CapEx_TagViolation],
      [{ tag: 1 }, names.CapEx_SealViolation],
      [{ otype: names.OTYPE_UNSEALED }, names.CapEx_PermitLoadViolation],
      [{ perms: 0x4 }, names.CapEx_PermitStoreViolation],
      [{ perms: 0xc }, names.CapEx_PermitLoadCapViolation],
      [{ perms: 0x1c }, names.CapEx_PermitStoreCapViolation],
      [{ perms: 0x3c }, names.CapEx_PermitStoreLocalCapViolation],
      [{ perms: 0x7c }, names.CapEx_LengthViolation],
      [{ length: 0x2000n }, 0],
    ];
    let request = wrong;
    for (const [repair, cause] of rungs) {
      request = { ...request, ...repair };
      bench.set(auth, capability(request));
      expect(checkAccess(outside, 16, needs)).to.equal(cause);
    }
  });

  it('blames the register and code it is told to, as xtval wants them', () => {
    const raised = bench.raised(() => bench.exports['checkAccess']!(auth, names.REGNUM_DDC, RAM, 1, 4));
    expect(raised).to.deep.equal({ cause: 28, capCause: names.CapEx_TagViolation, regnum: 33 });
  });

  it('takes ends of accesses in 65 bits', () => {
    const last = (1n << 64n) - 1n;
    bench.set(auth, capability({}));
    expect(checkAccess(last, 1, 4)).to.equal(0);
    expect(checkAccess(last, 2, 4)).to.equal(names.CapEx_LengthViolation);
    bench.set(auth, capability({ base: RAM, length: 8n }));
    expect(checkAccess(RAM, 8, 4)).to.equal(0);
    expect(checkAccess(RAM + 1n, 8, 4)).to.equal(names.CapEx_LengthViolation);
    expect(checkAccess(RAM - 1n, 1, 4)).to.equal(names.CapEx_LengthViolation);
    expect(checkAccess(last, 2, 4)).to.equal(names.CapEx_LengthViolation);
  });

  it('asks more of stores of tagged and of local capabilities', () => {
    const needs = (cap: object): number => {
      bench.set(auth, capability(cap));
      return bench.exports['storeCapNeeds']!(auth) as number;
    };
    expect(needs({ tag: 0 })).to.equal(names.PERM_STORE);
    expect(needs({})).to.equal(names.PERM_STORE | names.PERM_STORE_CAP);
    const local = names.PERMS_ALL & ~names.PERM_GLOBAL;
    expect(needs({ perms: local })).to.equal(names.PERM_STORE | names.PERM_STORE_CAP | names.PERM_STORE_LOCAL_CAP);
  });

  it('tests a fetch for tag, seal, Execute, the base if relocated, and bounds', () => {
    bench.reset(layout.CONFIG_CHERI | layout.CONFIG_RELOCATED);
    let pcc: Parameters<typeof capability>[0] = { base: RAM + 1n, length: 0x100n, perms: 0, otype: 7, tag: 0 };
    const rungs: [object, number][] = [
      [{}, names.CapEx_TagViolation],
      [{ tag: 1 }, names.CapEx_SealViolation],
      [{ otype: names.OTYPE_UNSEALED }, names.CapEx_PermitExecuteViolation],
      [{ perms: names.PERM_EXECUTE }, names.CapEx_UnalignedBase],
      [{ base: RAM }, names.CapEx_LengthViolation],
      [{ length: 0x202n }, 0],
    ];
    for (const [repair, cause] of rungs) {
      pcc = { ...pcc, ...repair };
      bench.set(layout.PCC, capability(pcc));
      const raised = bench.raised(() => bench.exports['checkFetch']!(RAM + 0x200n));
      expect(raised?.capCause ?? 0).to.equal(cause);
      if (raised) expect(raised.regnum).to.equal(names.REGNUM_PCC);
    }
    expect(bench.raised(() => bench.exports['checkTarget']!(RAM + 0x200n))).to.equal(undefined);
    expect(bench.raised(() => bench.exports['checkTarget']!(RAM + 0x201n))?.capCause).to.equal(1);
  });

  describe('windows', () => {
    function windows(cap: object): ReturnType<Bench['windows']> {
      bench.set(auth, capability(cap));
      bench.exports['decodeCap']!(auth);
      return bench.windows(auth);
    }

    const none = { load: undefined, store: undefined };

    it('cover RAM for the almighty, and whole granules of bounds in it', () => {
      expect(windows({})).to.deep.equal({ load: [RAM, RAM_END], store: [RAM, RAM_END] });
      const inner: [bigint, bigint] = [RAM + 0x10n, RAM + 0x20n];
      expect(windows({ base: RAM + 1n, length: 0x2en })).to.deep.equal({ load: inner, store: inner });
      expect(windows({ base: RAM + 1n, length: 0x1en })).to.deep.equal(none);
    });

    it('need tag, no seal, their permission, and an address in RAM', () => {
      expect(windows({ tag: 0 })).to.deep.equal(none);
      expect(windows({ otype: names.OTYPE_SENTRY })).to.deep.equal(none);
      expect(windows({ perms: names.PERM_LOAD })).to.deep.equal({ load: [RAM, RAM_END], store: undefined });
      expect(windows({ perms: names.PERM_STORE })).to.deep.equal({ load: undefined, store: [RAM, RAM_END] });
      expect(windows({ base: 0n, length: RAM })).to.deep.equal(none);
      expect(windows({ base: RAM_END, length: 0x1000n })).to.deep.equal(none);
      expect(windows({ base: (1n << 64n) - 8n, length: 8n })).to.deep.equal(none);
    });

    it('are empty under translation and PMP', () => {
      bench.setU32(layout.TRANSLATE_DATA, 1);
      expect(windows({})).to.deep.equal(none);
      bench.setU32(layout.TRANSLATE_DATA, 0);
      bench.setU32(layout.PMP_ACTIVE, 1);
      expect(windows({})).to.deep.equal(none);
    });

    it('leave tohost to the slow path of stores: the larger side stays open', () => {
      bench.setU64(layout.TOHOST, RAM + 0x1008n);
      expect(windows({})).to.deep.equal({ load: [RAM + 0x1010n, RAM_END], store: [RAM + 0x1010n, RAM_END] });
      expect(windows({ perms: names.PERM_LOAD }).load).to.deep.equal([RAM, RAM_END]);
      const low = windows({ base: RAM, length: 0x1100n });
      expect(low).to.deep.equal({ load: [RAM, RAM + 0x1100n], store: [RAM, RAM + 0x1000n] });
      expect(windows({ base: RAM + 0x1000n, length: 16n }).store).to.equal(undefined);
    });
  });

  it('resets code and default data registers to almighty, all else to NULL', () => {
    bench.set(bench.x(7), capability({}));
    bench.reset();
    const almighty = ['PCC', 'DDC', 'UTCC', 'STCC', 'MTCC', 'UEPCC', 'SEPCC', 'MEPCC'] as const;
    for (const name of almighty) expect(bench.get(layout[name]), name).to.deep.equal(capability({}));
    for (const name of ['UTDC', 'USCRATCHC', 'STDC', 'SSCRATCHC', 'MTDC', 'MSCRATCHC'] as const) {
      expect(bench.get(layout[name]), name).to.deep.equal({ tag: 0, high: 0n, address: 0n });
    }
    expect(bench.get(bench.x(7))).to.deep.equal({ tag: 0, high: 0n, address: 0n });
  });

  it('keeps a tag per granule', () => {
    const p = 0x90000;
    for (const at of [0, 32, 48]) bench.exports['writeTag']!(p + at, 1);
    expect(bench.exports['readTags4']!(p)).to.equal(0b1101);
    bench.exports['clearTags']!(p + 46, 4);
    expect(bench.exports['readTags4']!(p)).to.equal(0b0001);
    bench.exports['clearTagRange']!(p + 15, 2);
    expect(bench.exports['readTags4']!(p)).to.equal(0);
    expect(bench.exports['readTag']!(p)).to.equal(0);
  });
});
