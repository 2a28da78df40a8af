import { expect } from 'chai';
import type { AuditRecord } from '../../src/monitor/index.ts';
import { Scene } from './scene.ts';

/** Kills, and destroys, whoever faults or is refused something, from within the audit: in the middle of his turn. */
async function strict(kind: AuditRecord['kind'], destroy: boolean): Promise<Scene> {
  const scene = await Scene.create();
  const { monitor } = scene.world;
  monitor.audit.onRecord((record) => {
    const cvm = monitor.cvms.find(({ name }) => name === record.cvm);
    if (cvm === undefined || record.kind !== kind || record.cvm !== 'lure') return;
    monitor.kill(cvm, 'policy');
    if (destroy) monitor.destroy(cvm);
  });
  return scene;
}

describe('attack: a host that kills at once', () => {
  for (const destroy of [false, true]) {
    const how = destroy ? 'destroys' : 'kills';
    it(`${how} a callee in the middle of its fault or hostcall: the caller gets -EPIPE and goes on in its own code`, async () => {
      for (const [kind, calls, parameters] of [
        ['fault', 4, []],
        ['fault', 4, ['handler']],
        ['refusal', 13, []],
      ] as const) {
        const scene = await strict(kind, destroy);
        const lure = scene.attacker('lure', 'lure', parameters, { background: true });
        const customer = scene.attacker('customer', 'customer', [], { faults: 0 });
        scene.world.monitor.allowCall('lure', customer, lure);
        await scene.run([lure, customer], { step: 1999n });
        const answers = scene.lines(customer).filter((line) => line.startsWith('answer'));
        const results = answers.map((line) => Number(line.slice(8)));
        expect(lure.state).to.equal(destroy ? 'destroyed' : 'killed');
        expect(results[calls - 1], kind).to.equal(-32);
        // The pair is gone from its c-list.
        expect(
          results.slice(calls).every((result) => result < 0),
          kind,
        ).to.equal(true);
        expect(scene.lines(lure)).to.deep.equal([]);
        expect([customer.state, customer.faults]).to.deep.equal(['exited', 0]);
        await scene.expectUnharmed();
      }
    });
  }
});
