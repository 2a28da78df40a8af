// What a library OS counts (struct kernel in guests/libos/kernel/lock.h), read from its memory. Trust: a guest's numbers,
// shown and nothing else.
import type { Cvm, CvmStats, Monitor } from '../monitor/index.ts';
import type { CallCount } from './trace/trace.ts';

const SYMBOL = 'kernel';
const BYTES = 32;
const PAGE = 4096;

export interface LinuxStats {
  readonly processes: number;
  /** Without those that need no lock (getpid, clock_gettime, …), unless they are traced. */
  readonly systemCalls: number;
  /** What processes have mapped, now and at most, and what they may have; bytes. */
  readonly mapped: number;
  readonly mostMapped: number;
  readonly processMemory: number;
  /** Bytes of its networks, frames included. */
  readonly sent: number;
  readonly received: number;
  /** Of traced programs. */
  readonly calls: readonly (Omit<CallCount, 'nanoseconds'> & { readonly nanoseconds: number })[];
}

/** Of its present life. */
export function linuxStats(
  monitor: Monitor,
  cvm: Cvm,
  processMemory: number,
  calls: readonly CallCount[],
): LinuxStats | undefined {
  const counts = read(monitor, cvm);
  if (counts === undefined) return undefined;
  const { streams } = monitor.stats(cvm);
  return {
    processes: counts.getUint32(4, true),
    systemCalls: Number(counts.getBigUint64(8, true)),
    mapped: Number(counts.getBigUint64(16, true)) * PAGE,
    mostMapped: Number(counts.getBigUint64(24, true)) * PAGE,
    processMemory,
    sent: bytesOf(streams, 'send'),
    received: bytesOf(streams, 'receive'),
    calls: calls.map((call) => ({ ...call, nanoseconds: Number(call.nanoseconds) })),
  };
}

function read(monitor: Monitor, cvm: Cvm): DataView | undefined {
  const symbol = cvm.image.symbols.address(SYMBOL);
  const address = symbol === undefined ? 0 : Number(symbol) + cvm.origin;
  const { base, sizeBytes } = cvm.data;
  if (address < base || address + BYTES > base + sizeBytes) return undefined;
  const bytes = monitor.machine.memory.read(BigInt(address), BYTES);
  return new DataView(bytes.buffer, bytes.byteOffset, BYTES);
}

const bytesOf = (streams: CvmStats['streams'], way: 'send' | 'receive'): number =>
  streams
    .filter(({ name, direction }) => name.startsWith('net.') && direction === way)
    .reduce((sum, { bytes }) => sum + bytes, 0);
