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

  it('a blocking round trip is charged two thread switches', async () => {
    const { charge } = await workload('cp_stream', 'roundtrip').run(64, 16);
    expect(charge).to.be.at.least(2 * SWITCH_CHARGE);
    expect((charge - 2 * SWITCH_CHARGE) % SERVICE_CHARGE).to.equal(0);
  });

  it('a large copy takes less than 0.2 instructions per byte, charge included', async () => {
    const { instructions, charge } = await workload('cp_stream', 'stream').run(1048576, 8);
    expect((instructions + charge) / 1048576).to.be.lessThan(0.2);
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
