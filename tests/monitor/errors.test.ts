// Every error of every hostcall, as hostcalls.ts names them: how a cVM comes by it, that it is told so, that the audit
// says so, and that nobody else notices. Rows that are missing, or too many, fail the last test.
import { expect } from 'chai';
import { HOSTCALLS } from '../../src/monitor/hostcalls.ts';
import * as abi from '../../src/monitor/abi.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { isRefusal } from '../../src/monitor/errors.ts';
import { World } from './world.ts';

type Word = string | number;

interface Row {
  readonly call: string;
  readonly error: keyof typeof abi & `E${string}`;
  /** Of the hostcall, as the worker's `ask` reads them. */
  readonly with?: readonly Word[];
  /** Verbs of the asking cVM before that, and of its peer, who begins first. */
  readonly before?: readonly Word[];
  readonly peer?: readonly Word[];
  /** Host code, before both begin, and once both wait or have ended. */
  readonly host?: (stage: Stage) => void;
  readonly later?: (stage: Stage) => void;
  readonly threads?: number;
  /** They begin at the same time. */
  readonly together?: boolean;
  /** It waited before it was told: no refusal. */
  readonly waits?: boolean;
}

interface Stage {
  readonly world: World;
  readonly asker: Cvm;
  readonly peer: Cvm;
}

const NOWHERE = 0x7000_0000;
const LONG = 'x'.repeat(33);
/** As a number that the worker can read. */
const NEVER = '0xffffffffffffffff';
const named = (name: string, ...rest: Word[]): Word[] => [`@${name}`, name.length, ...rest];
const WAIT = ['block', 0, 0];

/** Names of others, no names, and names that are none. */
const names = (call: string, ...rest: Word[]): Row[] => [
  { call, error: 'ENAMETOOLONG', with: named(LONG, ...rest) },
  { call, error: 'EFAULT', with: [NOWHERE, 4, ...rest] },
  { call, error: 'ENOENT', with: named('nobody', ...rest) },
  { call, error: 'EPERM', with: named('foreign', ...rest) },
];

/** The word of a file that is not open, not there, not aligned, taken away, not to be read, as expected, and does not change. */
const words = (call: string, ...before: Word[]): Row[] => [
  { call, error: 'EBADF', with: [9, ...before, 0, 0, NEVER] },
  { call, error: 'EFAULT', before: ['open', 'shared', 3], with: [0, ...before, 64, 0, NEVER] },
  { call, error: 'EINVAL', before: ['open', 'shared', 3], with: [0, ...before, 2, 0, NEVER] },
  { call, error: 'EREVOKED', together: true, before: ['sleep', 20_000, 'open', 'lent', 1, 'sleep', 100_000], peer: ['advertise', 'lent', 64, 'sleep', 50_000, 'unadvertise', 'lent', ...WAIT], with: [0, ...before, 0, 0, NEVER] },
]; // prettier-ignore

const waits = (call: string, ...before: Word[]): Row[] => [
  { call, error: 'EAGAIN', before: ['open', 'shared', 3], with: [0, ...before, 0, 1, 0] },
  { call, error: 'EPERM', before: ['open', 'shared', 2], with: [0, ...before, 0, 0, NEVER] },
  { call, error: 'ETIMEDOUT', before: ['open', 'shared', 3], with: [0, ...before, 0, 0, 1000], waits: true },
];

const LISTENS = ['listen', 'out', 256, NEVER, ...WAIT];
const SENDS: Word[] = ['send', 'in', 0, 1, 0];
const RING = named('in', abi.STREAM_RECEIVE, '&0', 320);
const openIn: Word[] = ['ask', abi.HOSTCALL_STREAM_OPEN, ...RING, 0];
const openOut: Word[] = ['ask', abi.HOSTCALL_STREAM_OPEN, ...named('out', abi.STREAM_SEND), 0, 0, 0];
const many = (count: number, verb: (index: number) => readonly Word[]): Word[] =>
  Array.from({ length: count }, (_, index) => verb(index)).flat();

/** Names that the asking cVM may use, more than it has handles. */
const manyFiles = ({ world, asker }: Stage): void => {
  for (let index = 0; index < 17; index++)
    world.monitor.allowFile(world.monitor.createFile(`f${index}`, 16), asker, abi.FILE_READ);
};

