// The broker of guests/services, which offers Redis as a call: its callers are host code, and Redis is, too, so that it can
// answer what Redis does not.
import { expect } from 'chai';
import type { HostSink, HostSource } from '../../src/monitor/index.ts';
import { encodeFrame, FRAME, FrameReader } from '../../src/services/network/frames.ts';
import type { Frame } from '../../src/services/network/frames.ts';
import { bytes, errnoOf, Scene, text } from '../peer/scene.ts';

const [GET, SET] = [0, 1];
const VALUE = 64;
/** Bytes that the broker may send unread. */
const WINDOW = 262_144;
const KEY = 'key';

/** Answers requests as it is told, in frames of `piece` bytes. */
class FakeRedis implements HostSource, HostSink {
  readonly requests: string[] = [];
  readonly frames: Frame[] = [];
  readonly #reader = new FrameReader();
  readonly #piece: number;
  #queue = Buffer.alloc(0);
  answer: (request: string) => string | Frame['type'] = () => '+OK\r\n';
  onMore: () => void = () => {};

  constructor(piece: number) {
    this.#piece = piece;
  }

  write(received: Uint8Array): void {
    for (const frame of this.#reader.read(received)) this.#take(frame);
  }

  read(into: Uint8Array): number | undefined {
    const part = this.#queue.subarray(0, into.length);
    into.set(part);
    this.#queue = this.#queue.subarray(part.length);
    return part.length === 0 ? undefined : part.length;
  }

  #take(frame: Frame): void {
    const { connection, type, payload } = frame;
    this.frames.push(frame);
    if (type === FRAME.open) return this.#send({ connection, type: FRAME.opened, value: WINDOW });
    if (type !== FRAME.data) return;
    const request = text(payload);
    this.requests.push(request);
    const answer = this.answer(request);
    if (typeof answer === 'number') return this.#send({ connection, type: answer });
    for (let at = 0; at < answer.length; at += this.#piece)
      this.#send({ connection, type: FRAME.data, payload: bytes(answer.slice(at, at + this.#piece)) });
  }

  #send(frame: Parameters<typeof encodeFrame>[0]): void {
    this.#queue = Buffer.concat([this.#queue, encodeFrame(frame)]);
    setImmediate(() => this.onMore());
  }
}

interface Set {
  readonly redis: FakeRedis;
  /** What a call gives: the result and the value, or the error's name. */
  call(verb: number, value?: string, room?: number): Promise<unknown>;
}

async function withBroker(piece: number, action: (set: Set) => Promise<void>): Promise<void> {
  const scene = await Scene.create();
  const { monitor, peer, world } = scene;
  const redis = new FakeRedis(piece);
  const broker = world.cvm('broker', {
    ...{ image: 'services/broker', memory: 2 ** 20, background: true, arguments: ['up', 'down', 'redis'] },
  });
  monitor.connect('up', broker, redis);
  const down = monitor.connect('down', redis, broker);
  redis.onMore = () => down.more();
  monitor.allowCall('redis', peer.cvm, broker);
  monitor.start(broker);
  const attendant = monitor.attend();
  const call = async (verb: number, value = '', room = 100): Promise<unknown> => {
    const buffer = new Uint8Array(VALUE + room);
    buffer.set(bytes(KEY));
    buffer.set(bytes(value), VALUE);
    const made = peer.call('redis', [verb, KEY.length, value.length], { buffer });
    const got = await errnoOf(made.then(({ value: size, buffer: back }) => [Number(size), text(back!.slice(VALUE, VALUE + Number(size)))])); // prettier-ignore
    return got;
  };
  try {
    await scene.during(() => action({ redis, call }));
  } finally {
    attendant.leave();
    monitor.machine.dispose();
  }
}

describe('The broker of Redis', () => {
  for (const piece of [1, 5, 4096]) {
    it(`passes calls on as requests, and answers back, in pieces of ${piece}`, () =>
      withBroker(piece, async ({ redis, call }) => {
        expect(await call(SET, 'a value')).to.deep.equal([0, '']);
        redis.answer = () => '$7\r\na\r\nalue\r\n';
        expect(await call(GET)).to.deep.equal([7, 'a\r\nalue']);
        redis.answer = () => '$0\r\n\r\n';
        expect(await call(GET)).to.deep.equal([0, '']);
        expect(redis.requests).to.deep.equal([
          '*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$7\r\na value\r\n',
          ...Array<string>(2).fill('*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n'),
        ]);
      }));
  }

  it('says what is wrong, and goes on', () =>
    withBroker(4096, async ({ redis, call }) => {
      const answering = (answer: string, verb: number, room?: number): Promise<unknown> => {
        redis.answer = () => answer;
        return call(verb, '', room);
      };
      expect(await answering('$-1\r\n', GET)).to.equal('ENOENT');
      expect(await answering('-WRONGTYPE of value\r\n', GET)).to.equal('EINVAL');
      expect(await answering('-OOM\r\n', SET)).to.equal('EINVAL');
      expect(await answering('$7\r\na value\r\n', GET, 6)).to.equal('E2BIG');
      expect(await answering('$7\r\na value\r\n', GET, 7)).to.deep.equal([7, 'a value']);
      expect(await call(2)).to.equal('EINVAL');
    }));

  it('tells Redis’s side what it has read', () =>
    withBroker(2000, async ({ redis, call }) => {
      redis.answer = () => `$4096\r\n${'v'.repeat(4096)}\r\n`;
      for (let round = 0; round < 40; round++)
        expect(await call(GET, '', 8192 - VALUE)).to.deep.equal([4096, 'v'.repeat(4096)]);
      const credits = redis.frames.filter(({ type }) => type === FRAME.credit).map(({ value }) => value);
      expect(credits).to.have.length(2);
      for (const credit of credits) expect(credit).to.be.within(65_536, 65_536 + 4_096);
    }));

  it('answers EPIPE when Redis is gone', () =>
    withBroker(4096, async ({ redis, call }) => {
      redis.answer = () => FRAME.reset;
      expect(await call(GET)).to.equal('EPIPE');
    }));
});
