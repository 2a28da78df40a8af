// A traced program's memory, looked at while its system call stands still. Trust: where it lies and every address are a
// guest's word; nothing outside the data of its cVM is read.
import type { Cvm, Monitor } from '../../monitor/index.ts';

/** Bytes at a program's address; undefined: it has none there. */
export type Peek = (address: bigint, size: number) => Uint8Array | undefined;

const PIECE = 64;
/** The program's own addresses begin here. */
const LOWEST = 0x10000n;
const HIGHEST = 1n << 32n;

/** `memory`: where the program's address 0 would lie, in addresses of the cVM. */
export function peekInto(monitor: Monitor, cvm: Cvm, memory: bigint): Peek {
  const { data, origin } = cvm;
  return (address, size) => {
    if (address < LOWEST || address >= HIGHEST || memory >= HIGHEST || size < 0) return undefined;
    const start = memory + address + BigInt(origin);
    const [first, end] = [BigInt(data.base), BigInt(data.base + data.sizeBytes)];
    if (start < first || start + BigInt(size) > end) return undefined;
    return monitor.machine.memory.read(start, size);
  };
}

/** Text up to its NUL, at most `most` bytes; undefined: there is none. */
export function peekText(
  peek: Peek,
  address: bigint,
  most: number,
): { bytes: Uint8Array; isWhole: boolean } | undefined {
  const parts: Uint8Array[] = [];
  for (let done = 0; done < most; done += PIECE) {
    const piece = peek(address + BigInt(done), Math.min(PIECE, most - done));
    if (piece === undefined) return undefined;
    const end = piece.indexOf(0);
    parts.push(end < 0 ? piece : piece.subarray(0, end));
    if (end >= 0) return { bytes: Buffer.concat(parts), isWhole: true };
  }
  return { bytes: Buffer.concat(parts), isWhole: false };
}