/** All memory that is left, so that no record can be made. */
const exhaust = ({ world }: Stage): void => {
  for (let size = 1 << 20, number = 0; size >= 16; number++) {
    if (world.monitor.freeBytes < size) size /= 2;
    else
      try {
        world.monitor.createFile(`all ${number}`, size);
      } catch {
        size /= 2;
      }
  }
};

// prettier-ignore
const ROWS: readonly Row[] = [
  { call: 'console_write', error: 'EFAULT', with: [NOWHERE, 1] },
  { call: 'console_write', error: 'EINVAL', with: ['&0', 4097] },
  { call: 'entropy', error: 'EFAULT', with: ['^0', 8] },
  { call: 'entropy', error: 'EINVAL', with: ['&0', 257] },
  { call: 'block', error: 'EAGAIN', with: ['&0', 1, 0] },
  { call: 'block', error: 'EFAULT', with: [NOWHERE, 0, 0] },
  { call: 'block', error: 'EINVAL', with: ['&2', 0, 0] },
  { call: 'block', error: 'ETIMEDOUT', with: ['&0', 0, 1000], waits: true },
  { call: 'wake', error: 'EFAULT', with: [NOWHERE, 1] },
  { call: 'wake', error: 'EINVAL', with: ['&2', 1] },
  { call: 'thread_create', error: 'EAGAIN', with: ['!0', '&64'], threads: 1 },
  { call: 'thread_create', error: 'EFAULT', with: [NOWHERE, '&64'] },
  { call: 'thread_create', error: 'EINVAL', with: ['!0', '&8'] },
  { call: 'thread_interrupt', error: 'ESRCH', with: [99_999] },
  { call: 'on_fault', error: 'EFAULT', with: [NOWHERE] },
  { call: 'on_revoke', error: 'EFAULT', with: [0, 1, NOWHERE] },

  { call: 'poll', error: 'EAGAIN', before: ['item', abi.POLL_WORD, 0, '&0', 0], with: ['&4096', 1, NEVER] },
  { call: 'poll', error: 'EBADF', before: ['item', abi.POLL_RECEIVE, 3, 0, 0], with: ['&4096', 1, 0] },
  { call: 'poll', error: 'EFAULT', with: [NOWHERE, 1, 0] },
  { call: 'poll', error: 'EINVAL', with: ['&4096', 33, 0] },
  { call: 'poll', error: 'EPIPE', before: [...openIn, 'ask', abi.HOSTCALL_STREAM_CLOSE, 0, 0, 0, 0, 0, 0, 'item', abi.POLL_RECEIVE, 0, 0, 0], with: ['&4096', 1, 0] },
  { call: 'poll', error: 'EPERM', before: ['open', 'shared', 2, 'item', abi.POLL_FILE, 0, 0, 0], with: ['&4096', 1, 0] },
  { call: 'poll', error: 'EREVOKED', before: ['open', 'shared', 1, 'item', abi.POLL_FILE, 0, 0, 0], with: ['&4096', 1, 0], waits: true, later: ({ world, asker }) => world.monitor.revokeFile(asker.files[0]!) },
  { call: 'poll', error: 'ETIMEDOUT', before: ['item', abi.POLL_WORD, 0, '&0', 0], with: ['&4096', 1, 1000], waits: true },

  ...names('stream_open', abi.STREAM_SEND),
  { call: 'stream_open', error: 'EBUSY', before: openIn, with: RING },
  { call: 'stream_open', error: 'EINVAL', with: named('in', abi.STREAM_RECEIVE, '&0', 300) },
  { call: 'stream_open', error: 'ENOMEM', with: named('s16', abi.STREAM_SEND), before: many(16, (i) => ['ask', abi.HOSTCALL_STREAM_OPEN, ...named(`s${i}`, abi.STREAM_SEND), 0, 0, 0]), host: ({ world, asker, peer }) => many(17, (i) => (world.monitor.connect(`s${i}`, asker, peer), [])) },
  { call: 'stream_wait', error: 'EAGAIN', before: openIn, with: [0, abi.STREAM_RECEIVE, 0, NEVER] },
  { call: 'stream_wait', error: 'EBADF', before: openIn, with: [0, abi.STREAM_SEND, 0, NEVER] },
  { call: 'stream_wait', error: 'EINVAL', before: openIn, with: [0, 3, 0, NEVER] },
  { call: 'stream_wait', error: 'EPIPE', before: [...openIn, 'ask', abi.HOSTCALL_STREAM_CLOSE, 0, 0, 0, 0, 0, 0], with: [0, abi.STREAM_RECEIVE, 0, 0] },
  { call: 'stream_wait', error: 'ETIMEDOUT', before: openIn, with: [0, abi.STREAM_RECEIVE, 0, 1000], waits: true },
  { call: 'stream_close', error: 'EBADF', with: [0] },

  { call: 'loan_lend', error: 'EAGAIN', before: openOut, with: [0, '&0', 64] },
  { call: 'loan_lend', error: 'EBADF', before: openIn, with: [0, '&0', 64] },
  { call: 'loan_lend', error: 'EFAULT', peer: LISTENS, before: openOut, with: [0, '^0', 64] },
  { call: 'loan_lend', error: 'EINVAL', peer: LISTENS, before: openOut, with: [0, '&0', 0] },
  { call: 'loan_lend', error: 'EPIPE', together: true, peer: ['listen', 'out', 256, 50_000, 'exit', 0], before: [...openOut, 'sleep', 100_000], with: [0, '&0', 64] },
  { call: 'loan_borrow', error: 'EAGAIN', before: openIn, with: [0] },
  { call: 'loan_borrow', error: 'EBADF', before: openOut, with: [0] },
  { call: 'loan_borrow', error: 'ENOMEM', host: manyFiles, peer: ['lend', 'in', 64, 0], before: [...openIn, ...many(16, (i) => ['ask', abi.HOSTCALL_FILE_OPEN, ...named(`f${i}`, 1), 0, 0, 0]), 'sleep', 100_000], with: [0] },
  { call: 'loan_borrow', error: 'EPIPE', peer: [...SENDS, 'exit', 0], before: openIn, with: [0] },
  { call: 'loan_recall', error: 'EBADF', before: openIn, with: [0, 0] },
  { call: 'loan_recall', error: 'EINVAL', peer: LISTENS, before: openOut, with: [0, 7] },

  ...names('call_offer', '!0', '&64', 16, 1),
  { call: 'call_offer', error: 'EBUSY', before: ['offer', 'mine', 1], with: named('mine', '!0', '&64', 16, 1) },
  { call: 'call_offer', error: 'EINVAL', with: named('mine', '!0', '&64', 16, 17) },
  { call: 'call_offer', error: 'ENOMEM', later: undefined, host: exhaust, with: named('mine', '!0', '&64', 16, 1) },
  ...names('call_bind'),
  { call: 'call_bind', error: 'EAGAIN', with: named('theirs') },
  { call: 'call_bind', error: 'ENOMEM', peer: many(17, (i) => ['ask', abi.HOSTCALL_CALL_OFFER, ...named(`c${i}`, '!0', '&64', 16, 1)]).concat(WAIT), host: ({ world, asker, peer }) => many(17, (i) => (world.monitor.allowCall(`c${i}`, asker, peer), [])), before: many(16, (i) => ['ask', abi.HOSTCALL_CALL_BIND, ...named(`c${i}`), 0, 0, 0, 0]), with: named('c16') },
  { call: 'call_bind', error: 'EPIPE', peer: ['exit', 0], with: named('theirs') },

  ...names('file_advertise', '&0', 64),
  { call: 'file_advertise', error: 'EBUSY', before: ['advertise', 'own', 64], with: named('own', '&0', 64) },
  { call: 'file_advertise', error: 'EINVAL', with: named('own', '&0', 0) },
  ...names('file_open', 1),
  { call: 'file_open', error: 'EAGAIN', with: named('lent', 1) },
  { call: 'file_open', error: 'EBUSY', before: ['open', 'shared', 1], with: named('shared', 3) },
  { call: 'file_open', error: 'EINVAL', with: named('shared', 4) },
  { call: 'file_open', error: 'ENOMEM', host: manyFiles, before: many(16, (i) => ['ask', abi.HOSTCALL_FILE_OPEN, ...named(`f${i}`, 1), 0, 0, 0]), with: named('f16', 1) },
  { call: 'file_open', error: 'EPIPE', peer: ['exit', 0], with: named('lent', 1) },
  { call: 'file_close', error: 'EBADF', with: [0] },
  ...names('file_revoke'),
  ...words('file_wait'),
  ...waits('file_wait'),
  ...words('file_notify'),
  ...words('file_exchange', 0),
  ...waits('file_exchange', 0),
];

