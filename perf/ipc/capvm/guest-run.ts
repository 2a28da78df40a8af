// Two cVMs of one image on a new machine, and what passes between the marks that one of them sets on its console.
// guests/ipc/measure.h has the other side of this.
import type { Engine } from '../../../src/host/index.ts';
import { Monitor, readImage, type Cvm } from '../../../src/monitor/index.ts';
import { median } from '../median.ts';
import type { Sample } from '../workload.ts';

/** Contents of a guest image by its name, say `switcher` or `ipc/stream`. */
export type ReadGuest = (name: string) => Uint8Array;

export interface GuestProgram {
  readonly image: string;
  /** The role that measures, and the other one. */
  readonly roles: readonly [measuring: string, other: string];
  /** Of one cVM. */
  memoryFor(bytes: number): number;
  /** What they may use of each other. */
  connect?(monitor: Monitor, measuring: Cvm, other: Cvm, bytes: number): void;
}

/** Milliseconds since some moment. */
export type Clock = () => number;
const wallClock: Clock = () => performance.now();

/** Counters at a mark. */
interface Mark {
  readonly instructions: number;
  readonly charge: number;
  readonly milliseconds: number;
}

/** The first ones warm up: hot code is translated, V8 compiles, queues fill. */
const WINDOWS = 8;
const WARM_UP_WINDOWS = 3;
const EDGES = WINDOWS + 2;
const MARK = 0x7c;
const BUDGET = 2_000_000_000n;

export async function runGuests(
  program: GuestProgram,
  readGuest: ReadGuest,
  bytes: number,
  rounds: number,
  signal?: AbortSignal,
  engine?: Engine,
  clock: Clock = wallClock,
): Promise<Sample> {
  const marks: Mark[] = [];
  let said = '';
  const memory = program.memoryFor(bytes);
  const monitor = await Monitor.create({
    switcher: readGuest('switcher'),
    engine,
    memory: `${Math.ceil((2 * memory) / 1048576) + 8}M`,
    onConsole: (_cvm, output) => {
      if (output.length === 1 && output[0] === MARK) marks.push(markOf(monitor, clock));
      else said += Buffer.from(output).toString('latin1');
    },
  });
  try {
    const image = readImage(readGuest(program.image), program.image);
    const [other, measuring] = [program.roles[1], program.roles[0]].map((role) =>
      monitor.createCvm({ name: role, image, memory, arguments: [role, `${bytes}`, `${rounds}`, `${WINDOWS}`] }),
    );
    program.connect?.(monitor, measuring, other, bytes);
    monitor.start(other);
    monitor.start(measuring);
    const stop = await monitor.run({ budget: BUDGET, signal });
    signal?.throwIfAborted();
    checkEnd(stop.reason, measuring, other, marks.length, said);
    return sampleOf(marks, rounds);
  } finally {
    monitor.machine.dispose();
  }
}

function markOf({ machine, charges }: Monitor, clock: Clock): Mark {
  return { instructions: Number(machine.instructions), charge: charges.total, milliseconds: clock() };
}

function checkEnd(reason: string, measuring: Cvm, other: Cvm, edges: number, said: string): void {
  const fine = [measuring, other].every(({ state, exitCode }) => state === 'exited' && exitCode === 0);
  if (reason === 'ended' && fine && edges === EDGES) return;
  const endings = [measuring, other].map(({ name, state, ending }) => `${name}: ${ending || state}`).join('; ');
  throw new Error(`the measured cVMs failed (${reason}; ${endings}${said === '' ? '' : `; ${said.trim()}`})`);
}

/** Counts over all windows but the first ones; time is the median of theirs. The empty window is what a mark costs. */
function sampleOf(marks: readonly Mark[], rounds: number): Sample {
  const [empty, ...windows] = marks.slice(1).map((mark, index) => ({
    instructions: mark.instructions - marks[index].instructions,
    charge: mark.charge - marks[index].charge,
    milliseconds: mark.milliseconds - marks[index].milliseconds,
  }));
  const counted = windows.slice(WARM_UP_WINDOWS);
  const perRound = (pick: (window: (typeof windows)[0]) => number): number =>
    counted.reduce((sum, window) => sum + pick(window) - pick(empty), 0) / counted.length / rounds;
  return {
    instructions: perRound(({ instructions }) => instructions),
    charge: perRound(({ charge }) => charge),
    nanoseconds: (median(counted.map(({ milliseconds }) => milliseconds)) * 1e6) / rounds,
  };
}
