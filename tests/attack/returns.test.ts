import { expect } from 'chai';
import { Scene } from './scene.ts';

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

describe('attack: forged returns and stack pointers', () => {
  it('are of no use: neither the switcher nor the monitor looks at a stack', async () => {
    const scene = await Scene.create();
    const { victim, world } = scene;
    const busy = world.cvm('busy', { image: 'worker', background: true, arguments: ['offer', 'busy', '1', 'spin'] });
    const places = [
      'in the victim',
      hex(victim.data.base + 4096),
      "in the victim's code",
      hex(victim.resources.text.base + 4096),
      'in the switcher',
      hex(0x8000_1000),
      "in the victim's record",
      hex(victim.resources.gate.record.base),
    ];
    const attacker = scene.attacker('attacker', 'returns', places);
    world.monitor.allowCall('guard', attacker, victim);
    world.monitor.allowCall('busy', attacker, busy);
    await scene.run([busy]);
    await scene.run([attacker], { step: 997n });
    expect([attacker.state, attacker.ending]).to.deep.equal(['exited', 'exit with code 0']);
    scene.expectOutcomes({
      '0x0': [
        'hostcall on a stack in the victim',
        "hostcall on a stack in the victim's code",
        'hostcall on a stack in the switcher',
        "hostcall on a stack in the victim's record",
        'hostcall on a stack at null',
        'hostcall on a stack at the top of everything',
        'hostcall on a stack at an odd place',
        'hostcall on a stack in its c-list',
        'hostcall on a stack in its data',
        'hostcall on a stack beyond its memory',
        'hostcall on a stack far away',
        'call on a stack in the victim',
        "call on a stack in the victim's code",
        'call on a stack in the switcher',
        "call on a stack in the victim's record",
        'call on a stack at null',
        'call on a stack at the top of everything',
        'call on a stack at an odd place',
        'call on a stack in its c-list',
        'call on a stack in its data',
        'call on a stack beyond its memory',
        'call on a stack far away',
        'call on a stack that is a capability',
      ],
      CapEx_TagViolation: [
        'hostcall that returns in the victim',
        "hostcall that returns in the victim's code",
        'hostcall that returns in the switcher',
        "hostcall that returns in the victim's record",
        'hostcall that returns beyond its memory',
        'hostcall that returns far away',
        'call that returns in the victim',
        "call that returns in the victim's code",
        'call that returns in the switcher',
        "call that returns in the victim's record",
        'call that returns beyond its memory',
        'call that returns far away',
        'call that returns to DDC',
        'call that returns to sealed code',
        'refused call that returns far away',
      ],
      'illegal instruction': [
        'hostcall that returns at null',
        'hostcall that returns at an odd place',
        'call that returns at null',
        'call that returns at an odd place',
      ],
      CapEx_LengthViolation: [
        'hostcall that returns at the top of everything',
        'hostcall that returns in its c-list',
        'hostcall that returns in its data',
        'call that returns at the top of everything',
        'call that returns in its c-list',
        'call that returns in its data',
      ],
      'return without a call': ['return from nothing', "return from nothing as a thread's first act"],
    });
    await scene.expectUnharmed();
  });
});
