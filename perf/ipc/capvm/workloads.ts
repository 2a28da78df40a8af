// The ways that cVMs have to communicate: one guest program each, see guests/ipc.
import * as abi from '../../../src/monitor/abi.ts';
import type { Engine } from '../../../src/host/index.ts';
import type { Cvm, Monitor } from '../../../src/monitor/index.ts';
import type { Kind, Mechanism } from '../rows.ts';
import { depthFor, type IpcWorkload } from '../workload.ts';
import { runGuests, type Clock, type GuestProgram, type ReadGuest } from './guest-run.ts';

const KIB = 1024;
const RING_BYTES = 512 * KIB;
const PAGE = 4 * KIB;
const PROGRAM_BYTES = 64 * KIB + 4 * PAGE;
const LOANS = abi.LOANS_OUT;
const FILE_RIGHTS = abi.FILE_READ | abi.FILE_WRITE;

const wholePages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

/** A message, a ring for several, and the program itself. */
const memoryFor = (bytes: number): number => {
  const message = Math.max(PAGE, 2 ** Math.ceil(Math.log2(bytes)));
  return PROGRAM_BYTES + message + Math.max(2 * message, RING_BYTES);
};
/** So many buffers of a message. */
const buffersFor =
  (count: number) =>
  (bytes: number): number =>
    PROGRAM_BYTES + count * wholePages(bytes);

/** A page of words and `depth` messages, for both. */
function shareFile(monitor: Monitor, cvms: readonly Cvm[], bytes: number, depth: number): void {
  const file = monitor.createFile('shared', PAGE + depth * bytes);
  for (const cvm of cvms) monitor.allowFile(file, cvm, FILE_RIGHTS);
}

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
    mechanism: 'cp_call',
    kind: 'stream',
    program: {
      image: 'ipc/call',
      roles: ['post', 'serve'],
      memoryFor,
      connect: (monitor, post, serve) => monitor.allowCall('echo', post, serve),
    },
  },
  {
    mechanism: 'cp_file',
    kind: 'roundtrip',
    program: {
      image: 'ipc/file',
      roles: ['ping', 'pong'],
      memoryFor: buffersFor(2),
      connect: (monitor, ping, pong, bytes) => shareFile(monitor, [ping, pong], bytes, 1),
    },
  },
  {
    mechanism: 'cp_file',
    kind: 'stream',
    program: {
      image: 'ipc/file',
      roles: ['receive', 'send'],
      memoryFor: buffersFor(1),
      connect: (monitor, receive, send, bytes) => shareFile(monitor, [receive, send], bytes, depthFor(bytes)),
    },
  },
  {
    mechanism: 'cp_stream',
    kind: 'roundtrip',
    program: { image: 'ipc/stream', roles: ['ping', 'pong'], memoryFor, connect: bothWays },
  },
  {
    mechanism: 'cp_stream',
    kind: 'stream',
    program: { image: 'ipc/stream', roles: ['receive', 'send'], memoryFor, connect: oneWay },
  },
  {
    mechanism: 'cp_stream_loan',
    kind: 'roundtrip',
    program: { image: 'ipc/loan', roles: ['ping', 'pong'], memoryFor: buffersFor(1), connect: bothWays },
  },
  {
    mechanism: 'cp_stream_loan',
    kind: 'stream',
    program: { image: 'ipc/loan', roles: ['receive', 'send'], memoryFor: buffersFor(LOANS), connect: oneWay },
  },
];

function bothWays(monitor: Monitor, ping: Cvm, pong: Cvm): void {
  monitor.connect('there', ping, pong);
  monitor.connect('back', pong, ping);
}

function oneWay(monitor: Monitor, receive: Cvm, send: Cvm): void {
  monitor.connect('there', send, receive);
}

/** All that there are, over the guest images that `readGuest` finds, on an engine of the machine's choice or the one named; by the wall clock, or this one. */
export function capvmWorkloads(readGuest: ReadGuest, engine?: Engine, clock?: Clock): IpcWorkload[] {
  return ENTRIES.map(({ mechanism, kind, program }) => ({
    mechanism,
    kind,
    run: (bytes, rounds, signal) => runGuests(program, readGuest, bytes, rounds, signal, engine, clock),
  }));
}
