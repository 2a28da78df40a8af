// Host code as a peer of cVMs. A peer is an ordinary cVM with a program of ours (guests/peer): it makes calls, serves
// entries and moves bytes because host code tells it to. So host code gets at other cVMs what a manifest would give a
// cVM, through the same gates, and no more.
//
//   const peer = Peer.create(monitor, { name: 'host-side', image: readFileSync('guests/images/peer.elf') });
//   monitor.allowCall('echo', peer.cvm, echo);
//   const run = monitor.run();
//   const { value } = await peer.call('echo', [1n, 2n]);
//   await peer.end();
//   await run;
import { CvmError, readImage } from '../monitor/index.ts';
import type { Cvm, Image, Monitor } from '../monitor/index.ts';
import { Crew } from './crew.ts';
import type { Handle } from './crew.ts';
import { PeerError } from './errors.ts';
import { nanoseconds, PeerFile } from './file.ts';
import type { Patience, Rights } from './file.ts';
import { Link } from './link.ts';
import { encode, nameBytes, NEWS, REQUESTS_PER_STACK, STACKS, VERB, WORKERS } from './protocol.ts';
import type { Frame } from './protocol.ts';
import { answerTo } from './service.ts';
import type { Handler } from './service.ts';
import { Streams } from './streams.ts';

export interface PeerOptions {
  /** What host code threw that served a call; the caller got -ECANCELED. Default: the monitor's run() throws it. */
  readonly onError?: (error: unknown, entry: string) => void;
}

export interface PeerSpec extends PeerOptions {
  /** Of the cVM: at most 28 characters. */
  readonly name: string;
  /** The peer's program: guests/images/peer.elf. */
  readonly image: Uint8Array | Image;
  /** Bytes of a buffer, or of a piece of a stream, at most: a power of two from 1 KiB. Default 16 KiB. */
  readonly payloadBytes?: number;
  /** Of the cVM. Default: room for all that can be at work at once, and eight streams to receive from. */
  readonly memory?: number;
  /** The monitor's run does not wait for its end. Default false. */
  readonly background?: boolean;
}

export interface CallOptions extends Patience {
  /** At most payloadBytes; from 4 KiB on a multiple of what exact bounds need (EINVAL). */
  readonly buffer?: Uint8Array;
  /** The callee cannot write it; no copy comes back. */
  readonly readOnly?: boolean;
}

export interface CallResult {
  readonly value: bigint;
  /** The buffer as the callee left it, if it could write it. */
  readonly buffer: Uint8Array | undefined;
}

export interface ServeOptions {
  /**
   * Calls that may be in it at once; more get -EAGAIN. Those who may call have equal shares. All entries of a peer: 16.
   * Default 4.
   */
  readonly concurrency?: number;
}

const PAYLOAD_DEFAULT = 16 * 1024;
const PAYLOAD_LEAST = 1024;
const PROGRAM_BYTES = 320 * 1024;
const STREAMS = 8;
const PAGE = 4096;
const CONCURRENCY_DEFAULT = 4;
const RIGHTS = { r: 1n, w: 2n, rw: 3n };

export class Peer {
  readonly cvm: Cvm;
  readonly #monitor: Monitor;
  readonly #onError: PeerOptions['onError'];
  readonly #link: Link;
  readonly #crew: Crew;
  readonly #streams: Streams;
  readonly #payloadBytes: number;
  readonly #bound = new Map<string, Promise<Handle>>();
  /** By stack. */
  readonly #services: { readonly name: string; readonly handler: Handler }[] = [];
  /** What others can call, offered anew in each life of the peer's program. */
  readonly #offered = new Map<string, { readonly first: number; readonly count: number }>();
  /** Requests that handlers work on; the peer's program sends no other for these places. */
  readonly #inHand = new Set<number>();
  #ended!: Promise<void>;
  #hasEnded!: () => void;

