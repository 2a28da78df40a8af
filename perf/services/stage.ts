// Who is on a machine: servers, and clients of which one runs at a time.
import { readImage } from '../../src/monitor/index.ts';
import type { Cvm, Image, Monitor } from '../../src/monitor/index.ts';
import { addSystemFiles, addSystemLinks, buildImage, ImageTree } from '../../src/image/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { deployLinux, vdsoFile } from '../../src/services/index.ts';
import type { StreamPair } from '../../src/services/index.ts';
import type { Case } from './rows.ts';
import { HTTP_PORT, PYTHON_SERVICE } from './python-service.ts';

/** Contents of a guest image by its name, say `services/broker`. */
export type ReadGuest = (name: string) => Uint8Array;

export interface Server {
  readonly cvm: Cvm;
  /** What it prints when it can be asked. */
  readonly ready: string;
}

export interface Client {
  readonly cvm: Cvm;
  /** cVMs of the client's side that are started with it. */
  readonly between?: readonly Cvm[];
}

export interface Stage {
  readonly servers: readonly Server[];
  readonly clients: readonly Client[];
}

/** Makes a client that reaches Redis by these streams, which are not connected yet. */
export interface ClientPlan {
  /** Bytes of the machine. */
  readonly memory: number;
  deploy(monitor: Monitor, redis: Cvm, name: string, streams: StreamPair, libos?: Image): Client;
}

const MEBIBYTE = 2 ** 20;
export const PROCESS_MEMORY = 64 * MEBIBYTE;
export const KERNEL_MEMORY = 16 * MEBIBYTE;
/** Of a cVM with a program of Debian's. */
export const CVM_MEMORY = PROCESS_MEMORY + KERNEL_MEMORY + MEBIBYTE;
export const SIZES = { processMemory: PROCESS_MEMORY, kernelMemory: KERNEL_MEMORY };
const SMALL_SIZES = { processMemory: 2 * MEBIBYTE, kernelMemory: 4 * MEBIBYTE };
const SMALL_MEMORY = 8 * MEBIBYTE;
/** Of a cVM without a library OS: 256 KiB for a stream's ring, batches of requests and answers. */
const BARE_MEMORY = 2 * MEBIBYTE;

/** As many as a cVM may have peers. */
export const CLIENTS_MOST = 7;
export const REDIS_COMMAND = ['redis-server', '--save', '', '--protected-mode', 'no'];
export const REDIS_READY = 'Ready to accept connections';
const FIRST_PEER = '10.0.0.2';

/** Redis and its clients, each of which has a pair of streams with it. `libos`: another library OS than the usual one. */
export function redisStage(monitor: Monitor, image: PackageImage, plans: readonly ClientPlan[], libos?: Image): Stage {
  const names = plans.map((_, index) => `client${index}`);
  const cvm = deployLinux(monitor, {
    ...{ name: 'redis', image, argv: REDIS_COMMAND, background: true, libos, ...SIZES },
    peers: names.map((name) => ({ name, send: `${name}.down`, receive: `${name}.up` })),
  });
  const clients = plans.map((plan, index) => {
    const name = names[index];
    return plan.deploy(monitor, cvm, name, { send: `${name}.up`, receive: `${name}.down` }, libos);
  });
  return { servers: [{ cvm, ready: REDIS_READY }], clients };
}

function connect(monitor: Monitor, client: Cvm, server: Cvm, { send, receive }: StreamPair): void {
  monitor.connect(send, client, server);
  monitor.connect(receive, server, client);
}

/** Debian's own, with these arguments. */
export const redisBenchmark = (image: PackageImage, args: readonly string[]): ClientPlan => ({
  memory: CVM_MEMORY,
  deploy(monitor, redis, name, streams) {
    const argv = ['redis-benchmark', '-h', 'redis', '-q', ...args];
    const cvm = deployLinux(monitor, { name, image, argv, peers: [{ name: 'redis', ...streams }], ...SIZES });
    connect(monitor, cvm, redis, streams);
    return { cvm };
  },
});

/** That are measured, and then looked at closely. */
export interface Operations {
  readonly count: number;
  readonly more: number;
}

/** Arguments that the programs of guests/services take (load.h). */
const loadOf = ({ operation, valueBytes, pipeline }: Case, { count, more }: Operations): string[] => [
  operation === 'redis-set' ? 'set' : operation === 'redis-get' ? 'get' : 'http',
  ...[valueBytes, pipeline, count, more].map(String),
];

