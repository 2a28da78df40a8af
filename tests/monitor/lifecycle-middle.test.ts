// A pause and resume, a kill, a restart of either side in the middle of what two cVMs do together: who did not ask for it
// is told what is documented, once, and what they do afterwards works.
import { expect } from 'chai';
import type { Cvm } from '../../src/monitor/index.ts';
import { World } from './world.ts';

type Act = 'pause' | 'kill' | 'restart';
type Side = 'asker' | 'giver';

interface Situation {
  readonly name: string;
  readonly asker: readonly (string | number)[];
  readonly giver: readonly (string | number)[];
  readonly connect: (world: World, asker: Cvm, giver: Cvm) => void;
  /** Are both in the middle of it? */
  readonly isThere: (world: World, asker: Cvm) => boolean;
  /** What the asker and the giver print, by what is done to whom. */
  readonly told: Readonly<Record<`${Act} ${Side}`, readonly [asker: string, giver: string]>>;
}

const BORROWED = 'borrow: 0 of 4096 bytes';
const READ = `${BORROWED}, read: 4096, 0 wrong, return: 0, again: -128`;
const TAKEN = `${BORROWED}, read: -128, 0 wrong, return: 0, again: -128`;
const LENT = 'lend: 0, returned: 0, recall: -22';
const RECEIVED = 'receive: 20000 bytes, 0 wrong, end 0';
const SENT = 'send: 20000, close: 0';
const OPEN = 'open: 0, size 64';
const WOKEN = `${OPEN}, sleep: 0, word: 0, notify: 1`;
const NOBODY = `${OPEN}, sleep: 0, word: 0, notify: 0`;

const SITUATIONS: readonly Situation[] = [
  {
    name: 'a loan',
    asker: ['borrow', 's', 40],
    giver: ['lend', 's', 4096, 0],
    connect: ({ monitor }, asker, giver) => monitor.connect('s', giver, asker),
    isThere: (world, asker) => world.lines(asker).length === 1,
    told: {
      'pause asker': [READ, LENT],
      'pause giver': [READ, LENT],
      // It comes back when its holder is gone; who begins anew finds the stream's other end closed.
      'kill asker': [BORROWED, LENT],
      'restart asker': [`${BORROWED}, borrow: -32 of -9 bytes, read: -32, 0 wrong, return: -9, again: -9`, LENT],
      'kill giver': [TAKEN, 'lend: 0'],
      'restart giver': [TAKEN, 'lend: 0, lend: -32'],
    },
  },
  {
    name: 'a send',
    asker: ['receive', 's', 1024, 0, 1000],
    giver: ['send', 's', 20000, 5000, 0],
    connect: ({ monitor }, asker, giver) => monitor.connect('s', giver, asker),
    isThere: ({ monitor }) => monitor.streams.get('s')!.bytes > 5000n,
    told: {
      'pause asker': [RECEIVED, SENT],
      'pause giver': [RECEIVED, SENT],
      'kill asker': ['', 'send: -32, close: 0'],
      'restart asker': ['receive: 0 bytes, 0 wrong, end 0', 'send: -32, close: 0'],
      'kill giver': ['receive: N bytes, 0 wrong, end -32', ''],
      'restart giver': ['receive: N bytes, 0 wrong, end -32', 'send: -32, close: 0'],
    },
  },
  {
    name: 'a call that is in its callee',
    asker: ['bind', 'e', 'call', 7, 200_000, 0, 0, 0],
    giver: ['offer', 'e', 1, 'fill', 1],
    connect: ({ monitor }, asker, giver) => monitor.allowCall('e', asker, giver),
    isThere: ({ monitor }, asker) =>
      monitor.stats(asker).threads.some(({ path, waitsFor }) => path.length === 2 && waitsFor === 'time'),
    told: {
      'pause asker': ['bind: 0, call 7: 0', 'offer: 0, filled'],
      'pause giver': ['bind: 0, call 7: 0', 'offer: 0, filled'],
      'kill asker': ['bind: 0', 'offer: 0, filled'],
      // The stack that the first call had serves again.
      'restart asker': ['bind: 0, bind: 0, call 7: 0', 'offer: 0, filled'],
      'kill giver': ['bind: 0, call 7: -32', 'offer: 0'],
      'restart giver': ['bind: 0, call 7: -32', 'offer: 0, offer: 0, filled'],
    },
  },
  {
    name: 'a wait for a word of a file',
    asker: ['open', 'f', 1, 'await', 0, 0, 300_000],
    giver: ['open', 'f', 2, 'sleep', 200_000, 'put-word', 0, 0, 1, 'notify', 0],
    connect: ({ monitor }, asker, giver) => {
      const file = monitor.createFile('f', 64);
      monitor.allowFile(file, asker, 1);
      monitor.allowFile(file, giver, 3);
    },
    isThere: ({ monitor }, asker) => monitor.stats(asker).threads[0].waitsFor.startsWith('word'),
    told: {
      'pause asker': [`${OPEN}, await: 0`, WOKEN],
      // Time goes on in a pause, and jumps: the other one's is over.
      'pause giver': [`${OPEN}, await: -110`, NOBODY],
      'kill asker': [OPEN, NOBODY],
      'restart asker': [`${OPEN}, ${OPEN}, await: 0`, WOKEN],
      'kill giver': [`${OPEN}, await: -110`, OPEN],
      'restart giver': [`${OPEN}, await: 0`, `${OPEN}, ${WOKEN}`],
    },
  },
];

/** Without what a send that was cut short has brought over, and when that was. */
const wordsOf = (world: World, cvm: Cvm): string =>
  world
    .lines(cvm)
    .join(', ')
    .replace(/, time \d+/, '')
    .replace(/receive: \d+ bytes, 0 wrong, end -32/, 'receive: N bytes, 0 wrong, end -32');

describe('in the middle of', () => {
  for (const { name, asker, giver, connect, isThere, told } of SITUATIONS) {
    for (const act of ['pause', 'kill', 'restart'] as const) {
      for (const side of ['asker', 'giver'] as const) {
        it(`${name}: ${act} the ${side}`, async () => {
          const world = await World.create({ slice: 500, engine: 'interp' });
          const { monitor } = world;
          const make = (role: string, verbs: Situation['asker']): Cvm =>
            world.cvm(role, { image: 'worker', arguments: [...verbs, 'exit', '0'].map(String) });
          const cast = { asker: make('asker', asker), giver: make('giver', giver) };
          connect(world, cast.asker, cast.giver);
          world.start(cast.giver, cast.asker);
          while (!isThere(world, cast.asker)) await monitor.run({ budget: 100n });
          expect([cast.asker.state, cast.giver.state]).to.deep.equal(['running', 'running']);
          if (act === 'pause') {
            monitor.pause(cast[side]);
            await monitor.run({ budget: 2_000n });
            expect(cast[side].state).to.equal('paused');
            monitor.resume(cast[side]);
          } else monitor[act](cast[side]);
          await monitor.run({ budget: 10_000_000n });
          const said = [cast.asker, cast.giver].map((cvm) => wordsOf(world, cvm));
          expect(said).to.deep.equal(told[`${act} ${side}`]);
        });
      }
    }
  }
});
