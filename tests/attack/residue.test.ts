import { expect } from 'chai';
import { Scene } from './scene.ts';

describe('attack: what a destroyed cVM left', () => {
  it('is not found by the next one in its place, in memory, registers or tags', async () => {
    for (const ending of ['kill', 'destroy'] as const) {
      const scene = await Scene.create();
      const { monitor } = scene.world;
      const leaves = scene.attacker('leaves', 'residue', ['leave']);
      await scene.run([leaves], { step: 1000n, watch: () => scene.lines(leaves).length > 0 });
      await scene.run([], { budget: 3000n, step: 1000n });
      expect(leaves.state).to.equal('running');
      if (ending === 'kill') monitor.kill(leaves);
      monitor.destroy(leaves);
      const looks = scene.attacker('looks', 'residue');
      expect(looks.data).to.deep.equal(leaves.data);
      await scene.run([looks]);
      expect(looks.exitCode).to.equal(0);
      scene.expectOutcomes({
        '0x0': [
          'numbers in registers at the start',
          'capabilities in registers at the start',
          'words in fresh memory',
          'words in a fresh stack',
          'capabilities in fresh memory',
        ],
      });
      await scene.expectUnharmed();
    }
  });
});
