import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { runGuests } from '../../perf/ipc/capvm/guest-run.ts';
import { capvmWorkloads } from '../../perf/ipc/capvm/workloads.ts';
import { linuxRows } from '../../perf/ipc/linux-baseline.ts';
import { findRow } from '../../perf/ipc/rows.ts';
import { SERVICE_CHARGE, SWITCH_CHARGE } from '../../src/monitor/index.ts';

const readGuest = (name: string): Uint8Array =>
  readFileSync(new URL(`../../guests/images/${name}.elf`, import.meta.url));
const workloads = capvmWorkloads(readGuest);
const workload = (mechanism: string, kind: string) =>
  workloads.find((one) => one.mechanism === mechanism && one.kind === kind)!;

const COUNTED_WINDOWS = 5;

/** Is it made of whole switches and services? */
const isCharge = (charge: number): boolean =>
  Array.from({ length: 400 }, (_, switches) => (charge - switches * SWITCH_CHARGE) / SERVICE_CHARGE).some(
    (services) => services >= 0 && Number.isInteger(Math.round(services * 1e6) / 1e6),
  );

describe('cVMs measured for the IPC comparison', () => {
  for (const { mechanism, kind, run } of workloads) {
    it(`${mechanism}, ${kind}: the same counts in every run, at sizes that fit nothing`, async () => {
      for (const bytes of [1, 17, 4097]) {
        const first = await run(bytes, 8);
        const second = await run(bytes, 8);
        expect([second.instructions, second.charge]).to.deep.equal([first.instructions, first.charge]);
        expect(first.instructions).to.be.greaterThan(0);
        expect(first.charge).to.be.at.least(0);
        expect(first.nanoseconds).to.be.greaterThan(0);
        expect(isCharge(first.charge * 8 * COUNTED_WINDOWS), `charge ${first.charge}`).to.equal(true);
      }
    });
  }

  it('counts a round trip the same, however many there are', async () => {
    for (const { kind, run } of workloads.filter((one) => one.kind === 'roundtrip')) {
      const few = await run(64, 8);
      const many = await run(64, 64);
      expect(few.charge, kind).to.equal(many.charge);
      expect(few.instructions).to.be.closeTo(many.instructions, 1);
    }
  });

  for (const mechanism of ['cp_file', 'cp_stream']) {
    it(`${mechanism}: a blocking round trip is charged two thread switches and nothing else, at most 7,000 in all`, async () => {
      for (const bytes of [1, 64]) {
        const { instructions, charge } = await workload(mechanism, 'roundtrip').run(bytes, 16);
        expect(charge).to.equal(2 * SWITCH_CHARGE);
        expect(instructions + charge).to.be.at.most(7000);
      }
    });
  }

  it('cp_call: nothing is charged, at most 300 instructions for 64 bytes both ways', async () => {
    const { instructions, charge } = await workload('cp_call', 'roundtrip').run(64, 16);
    expect(charge).to.equal(0);
    expect(instructions).to.be.at.most(300);
  });

  it('cp_stream: a large copy takes at most 0.2 instructions per byte, charge included', async () => {
    for (const bytes of [65536, 262144, 1048576]) {
      const { instructions, charge } = await workload('cp_stream', 'stream').run(bytes, 8);
      expect((instructions + charge) / bytes).to.be.at.most(0.2);
    }
  });

  it('cp_stream_loan: costs the same, whatever the size', async () => {
    for (const kind of ['roundtrip', 'stream']) {
      const [small, large] = await Promise.all(
        [64, 1048576].map((bytes) => workload('cp_stream_loan', kind).run(bytes, 16)),
      );
      expect(large.charge).to.equal(small.charge);
      expect(large.instructions).to.be.closeTo(small.instructions, 16);
    }
  });

  it('every round trip takes less than any of Linux’s of that size', async () => {
    for (const { mechanism, kind, run } of workloads.filter((one) => one.kind === 'roundtrip')) {
      for (const bytes of [64, 65536]) {
        const { instructions, charge } = await run(bytes, 8);
        const best = Math.min(
          ...(['pipe', 'unix', 'tcp', 'shm_futex'] as const).map(
            (other) => findRow(linuxRows('default'), { where: 'linux', mechanism: other }, kind, bytes)!.instructions!,
          ),
        );
        expect(instructions + charge, `${mechanism} at ${bytes}`).to.be.lessThan(best);
      }
    }
  });

  it('stops when it is told to', async () => {
    const over = new Error('over');
    await workloads[0].run(64, 8, AbortSignal.abort(over)).then(
      () => expect.fail('it went on'),
      (error: unknown) => expect(error).to.equal(over),
    );
  });

  it('says what went wrong in a cVM', async () => {
    const failing = { image: 'ipc/stream', roles: ['ping', 'pong'] as const, memoryFor: () => 131072 };
    await runGuests(failing, readGuest, 64, 8).then(
      () => expect.fail('nothing was connected'),
      (error: Error) => expect(error.message).to.match(/ping: exit with code 92.*open: -2/),
    );
  });
});
