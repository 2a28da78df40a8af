// The ways that cVMs have to communicate: one guest program each, see guests/ipc.
import type { Kind, Mechanism } from '../rows.ts';
import type { IpcWorkload } from '../workload.ts';
import { runGuests, type GuestProgram, type ReadGuest } from './guest-run.ts';

const KIB = 1024;
const HEAP_BUFFERS = 8;
const PAGE = 4 * KIB;
/** Eight buffers of a small size or two of a large one, and the program itself. */
const memoryFor = (bytes: number): number => {
  const buffer = Math.ceil(bytes / PAGE) * PAGE;
  return 64 * KIB + Math.max(2 * buffer, Math.min(HEAP_BUFFERS * buffer, 256 * KIB + HEAP_BUFFERS * PAGE));
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