const numberOf = (call: string): number => [...HOSTCALLS.values()].find(({ name }) => name === call)!.number;

describe('every error of every hostcall', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create({ memory: '2M', engine: 'interp' });
  });

  afterEach(() => world.monitor.machine.dispose());

  /** asker and peer, with a stream, a call and a file in each direction; what is called `foreign` is between others. */
  function stage({ before = [], with: parameters = [], peer = [], call, threads }: Row): Stage {
    const { monitor } = world;
    const ask = ['ask', numberOf(call), ...parameters, ...many(6 - parameters.length, () => [0])];
    const make = (name: string, verbs: readonly Word[], spec = {}): Cvm =>
      world.cvm(name, { image: 'worker', arguments: verbs.map(String), ...spec });
    const asker = make('asker', [...before, ...ask, 'exit', 0], { threads: threads ?? 16 });
    const actors = { world, asker, peer: make('peer', peer, { background: true }) };
    const [third, fourth] = [make('third', []), make('fourth', [])];
    monitor.connect('in', actors.peer, asker);
    monitor.connect('out', asker, actors.peer);
    monitor.connect('foreign', third, fourth);
    monitor.allowCall('mine', actors.peer, asker);
    monitor.allowCall('theirs', asker, actors.peer);
    monitor.allowCall('foreign', third, fourth);
    monitor.createFile('own', asker);
    monitor.allowFile(monitor.createFile('lent', actors.peer), asker, abi.FILE_READ);
    monitor.createFile('foreign', third);
    monitor.allowFile(monitor.createFile('shared', 64), asker, abi.FILE_READ | abi.FILE_WRITE);
    return actors;
  }

  for (const row of ROWS) {
    const { call, error, host, later, peer, waits: isWaiting = false, together = false } = row;
    it(`${call}: ${error} ${(row.with ?? []).join(' ').slice(0, 40)}`, async () => {
      const actors = stage(row);
      host?.(actors);
      const { asker } = actors;
      if (peer !== undefined) world.start(actors.peer);
      if (!together) await world.monitor.run({ budget: 40_000n, background: true });
      world.start(asker);
      if (later !== undefined) {
        expect((await world.monitor.run()).reason).to.equal('deadlock');
        later(actors);
      }
      await world.monitor.run({ budget: 1_000_000n });
      expect(world.lines(asker).at(-1), asker.ending).to.equal(`ask ${numberOf(call)}: ${-abi[error]}`);
      expect([asker.ending, asker.faults, actors.peer.faults]).to.deep.equal(['exit with code 0', 0, 0]);
      const refused = world.audit(asker).at(-2);
      if (!isWaiting && isRefusal(call, -abi[error])) expect(refused).to.equal(`refusal: ${call}: ${error}`);
      else expect(refused).not.to.match(/^refusal/);
    });
  }

  it('are these and no others, thread_exit in a handler and interrupted waits apart', () => {
    const promised = [...HOSTCALLS.values()].flatMap(({ name, signature }) =>
      (signature.split(';')[1]?.match(/E[A-Z0-9]+/g) ?? []).map((error) => `${name} ${error}`),
    );
    const shown = ROWS.map(({ call, error }) => `${call} ${error}`);
    // library-os.test.ts has these: whatever waits is woken by the same function.
    const waiting = ['block', 'file_exchange', 'file_wait', 'poll', 'sleep', 'stream_wait'];
    const interrupted = waiting.map((name) => `${name} EINTR`);
    expect([...new Set(shown), ...interrupted, 'thread_exit EPERM'].sort()).to.deep.equal(promised.sort());
  });

  it('of a send that another thread is in the middle of: -EBUSY, until that one is done', async () => {
    const small = await World.create({ slice: 211, engine: 'interp' });
    const receiver = small.cvm('receiver', { image: 'worker', background: true, arguments: ['receive', 'in', '32768', '0', '32768'] }); // prettier-ignore
    const sender = small.cvm('sender', { image: 'worker', arguments: ['crowd', 'in', '10', '2000', 'exit', '0'] });
    small.monitor.connect('in', sender, receiver);
    small.start(receiver, sender);
    await small.monitor.run({ budget: 50_000_000n });
    const [sent, busy, full] = small.lines(sender)[0].match(/\d+/g)!.map(Number);
    expect([sent > 0, busy > 0, sent + busy + full, sender.faults, receiver.faults]).to.deep.equal([true, true, 2000, 0, 0]); // prettier-ignore
    expect(sender.ending).to.equal('exit with code 0');
    small.monitor.machine.dispose();
  });
});
