import { expect } from 'chai';
import { Scene } from './scene.ts';

describe('attack: hostile peers', () => {
  it('a callee answers with everything but what was asked', async () => {
    const scene = await Scene.create();
    const lure = scene.attacker('lure', 'lure', [], { background: true, faults: 0 });
    const customer = scene.attacker('customer', 'customer', [], { faults: 0 });
    const echo = scene.world.cvm('echo', {
      image: 'worker',
      background: true,
      arguments: ['offer', 'echo', '1', 'spin'],
    });
    scene.world.monitor.allowCall('lure', customer, lure);
    scene.world.monitor.allowCall('echo', lure, echo);
    const stop = await scene.run([echo, lure, customer], { step: 4999n });
    expect([stop.reason, customer.state, customer.faults, customer.refusals]).to.deep.equal(['ended', 'exited', 0, 0]);
    scene.expectOutcomes({
      '0x0': [
        'answer nonsense',
        'answer that it is busy',
        'fill the buffer',
        'keep the caller waiting',
        'spin',
        'sleep for ever',
        'block for ever',
        'yield for ever',
        'call on into another that spins',
        'spin, and the caller can hardly wait',
        'answer after all that',
        'exit',
      ],
      'lure: CapEx_LengthViolation': [
        'write behind the buffer',
        'write before the buffer',
        'write more than the buffer',
        'read before the buffer',
        'read behind the buffer',
        'read the caller by its address',
        'write the caller by its address',
        'jump into the caller',
      ],
      'lure: environment call from U-mode': ["ecall on the caller's thread"],
      'lure: EPERM': ["end the caller's thread"],
      'lure: EFAULT': ["print the caller's memory", "entropy into the caller's memory", "block on the caller's word"],
    });
    const answers = scene.lines(customer).filter((line) => line.startsWith('answer'));
    expect(answers.map((line) => Number(line.slice(8)))).to.deep.equal([
      -(2 ** 63),
      -11,
      0,
      ...Array(9).fill(-125),
      -1,
      -14,
      -14,
      -14,
      -110,
      ...Array(6).fill(-110),
      0,
      -32,
    ]);
    await scene.expectUnharmed();
  });

  it('a caller that the victim has to call back: faults, recursion, returns out of turn', async () => {
    const scene = await Scene.create({ stacks: 8 });
    const attacker = scene.attacker('attacker', 'nested', ['exit']);
    scene.world.monitor.allowCall('guard', attacker, scene.victim);
    scene.world.monitor.allowCall('back', scene.victim, attacker);
    await scene.run([attacker], { step: 499n });
    expect([attacker.state, attacker.exitCode]).to.deep.equal(['exited', 9]);
    scene.expectOutcomes({
      '0x2a': ['call back into the caller', 'call back after that', 'call back after all that'],
      CapEx_LengthViolation: ['fault in a callback'],
      '-11': ['call back without end'],
      '0x4': ['depth of that'],
      EPERM: ["end the victim's thread in a callback"],
      'return without a call': ['return for the victim by a new thread'],
      'did not come back': ['exit in a callback'],
    });
    await scene.expectUnharmed();
  });
});
