// What a library OS is told at its start: records "key=value", each ended by a NUL, the whole by an empty one. It reads
// them as a file that the monitor shares with it, read-only (guests/libos/kernel/config.c).
import { ServiceError } from './errors.ts';

export interface Peer {
  /** Its name for programs, in /etc/hosts. */
  readonly name: string;
  /** Streams to it and from it: the side whose sending stream's name comes first opens connections with odd numbers. */
  readonly send: string;
  readonly receive: string;
}

export interface StreamPair {
  readonly send: string;
  readonly receive: string;
}

export interface Disk extends StreamPair {
  readonly mountpoint: string;
}

export interface Configuration {
  /** The shared file that is its package image. */
  readonly image: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly hostname: string;
  /** CLOCK_REALTIME in nanoseconds when the machine's time was 0. */
  readonly epoch: bigint;
  /** Bytes of a process's addresses. */
  readonly processMemory: number;
  readonly processes: number;
  readonly strace: boolean;
  readonly peers: readonly Peer[];
  /** Ports that the host's connections come to. */
  readonly publish: readonly number[];
  /** To the host's network, both ways. */
  readonly uplink?: StreamPair;
  readonly disks: readonly Disk[];
  /** The stream that is standard input; undefined: it is at its end. */
  readonly stdin?: string;
  /** The stream that commands of the host come by. */
  readonly control?: string;
  readonly tty: boolean;
  readonly uid: number;
  readonly gid: number;
}

/** Of all of it. */
const BYTES = 64 * 1024;

/** Throws ServiceError. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const records = recordsOf(configuration).filter(([, value]) => value !== undefined);
  for (const [key, value] of records)
    if (value!.includes('\0')) throw new ServiceError(`${key}: ${JSON.stringify(value)} contains a NUL`);
  const bytes = new TextEncoder().encode(`${records.map(([key, value]) => `${key}=${value}\0`).join('')}\0`);
  if (bytes.length > BYTES)
    throw new ServiceError(`arguments and environment of ${bytes.length} bytes, at most ${BYTES}`);
  return bytes;
}

type Record_ = readonly [key: string, value: string | undefined];

function recordsOf(configuration: Configuration): Record_[] {
  const { image, argv, env, cwd, hostname, epoch, processMemory, processes, strace } = configuration;
  const { peers, publish, uplink, disks, stdin, control, tty, uid, gid } = configuration;
  return [
    ['image', image],
    ...argv.map((argument): Record_ => ['arg', argument]),
    ...Object.entries(env).map(([name, value]): Record_ => ['env', `${name}=${value}`]),
    ['cwd', cwd],
    ['hostname', hostname],
    ['epoch', String(epoch)],
    ['process_memory', String(processMemory)],
    ['processes', String(processes)],
    ['strace', strace ? '1' : '0'],
    ...peers.map(({ name, send, receive }): Record_ => ['peer', `${name} ${send} ${receive}`]),
    ['publish', publish.length === 0 ? undefined : publish.join(',')],
    ['uplink', uplink && `${uplink.send} ${uplink.receive}`],
    ...disks.map(({ send, receive, mountpoint }): Record_ => ['disk', `${send} ${receive} ${mountpoint}`]),
    ['stdin', stdin ?? 'none'],
    ['control', control],
    ['tty', tty ? '1' : '0'],
    ['uid', String(uid)],
    ['gid', String(gid)],
  ];
}
