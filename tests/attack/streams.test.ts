import { expect } from 'chai';
import { Scene } from './scene.ts';

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

describe('attack: streams', () => {
  it('a hostile receiver spoils nothing but what it receives', async () => {
    for (const slice of [61, 997, 200_000]) {
      const scene = await Scene.create({ slice });
      const { world, victim } = scene;
      const post = world.cvm('post', { image: 'attack/post', arguments: ['200'] });
      const attacker = scene.attacker('attacker', 'receiver', [hex(victim.data.base + 4096), '60']);
      world.monitor.connect('post', post, attacker);
      const stop = await scene.run([post, attacker], { step: 20_000n });
      expect([stop.reason, post.exitCode, post.faults, attacker.state]).to.deep.equal(['ended', 0, 0, 'exited']);
      expect(scene.lines(post).at(-1)).to.match(/^post: sent [1-9]\d* late \d+ gone \d+ other 0 damage 0$/);
      scene.expectOutcomes({
        EFAULT: [
          'a ring in the victim',
          'a ring over its c-list',
          'a ring that begins in its c-list',
          'a ring across the end of its memory',
          'a ring in its text',
          'a ring that wraps around',
        ],
        EINVAL: [
          'a ring of no size',
          'a ring of nothing but control',
          'a ring of everything',
          'a ring that is no power of two',
          'a ring at an odd place',
        ],
        '0x0': [
          'head and tail that make no sense, while it is sent to',
          'a ring closed and opened again in the middle',
        ],
      });
      await scene.expectUnharmed();
    }
  });

  it('a hostile sender sends its own bytes and nothing else, and cannot change them afterwards', async () => {
    for (const slice of [61, 200_000]) {
      const scene = await Scene.create({ slice });
      const { world, victim } = scene;
      const accomplice = scene.attacker('accomplice', 'sender', ['listen']);
      const attacker = scene.attacker('attacker', 'sender', ['send', hex(victim.data.base + 4096)]);
      world.monitor.connect('prey', attacker, accomplice);
      const stop = await scene.run([accomplice, attacker], { step: 4999n });
      expect([stop.reason, attacker.state, accomplice.exitCode]).to.deep.equal(['ended', 'exited', 0]);
      expect(scene.lines(accomplice)).to.deep.equal(['listen: tags 0 changed 0 end 0 some 1']);
      scene.expectOutcomes({
        EFAULT: [
          "send the victim's memory",
          "send by the victim's absolute address",
          'send what follows its memory',
          'send across the end of its memory',
          'send across the beginning of its memory',
          'send its text',
          'send from an address that wraps around',
          'send everything there is',
          'send what a sealed record has',
          "find the switcher's capabilities after a send",
        ],
        '-11': ['send nothing'],
        '0x100': ['send its c-list, capabilities and all'],
        '0x0': ['change what was sent'],
        CapEx_TagViolation: ['send through a pair kept after the stream was closed'],
        '-32': ['send on a closed stream'],
      });
      await scene.expectUnharmed();
    }
  });
});
