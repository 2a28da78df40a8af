// The ways that cVMs have to communicate: one guest program each, see guests/ipc.
import type { Kind, Mechanism } from '../rows.ts';
import type { IpcWorkload } from '../workload.ts';
import { runGuests, type GuestProgram, type ReadGuest } from './guest-run.ts';

const KIB = 1024;
const RING_BYTES = 512 * KIB;
const PAGE = 4 * KIB;
/** A message, a ring for several, and the program itself. */
const memoryFor = (bytes: number): number => {
  const message = Math.max(PAGE, 2 ** Math.ceil(Math.log2(bytes)));
  return 64 * KIB + 4 * PAGE + message + Math.max(2 * message, RING_BYTES);
};

interface Entry {
  readonly mechanism: Mechanism;
  readonly kind: Kind;
  readonly program: GuestProgram;
}

const ENTRIES: readonly Entry[] = [
  {
    mechanism: 'cp_call',
    kind: 'roundtrip',
    program: {
      image: 'ipc/call',
      roles: ['call', 'serve'],
      memoryFor,
      connect: (monitor, call, serve) => monitor.allowCall('echo', call, serve),
    },
  },
  {
    mechanism: 'cp_stream',
    kind: 'roundtrip',
    program: {
      image: 'ipc/stream',
      roles: ['ping', 'pong'],
      memoryFor,
      connect: (monitor, ping, pong) => {
        monitor.connect('there', ping, pong);
        monitor.connect('back', pong, ping);
      },
    },
  },
  {
    mechanism: 'cp_stream',
    kind: 'stream',
    program: {
      image: 'ipc/stream',
      roles: ['receive', 'send'],
      memoryFor,
      connect: (monitor, receive, send) => void monitor.connect('there', send, receive),
    },
  },
];

/** All that there are, over the guest images that `readGuest` finds. */
export function capvmWorkloads(readGuest: ReadGuest): IpcWorkload[] {
  return ENTRIES.map(({ mechanism, kind, program }) => ({
    mechanism,
    kind,
    run: (bytes, rounds, signal) => runGuests(program, readGuest, bytes, rounds, signal),
  }));
}