  /** A cVM of its own, started. Grant it what it may do with the monitor's allowCall, connect and allowFile. */
  static create(
    monitor: Monitor,
    { name, image, payloadBytes = PAYLOAD_DEFAULT, memory, background, onError }: PeerSpec,
  ): Peer {
    checkPayload(name, payloadBytes);
    const room =
      PROGRAM_BYTES +
      (WORKERS + STACKS * REQUESTS_PER_STACK) * Math.max(payloadBytes, PAGE) +
      STREAMS * (payloadBytes + PAGE);
    const cvm = monitor.createCvm({
      name,
      image: image instanceof Uint8Array ? readImage(image, 'peer') : image,
      memory: memory ?? room,
      arguments: [`${name}.in`, `${name}.out`, String(payloadBytes)],
      threads: WORKERS + 1,
      background,
    });
    const peer = new Peer(monitor, cvm, { onError });
    monitor.start(cvm);
    return peer;
  }

  /**
   * Host code for a cVM of a manifest, before it starts: its image is peer.elf, it has 17 threads and the arguments
   * [NAME.in, NAME.out, payloadBytes]. Throws CvmError.
   */
  static attach(monitor: Monitor, cvm: Cvm, options: PeerOptions = {}): Peer {
    if (cvm.state !== 'created') throw new CvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${cvm.state}`);
    return new Peer(monitor, cvm, options);
  }

  private constructor(monitor: Monitor, cvm: Cvm, { onError }: PeerOptions) {
    const [commands, news, limit] = cvm.spec.arguments ?? [];
    this.#payloadBytes = Number(limit);
    checkPayload(cvm.name, this.#payloadBytes);
    this.#monitor = monitor;
    this.#onError = onError;
    this.cvm = cvm;
    this.#live();
    const names = { commands, news, payloadBytes: this.#payloadBytes };
    this.#link = new Link(monitor, cvm, names, {
      onFrame: (frame) => this.#onFrame(frame),
      onEnd: () => this.#onEnd(),
      onBegin: () => this.#onBegin(),
    });
    this.#crew = new Crew(this.#link, this.#payloadBytes);
    this.#streams = new Streams(this.#crew, this.#payloadBytes);
  }

  /** Settles when the peer's cVM has ended, however; after a restart, when it has ended again. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Calls an entry of another cVM, once that offers it. The callee's errors reject: EAGAIN all its stacks are in use,
   * ECANCELED it faulted, EPIPE it ended, ETIMEDOUT, or what it returned.
   */
  async call(name: string, args: readonly (bigint | number)[] = [], options: CallOptions = {}): Promise<CallResult> {
    const { buffer, readOnly = false } = options;
    const time = nanoseconds(options);
    if (args.length > 4) throw new PeerError('E2BIG', `call ${name} with ${args.length} arguments`);
    const handle = await this.#bind(name, time);
    const values = [handle, readOnly ? 1n : 0n, time, ...args.map(BigInt)];
    try {
      const reply = await this.#crew.perform(`call ${name}`, VERB.call, values, buffer);
      return { value: reply.values[0], buffer: buffer === undefined || readOnly ? undefined : reply.payload };
    } catch (error) {
      // A callee that has ended may begin anew, behind another handle.
      if (error instanceof PeerError && error.errno === 'EPIPE') this.#bound.delete(name);
      throw error;
    }
  }

  /** Serves an entry for as long as the peer lives, and again after a restart; resolves when others can call it. */
  async serve(name: string, handler: Handler, { concurrency = CONCURRENCY_DEFAULT }: ServeOptions = {}): Promise<void> {
    const first = this.#services.length;
    if (!Number.isInteger(concurrency) || concurrency < 1 || first + concurrency > STACKS)
      throw new PeerError('ENOMEM', `serve ${name} ${concurrency} times: ${STACKS - first} of ${STACKS} are left`);
    for (let i = 0; i < concurrency; i++) this.#services.push({ name, handler });
    await this.#offer(name, first, concurrency);
    this.#offered.set(name, { first, count: concurrency });
  }

  /** A shared file, opened when it is first used; waits for one that its owner has not advertised yet. */
  file(name: string, rights: Rights, patience: Patience = {}): PeerFile {
    const values = [RIGHTS[rights], nanoseconds(patience)];
    const open = (): Promise<Handle> => this.#crew.open(`open ${name}`, VERB.fileOpen, values, nameBytes(name));
    return new PeerFile(this.#crew, { name, rights, piece: this.#payloadBytes, open });
  }

  /** Resolves when all bytes are in the receiver's ring. Sends of one stream keep their order. */
  send(stream: string, bytes: Uint8Array): Promise<void> {
    return this.#streams.send(stream, bytes);
  }

  /** What comes, until the end of file; throws EPIPE when the sender died. The time-out is that of each piece. */
  receive(stream: string, patience: Patience = {}): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#streams.receive(stream, patience);
  }

  /** Closes the peer's end of a stream, behind what is being sent. */
  close(stream: string): Promise<void> {
    return this.#streams.close(stream);
  }

  /** Lends a copy of these bytes to the receiver of a stream; resolves when it is returned. ETIMEDOUT: it was recalled. */
  lend(stream: string, bytes: Uint8Array, patience: Patience = {}): Promise<void> {
    return this.#streams.lend(stream, bytes, patience);
  }

  /** The next buffer lent through a stream that the peer receives; close() returns it. */
  borrow(stream: string, patience: Patience = {}): Promise<PeerFile> {
    return this.#streams.borrow(stream, patience);
  }

  /** The peer's cVM exits, what is pending rejects with EPIPE, runs do not wait for host code any more. */
  end(): Promise<void> {
    this.#link.close();
    return this.ended;
  }

  async #offer(name: string, first: number, count: number): Promise<void> {
    await this.#crew.perform(`serve ${name}`, VERB.offer, [BigInt(first), BigInt(count)], nameBytes(name));
  }

  #bind(name: string, time: bigint): Promise<Handle> {
    const known = this.#bound.get(name);
    if (known !== undefined) return known;
    const bound = this.#crew.open(`bind ${name}`, VERB.bind, [time], nameBytes(name));
    this.#bound.set(name, bound);
    bound.catch(() => {
      if (this.#bound.get(name) === bound) this.#bound.delete(name);
    });
    return bound;
  }

  #onFrame(frame: Frame): void {
    if (frame.verb === NEWS.ready) this.#crew.ready();
    else if (frame.verb === NEWS.reply) this.#crew.take(frame);
    else if (frame.verb === NEWS.request) queueMicrotask(() => void this.#answer(frame));
  }

  async #answer(request: Frame): Promise<void> {
    const service = this.#services[Math.floor(request.place / REQUESTS_PER_STACK)];
    if (service === undefined || this.#inHand.has(request.place)) return;
    this.#inHand.add(request.place);
    const { life } = this.#crew;
    const caller = { name: this.#monitor.cvms.find(({ id }) => id === request.caller)?.name ?? '' };
    const { value, buffer, failure } = await answerTo(service.handler, request, caller);
    // A program that was restarted meanwhile did not ask.
    if (life === this.#crew.life) {
      this.#inHand.delete(request.place);
      this.#link.send(encode(VERB.answer, request.place, [value], buffer));
    }
    if (failure === undefined) return;
    try {
      if (this.#onError === undefined) throw failure.error;
      this.#onError(failure.error, service.name);
    } catch (error) {
      this.#link.fail(error);
    }
  }

  #onEnd(): void {
    this.#crew.dismiss();
    this.#streams.forget();
    this.#bound.clear();
    this.#inHand.clear();
    this.#hasEnded();
  }

  /** The host's run() throws what keeps the program from serving again. */
  #onBegin(): void {
    this.#live();
    for (const [name, { first, count }] of this.#offered) {
      this.#offer(name, first, count).catch((error: unknown) => {
        if (!(error instanceof PeerError && error.errno === 'EPIPE')) this.#link.fail(error);
      });
    }
  }

  #live(): void {
    this.#ended = new Promise((resolve) => (this.#hasEnded = resolve));
  }
}

function checkPayload(name: string, bytes: number): void {
  if (Number.isInteger(Math.log2(bytes)) && bytes >= PAYLOAD_LEAST) return;
  throw new CvmError(
    'ERR_CVM_SPEC',
    `cVM ${name}: a peer's payload of ${bytes} bytes is no power of two from ${PAYLOAD_LEAST}`,
  );
}
