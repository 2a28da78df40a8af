import { expect } from 'chai';
import { Scene } from './scene.ts';

describe('attack: smuggling capabilities', () => {
  it('by registers, buffers, threads and faults passes nothing on', async () => {
    const scene = await Scene.create();
    const give = scene.attacker('give', 'smuggle', ['give']);
    const take = scene.attacker('take', 'smuggle', ['take'], { background: true });
    for (const name of ['spy', 'buffer', 'talk']) scene.world.monitor.allowCall(name, give, take);
    expect((await scene.run([take, give], { step: 997n })).reason).to.equal('ended');
    scene.expectOutcomes({
      '0x0': [
        'pass DDC to a callee in every register',
        "leave numbers in a callee's registers",
        'pass DDC back to a caller in every register',
        "change a caller's saved registers",
        "leave numbers in a caller's registers",
        'enter a callee with another DDC than its own',
        'pass PCC to a callee in every register',
        'pass sealed data to a callee in every register',
        'pass sealed code to a callee in every register',
        "find the switcher's capabilities after a hostcall",
        "keep the caller's buffer in every register",
        'come home with a DDC that the callee chose',
        "load a capability from the caller's buffer",
        'start a thread with something in its registers',
      ],
      'take: CapEx_PermitStoreCapViolation': ["store a capability into the caller's buffer"],
      CapEx_LengthViolation: ['widen DDC by a fault'],
    });
    await scene.expectUnharmed();
  });
});
