// Requests per second of host time: redis-benchmark of this host, through a published port, at a Redis in a cVM.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { PackageImage } from '../../src/image/index.ts';
import { deployServices } from '../../src/services/index.ts';
import type { Services } from '../../src/services/index.ts';
import { KERNEL_MEMORY, PROCESS_MEMORY, REDIS_COMMAND, REDIS_READY } from './stage.ts';
import type { ReadGuest } from './stage.ts';

export interface HostRequests {
  readonly operation: 'redis-get' | 'redis-set';
  readonly clients: number;
  readonly pipeline: number;
  readonly requestsPerSecond: number;
}

export interface HostOptions {
  readonly image: PackageImage;
  readonly readGuest: ReadGuest;
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
}

/** Clients, pipeline and requests. */
const LOADS = [[1, 1, 3_000], [10, 1, 8_000], [50, 1, 10_000], [10, 16, 48_000]] as const; // prettier-ignore
const LOADS_QUICK = [[1, 1, 500]] as const; // prettier-ignore
const WARM_UP = 2_000;
const CLIENT = 'redis-benchmark';

/** Null: this host has no redis-benchmark. */
export async function measureHostRequests(options: HostOptions): Promise<HostRequests[] | null> {
  if (spawnSync(CLIENT, ['--version']).error !== undefined) return null;
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  const redis = await publish(options, abort.signal);
  const run = redis.services.monitor.run({ signal: abort.signal });
  try {
    await Promise.race([redis.ready, failAfter(run)]);
    return await Promise.race([askAll(redis.services.ports[0].hostPort, options), failAfter(run)]);
  } finally {
    stop();
    await run;
    redis.services.close();
    redis.services.monitor.machine.dispose();
    options.signal?.throwIfAborted();
  }
}

async function failAfter(run: Promise<{ readonly reason: string }>): Promise<never> {
  const { reason } = await run;
  throw new Error(`the machine with Redis stopped: ${reason}`);
}

async function publish({ image, readGuest }: HostOptions, signal: AbortSignal) {
  let isReady: () => void = () => {};
  let said = '';
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const linux = {
    ...{ command: REDIS_COMMAND, env: {}, processes: 1, kernelMemory: KERNEL_MEMORY, publish: ['127.0.0.1:0:6379'] },
    ...{ connect: [], allow: [], volumes: [], strace: false },
  };
  const redis = { name: 'redis', image: 'redis', memory: PROCESS_MEMORY, arguments: [], linux };
  const services: Services = await deployServices(
    { cvms: [redis], streams: [], calls: [], files: [] },
    {
      switcher: readGuest('switcher'),
      readImage: () => expectNone(),
      openImage: () => image,
      openVolume: () => expectNone(),
      onConsole: (_cvm, bytes) => {
        said += Buffer.from(bytes).toString('latin1');
        if (said.includes(REDIS_READY)) isReady();
      },
    },
  );
  signal.throwIfAborted();
  for (const cvm of services.cvms.values()) services.monitor.start(cvm);
  return { services, ready };
}

function expectNone(): never {
  throw new Error('the manifest has none');
}

async function askAll(port: number, { quick = false, signal }: HostOptions): Promise<HostRequests[]> {
  await ask(port, 1, 1, WARM_UP, signal);
  const found: HostRequests[] = [];
  for (const [clients, pipeline, requests] of quick ? LOADS_QUICK : LOADS)
    found.push(...(await ask(port, clients, pipeline, requests, signal)));
  return found;
}

async function ask(
  port: number,
  clients: number,
  pipeline: number,
  requests: number,
  signal: AbortSignal | undefined,
): Promise<HostRequests[]> {
  const options = { p: port, t: 'set,get', c: clients, P: pipeline, n: requests };
  const args = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(CLIENT, [...args, '--csv'], { signal });
  return readCsv(stdout).map(([operation, requestsPerSecond]) => ({ operation, clients, pipeline, requestsPerSecond }));
}

/** Lines like "GET","12345.67","0.1",…; older versions have no more than two columns, newer ones a line of names. */
export function readCsv(text: string): ['redis-get' | 'redis-set', number][] {
  return text.split('\n').flatMap((line): ['redis-get' | 'redis-set', number][] => {
    const [, name, rate] = /^"(GET|SET)","([0-9.]+)"/.exec(line) ?? [];
    return name === undefined ? [] : [[name === 'GET' ? 'redis-get' : 'redis-set', Math.round(Number(rate))]];
  });
}