/** guests/services/socket-client.c: a Linux program that does nothing but write and read. */
export function socketClient(readGuest: ReadGuest, point: Case, operations: Operations): ClientPlan {
  const argv = ['socket-client', FIRST_PEER, '6379', ...loadOf(point, operations)];
  return {
    memory: SMALL_MEMORY,
    deploy(monitor, redis, name, streams, libos) {
      const image = socketImage(readGuest);
      const peers = [{ name: 'redis', ...streams }];
      const cvm = deployLinux(monitor, { name, image, argv, peers, libos, ...SMALL_SIZES });
      connect(monitor, cvm, redis, streams);
      return { cvm };
    },
  };
}

const socketImages = new WeakMap<ReadGuest, PackageImage>();

/** One for all who are on a machine. */
function socketImage(readGuest: ReadGuest): PackageImage {
  const known = socketImages.get(readGuest);
  if (known !== undefined) return known;
  const tree = new ImageTree();
  addSystemLinks(tree);
  tree.addFile('usr/bin/socket-client', readGuest('services/socket-client'), { mode: 0o755 });
  addSystemFiles(tree, vdsoFile());
  const image = buildImage(tree);
  socketImages.set(readGuest, image);
  return image;
}

/** guests/services/stream-client.c: no library OS, the frames of Redis's connection on the two streams. */
export const streamClient = (readGuest: ReadGuest, point: Case, operations: Operations): ClientPlan => ({
  memory: BARE_MEMORY,
  deploy(monitor, redis, name, streams) {
    const cvm = bare(monitor, readGuest, 'stream-client', name, [...namesOf(streams), ...loadOf(point, operations)]);
    connect(monitor, cvm, redis, streams);
    return { cvm };
  },
});

/** guests/services/call-client.c, and broker.c between it and Redis. */
export const callClient = (readGuest: ReadGuest, point: Case, operations: Operations): ClientPlan => ({
  memory: 2 * BARE_MEMORY,
  deploy(monitor, redis, name, streams) {
    const entry = `${name}.redis`;
    const broker = bare(monitor, readGuest, 'broker', `${name}.broker`, [...namesOf(streams), entry], true);
    connect(monitor, broker, redis, streams);
    const cvm = bare(monitor, readGuest, 'call-client', name, [entry, ...loadOf(point, operations)]);
    monitor.allowCall(entry, cvm, broker);
    return { cvm, between: [broker] };
  },
});

const namesOf = ({ send, receive }: StreamPair): string[] => [send, receive];

function bare(
  monitor: Monitor,
  readGuest: ReadGuest,
  program: string,
  name: string,
  args: readonly string[],
  background = false,
): Cvm {
  const image = readImage(readGuest(`services/${program}`), program);
  return monitor.createCvm({ name, image, memory: BARE_MEMORY, arguments: args, background });
}

/** Redis, a service in Python that asks it, and a client of that. */
export function httpStage(
  monitor: Monitor,
  { redis: redisImage, python }: { readonly redis: PackageImage; readonly python: PackageImage },
  readGuest: ReadGuest,
  loads: readonly (readonly [Case, Operations])[],
): Stage {
  const redis = deployLinux(monitor, {
    ...{ name: 'redis', image: redisImage, argv: REDIS_COMMAND, background: true, ...SIZES },
    peers: [{ name: 'web', send: 'redis.down', receive: 'redis.up' }],
  });
  const names = loads.map((_, index) => `client${index}`);
  const web = deployLinux(monitor, {
    ...{ name: 'web', image: python, argv: ['python3', '-c', PYTHON_SERVICE], background: true, ...SIZES },
    peers: [
      { name: 'redis', send: 'redis.up', receive: 'redis.down' },
      ...names.map((name) => ({ name, send: `${name}.down`, receive: `${name}.up` })),
    ],
  });
  connect(monitor, web, redis, { send: 'redis.up', receive: 'redis.down' });
  const clients = loads.map(([point, operations], index) => {
    const name = names[index];
    const streams = { send: `${name}.up`, receive: `${name}.down` };
    const argv = ['socket-client', FIRST_PEER, String(HTTP_PORT), ...loadOf(point, operations)];
    const image = socketImage(readGuest);
    const cvm = deployLinux(monitor, { name, image, argv, peers: [{ name: 'web', ...streams }], ...SMALL_SIZES });
    connect(monitor, cvm, web, streams);
    return { cvm };
  });
  return { servers: [{ cvm: redis, ready: REDIS_READY }, { cvm: web, ready: 'serving' }], clients }; // prettier-ignore
}
