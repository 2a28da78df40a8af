import { expect } from 'chai';
import { Scene } from './scene.ts';

describe('attack: double fetch', () => {
  it('names and buffers that change while they are looked at deceive neither the monitor nor the victim', async () => {
    const seen: string[] = [];
    for (const slice of [7, 13, 31, 61]) {
      const scene = await Scene.create({ slice });
      const { monitor } = scene.world;
      const vault = scene.world.cvm('vault', {
        image: 'worker',
        background: true,
        arguments: ['offer', 'vault', '1', 'block', '0', '0'],
      });
      const attacker = scene.attacker('attacker', 'toctou', ['100']);
      monitor.allowCall('guard', attacker, scene.victim);
      monitor.allowCall('vault', scene.client, vault);
      await scene.run([vault, attacker], { step: 20_000n });
      expect([attacker.state, attacker.exitCode]).to.deep.equal(['exited', 0]);
      expect(scene.attempts.map(({ result }) => result)).to.deep.equal(['0x0', '0x0']);
      seen.push(...scene.lines(attacker).filter((line) => line.startsWith('seen')));
      await scene.expectUnharmed();
    }
    // Both faces were seen, of the name and of the length: the attack did take place.
    const [names, lengths] = [0, 1].map((face) => seen.filter((_, index) => index % 2 === face).join(' '));
    for (const face of [names, lengths]) {
      expect(face).to.match(/seen [1-9]/);
      expect(face).to.match(/refused [1-9]/);
    }
  });
});
