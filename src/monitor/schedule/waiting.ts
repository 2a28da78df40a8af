// The hostcalls that wait and wake. Trust: as hostcalls.ts, whose table names them; they touch nothing but through
// GuestBuffer and conditions, and change nothing but who runs when.
import * as abi from '../abi.ts';
import { GuestBuffer } from '../guest-buffer.ts';
import type { Answer } from '../hostcalls.ts';
import type { Kernel } from '../kernel.ts';
import type { Call, Condition } from '../types.ts';
import { BLOCKED, conditionOf, deadlineOf, fileWord, waitFor } from './wait.ts';

const SEND = BigInt(abi.STREAM_SEND);
const RECEIVE = BigInt(abi.STREAM_RECEIVE);

export const isDirection = (value: bigint): boolean => value === SEND || value === RECEIVE;

export function sleep({ kernel, thread, arguments: [nanoseconds] }: Call): Answer {
  kernel.scheduler.block(thread, 'time', nanoseconds === 0n ? kernel.now : deadlineOf(kernel, nanoseconds), 0);
  return BLOCKED;
}

/** Waits until the word is not `expected`; -EAGAIN: it is not. */
function waitForWord({ kernel, thread }: Call, condition: Condition | number, nanoseconds: bigint): Answer {
  if (typeof condition === 'number') return condition;
  return condition.isMet() ? -abi.EAGAIN : waitFor(kernel, thread, [condition], nanoseconds);
}

const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

export function block(call: Call): Answer {
  const { kernel, cvm, arguments: [place, expected, nanoseconds] } = call; // prettier-ignore
  const wish = { kind: abi.POLL_WORD, handle: 0n, place, expected: u32(expected) };
  return waitForWord(call, conditionOf(kernel, cvm, wish), nanoseconds);
}

export function wake({ kernel, memory, cvm, arguments: [address, count] }: Call): Answer {
  return wakeOn(kernel, GuestBuffer.of(memory, cvm, address, 4n, 4), count);
}

function wakeOn(kernel: Kernel, word: GuestBuffer | number, count: bigint): Answer {
  if (typeof word === 'number') return word;
  if (word.region.base % 4 !== 0) return -abi.EINVAL;
  return kernel.scheduler.wakeOn(word.region.base, u32(count));
}

/** The items are read once; the first that is wrong decides. */
export function poll({ kernel, memory, cvm, thread, arguments: [address, count, nanoseconds] }: Call): Answer {
  if (count === 0n || count > BigInt(abi.POLL_ITEMS)) return -abi.EINVAL;
  const size = Number(count) * abi.POLL_ITEM_SIZE;
  const buffer = GuestBuffer.of(memory, cvm, address, BigInt(size), size);
  if (typeof buffer === 'number') return buffer;
  const items = new DataView(buffer.read().buffer);
  const conditions: Condition[] = [];
  for (let at = 0; at < size; at += abi.POLL_ITEM_SIZE) {
    const condition = conditionOf(kernel, cvm, {
      kind: items.getUint32(at + abi.POLL_KIND, true),
      handle: BigInt(items.getUint32(at + abi.POLL_HANDLE, true)),
      place: items.getBigUint64(at + abi.POLL_PLACE, true),
      expected: items.getUint32(at + abi.POLL_EXPECTED, true),
    });
    if (typeof condition === 'number') return condition;
    conditions.push(condition);
  }
  return waitFor(kernel, thread, conditions, nanoseconds);
}

export function streamWait({ kernel, cvm, thread, arguments: [handle, direction, place, nanoseconds] }: Call): Answer {
  if (!isDirection(direction)) return -abi.EINVAL;
  const kind = direction === SEND ? abi.POLL_SEND : abi.POLL_RECEIVE;
  const condition = conditionOf(kernel, cvm, { kind, handle, place, expected: 0 });
  return typeof condition === 'number' ? condition : waitFor(kernel, thread, [condition], nanoseconds);
}

export function fileWait(call: Call): Answer {
  const { kernel, cvm, arguments: [handle, place, expected, nanoseconds] } = call; // prettier-ignore
  const wish = { kind: abi.POLL_FILE, handle, place, expected: u32(expected) };
  return waitForWord(call, conditionOf(kernel, cvm, wish), nanoseconds);
}

export function fileNotify({ kernel, cvm, arguments: [handle, offset, count] }: Call): Answer {
  return wakeOn(kernel, fileWord(kernel, cvm, handle, offset), count);
}

/** Notifies one and waits, in one service. */
export function fileExchange(call: Call): Answer {
  const { kernel, cvm, arguments: [handle, notify, ...wait] } = call; // prettier-ignore
  const woken = wakeOn(kernel, fileWord(kernel, cvm, handle, notify), 1n);
  return typeof woken === 'number' && woken < 0 ? woken : fileWait({ ...call, arguments: [handle, ...wait] });
}
