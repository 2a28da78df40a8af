// The numbered examples, run from their manifests as `capvm up` runs them: what they print, how they end.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { deploy, parseManifest } from '../../src/monitor/index.ts';
import type { CvmState } from '../../src/monitor/index.ts';
import { imageBytes } from '../monitor/world.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

interface Ending {
  readonly reason: string;
  /** By cVM. */
  readonly lines: Record<string, string[]>;
  readonly states: Record<string, readonly [CvmState, number | undefined]>;
}

async function up(example: string): Promise<Ending> {
  const lines: Record<string, string[]> = {};
  const text: Record<string, string> = {};
  const { monitor, cvms, start } = await deploy(parseManifest(readFileSync(new URL(`${example}.yaml`, EXAMPLES), 'utf8')), {
    switcher: imageBytes('switcher'),
    readImage: (name) => readFileSync(new URL(name, EXAMPLES)),
    onConsole: ({ name }, bytes) => (text[name] = (text[name] ?? '') + Buffer.from(bytes).toString()),
  });
  start();
  const { reason } = await monitor.run({ budget: 100_000_000n });
  for (const name of cvms.keys()) lines[name] = (text[name] ?? '').split('\n').slice(0, -1);
  const states = Object.fromEntries([...cvms.values()].map(({ name, state, exitCode }) => [name, [state, exitCode] as const]));
  return { reason, lines, states };
}

const EXITED = ['exited', 0] as const;

/** What each example's cVMs print, and those that do not exit with 0. */
const EXPECTED: Record<string, { lines: Record<string, string[]>; states?: Ending['states'] }> = {
  '02-hello': {
    lines: {
      hello: [
        'hello from a cVM with 3 arguments',
        '  argument 0: first',
        '  argument 1: 2',
        '  argument 2: the third one',
        'slept at least 5 ms',
        'entropy came: yes',
        'heap: at least 64 KiB, last byte aa',
      ],
    },
  },
  '03-threads': {
    lines: {
      threads: [
        'the last one is done',
        '4 threads counted to 4000',
        'nobody wakes: ETIMEDOUT',
        'fault of cause 28 taken, capability check 1',
      ],
    },
  },
  '04-file': {
    lines: {
      writer: ['board has 4096 bytes'],
      reader: [
        'open to write: EPERM',
        'line 1: one file',
        'line 2: two cVMs',
        'line 3: no copy in between',
        'at the end: 8, behind it: 0',
      ],
      ping: ['ping: 10 turns'],
      pong: ['pong: 10 turns'],
    },
  },
  '05-revocation': {
    lines: {
      owner: ['taken back'],
      guest: [
        'open: 16384 bytes',
        'it said a, then: EREVOKED',
        'open: 8192 bytes',
        'it said b, then: EREVOKED',
        'the owner has ended',
      ],
    },
  },
  '06-call': {
    lines: {
      store: [],
      front: [],
      client: [
        'kept 30 bytes: capabilities all the way down',
        'it has 4 letters a',
        'too large: E2BIG',
        'unknown verb: ENOSYS',
        'a callee that crashes: ECANCELED',
        'a callee that hangs: ETIMEDOUT',
        'a callee that writes too much: ECANCELED',
        'not allowed: EPERM',
        'still there: 30',
      ],
    },
    states: { store: ['running', undefined], front: ['running', undefined] },
  },
  '07-stream': {
    lines: { numbers: ['sent 1000 numbers'], squares: ['end of file'], sum: ['sum of squares: 333833500'] },
  },
  '08-poll': {
    lines: {
      collector: [
        'burst: 1024 bytes, then end of file',
        'mortal: 17 bytes, then EPIPE',
        'steady: 25 bytes, then end of file',
      ],
      steady: [],
      burst: ['sent 1024 bytes'],
      mortal: [],
    },
    states: { mortal: ['faulted', undefined] },
  },
  '09-loan': {
    lines: {
      lender: ['first loan is back', 'second loan is recalled'],
      borrower: ['first loan: 65536 bytes of a', 'second loan: EREVOKED', 'no more: EPIPE'],
    },
  },
};

describe('examples for cVMs', () => {
  for (const [example, { lines, states = {} }] of Object.entries(EXPECTED)) {
    it(example, async () => {
      const ending = await up(example);
      expect(ending.lines).to.deep.equal(lines);
      expect(ending.states).to.deep.equal({
        ...Object.fromEntries(Object.keys(lines).map((name) => [name, EXITED])),
        ...states,
      });
      expect(ending.reason).to.equal('ended');
    });
  }

  it('are all run', () => {
    const sources = readdirSync(new URL('../../guests/examples/', import.meta.url)).filter((name) => name.endsWith('.c'));
    expect(sources.map((name) => name.slice(0, -2)).sort()).to.deep.equal(Object.keys(EXPECTED));
  });
});
