import { expect } from 'chai';
import { Scene } from './scene.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

describe('attack: forging', () => {
  it('otype confusion: no code goes with the data of another pair, and nothing gets the type of a pair', async () => {
    const scene = await Scene.create();
    const attacker = scene.attacker('attacker', 'otype', ['guard']);
    const listener = scene.world.cvm('listener', { image: 'worker' });
    scene.world.monitor.allowCall('guard', attacker, scene.victim);
    scene.world.monitor.connect('out', attacker, listener);
    await scene.run([attacker]);
    expect(attacker.exitCode).to.equal(0);
    scene.expectOutcomes({
      '0x8': ['count the capabilities in its c-list'],
      CapEx_PermitExecuteViolation: [
        "CInvoke code with another's code",
        "CInvoke data with another's code",
        "CInvoke data with another's data",
      ],
      CapEx_TypeViolation: [
        "CInvoke code with another's code",
        "CInvoke code with another's data",
        "CInvoke data with another's code",
        "CInvoke data with another's data",
      ],
      CapEx_TagViolation: [
        'hostcall gate: own DDC sealed like the record, by CCSeal',
        'hostcall gate: by CCopyType and CSeal',
        'hostcall gate: by CBuildCap',
        'hostcall gate: own code sealed like the gate',
        "hostcall gate: CUnseal by DDC at the type's number",
        'hostcall gate: CUnseal by a sealed capability',
        'hostcall gate: CSetBounds of the record',
        'hostcall gate: CAndPerm of the record',
        'hostcall gate: another mode for the code',
        'hostcall gate: another address for the code',
        'hostcall gate: a sealed entry made of the code',
        'return gate: own DDC sealed like the record, by CCSeal',
        'return gate: by CCopyType and CSeal',
        'return gate: by CBuildCap',
        'return gate: own code sealed like the gate',
        "return gate: CUnseal by DDC at the type's number",
        'return gate: CUnseal by a sealed capability',
        'return gate: CSetBounds of the record',
        'return gate: CAndPerm of the record',
        'return gate: another mode for the code',
        'return gate: another address for the code',
        'return gate: a sealed entry made of the code',
        'call gate: own DDC sealed like the record, by CCSeal',
        'call gate: by CCopyType and CSeal',
        'call gate: by CBuildCap',
        'call gate: own code sealed like the gate',
        "call gate: CUnseal by DDC at the type's number",
        'call gate: CUnseal by a sealed capability',
        'call gate: CSetBounds of the record',
        'call gate: CAndPerm of the record',
        'call gate: another mode for the code',
        'call gate: another address for the code',
        'call gate: a sealed entry made of the code',
        'stream gate: own DDC sealed like the record, by CCSeal',
        'stream gate: by CCopyType and CSeal',
        'stream gate: by CBuildCap',
        'stream gate: own code sealed like the gate',
        "stream gate: CUnseal by DDC at the type's number",
        'stream gate: CUnseal by a sealed capability',
        'stream gate: CSetBounds of the record',
        'stream gate: CAndPerm of the record',
        'stream gate: another mode for the code',
        'stream gate: another address for the code',
        'stream gate: a sealed entry made of the code',
      ],
      CapEx_SealViolation: [
        'hostcall gate: CJALR to the code',
        'hostcall gate: load by the record',
        'hostcall gate: store by the record',
        'hostcall gate: the record as DDC',
        'hostcall gate: a sealed entry with the record',
        'return gate: CJALR to the code',
        'return gate: load by the record',
        'return gate: store by the record',
        'return gate: the record as DDC',
        'return gate: a sealed entry with the record',
        'call gate: CJALR to the code',
        'call gate: load by the record',
        'call gate: store by the record',
        'call gate: the record as DDC',
        'call gate: a sealed entry with the record',
        'stream gate: CJALR to the code',
        'stream gate: load by the record',
        'stream gate: store by the record',
        'stream gate: the record as DDC',
        'stream gate: a sealed entry with the record',
      ],
    });
    await scene.expectUnharmed();
  });

  it('widening, capability mode, privileged instructions, code that was written', async () => {
    const scene = await Scene.create();
    const attacker = scene.attacker('attacker', 'escape', [hex(scene.victim.data.base)]);
    await scene.run([attacker]);
    expect(attacker.exitCode).to.equal(0);
    scene.expectOutcomes({
      'environment call from U-mode': ['ecall', 'capability mode, ecall'],
      breakpoint: ['ebreak', 'c.ebreak'],
      'illegal instruction': [
        'sret',
        'hret',
        'mret',
        'dret',
        'mnret',
        'sfence.vma',
        'sinval.vma',
        'hfence.vvma',
        'custom-0',
        'custom-1',
        'all zeros',
        'all ones',
        'reserved in the space of CClear',
        'run off the end of its text',
        'other CSRs',
        'other special registers',
      ],
      // Those of user traps: they are for a library OS.
      CapEx_AccessSystemRegsViolation: ['uret', 'other CSRs'],
      CapEx_LengthViolation: ['write its own text', 'jump to data by address'],
      CapEx_PermitStoreViolation: ['write its own text through PCC'],
      CapEx_PermitLoadViolation: [
        'read its own text through PCC',
        'PCC as DDC',
        'capability mode, load relative to PCC',
      ],
      CapEx_PermitExecuteViolation: [
        'execute what it wrote, after fence.i',
        'jump to data by a sealed entry',
        'DDC as PCC',
      ],
      CapEx_TagViolation: [
        'CSetBounds, one byte more',
        'CSetBoundsExact, one byte more',
        'CSetBoundsImm across the end',
        'CSetBounds from below the beginning',
        'CSetBounds to everything',
        'an address that wraps around and comes back',
        'CBuildCap with all permissions',
        'CSetHigh of a tagged capability',
        'CSetBounds of null',
        'capability mode, the victim by integer',
        'capability mode, jump far beyond PCC',
      ],
      '0x0': [
        'bounds that rounding moves outwards',
        'read CSR 0x1',
        'other CSRs',
        'read CSR 0x2',
        'read CSR 0x3',
        'read CSR 0xc00',
        'read CSR 0xc01',
        'read CSR 0xc02',
        'write CSR 0x1',
        'write CSR 0x2',
        'write CSR 0x3',
        'other special registers',
      ],
      CapEx_PermitStoreCapViolation: [
        'CAndPerm with all permissions',
        'capability mode, store DDC',
        'capability mode, swap DDC into memory',
      ],
      CapEx_SealViolation: ['capability mode, store through a return address'],
      'did not come back': ['other special registers'],
      '0x1': ['read special register 0', 'read special register 1', 'write special register 1'],
    });
    await scene.expectUnharmed();
  });

  it('partial overwrites: whatever was written to in part is no capability', async () => {
    const names = Array.from({ length: 16 }, (_, index) => `e${index}`);
    const scene = await Scene.create();
    const attacker = scene.attacker('attacker', 'partial', names);
    const offers = names.flatMap((name) => ['offer', name, '1']);
    const callee = scene.world.cvm('callee', {
      image: 'worker',
      background: true,
      arguments: [...offers, 'block', '0', '0'],
    });
    for (const name of names) scene.world.monitor.allowCall(name, attacker, callee);
    await scene.run([callee, attacker]);
    expect(attacker.exitCode).to.equal(0);
    scene.expectOutcomes({
      '0x0': [
        'first_byte',
        'last_byte',
        'first_half',
        'last_half',
        'middle_half',
        'address_word',
        'bounds_word',
        'address_double',
        'bounds_double',
        'straddling_double',
        'straddling_before',
        'both_doubles',
        'compressed_store',
        'float_double',
        'float_word',
        'atomic_add_word',
        'atomic_add_double',
        'atomic_or_bounds',
        'atomic_swap',
        'reserved_double',
        'reserved_word',
        'untagged_capability',
        'swapped_capability',
        'explicit_byte',
        'explicit_double',
        'the return gate after that',
        'ways that were not tried',
      ],
      EFAULT: ['entropy over the c-list', 'entropy that ends in the c-list', 'entropy that ends before the c-list'],
    });
    await scene.expectUnharmed();
  });
});
