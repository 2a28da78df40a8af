// What threads wait for: conditions on words of memory and on streams, each with a key that whoever changes it wakes.
// Trust: handles, addresses and numbers are a guest's. A condition is looked at before its thread blocks; nothing can
// happen in between, there is one hart.
import * as abi from '../abi.ts';
import type { Cvm } from '../cvm.ts';
import { GuestBuffer } from '../guest-buffer.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../thread.ts';
import type { Condition } from '../types.ts';

/** Answer of an operation that has blocked the thread. */
export const BLOCKED = Symbol('blocked');

export interface Wish {
  readonly kind: number;
  readonly handle: bigint;
  readonly place: bigint;
  readonly expected: number;
}

const LONGEST = 1n << 62n;
const DO_NOT_WAIT = BigInt.asUintN(64, BigInt(abi.DO_NOT_WAIT));

/** The time at which a wait of so many nanoseconds is over; 0: never. */
export function deadlineOf({ now }: Kernel, nanoseconds: bigint): bigint | undefined {
  if (nanoseconds === 0n) return undefined;
  return now + (nanoseconds > LONGEST ? LONGEST : nanoseconds);
}

/** Index of the first condition that is met; blocks if there is none. -EAGAIN: it shall not wait. */
export function waitFor(kernel: Kernel, thread: Thread, conditions: readonly Condition[], nanoseconds: bigint) {
  const look = (): number => conditions.findIndex(({ isMet }) => isMet());
  let met = look();
  // Host code that was asked may have changed what had been looked at before.
  if (met < 0 && conditions.length > 1) met = look();
  if (met >= 0) return met;
  if (nanoseconds === DO_NOT_WAIT) return -abi.EAGAIN;
  kernel.scheduler.blockOn(thread, conditions, deadlineOf(kernel, nanoseconds), -abi.ETIMEDOUT);
  return BLOCKED;
}

/** A wish of a cVM, checked, or a negated errno. */
export function conditionOf(kernel: Kernel, cvm: Cvm, wish: Wish): Condition | number {
  switch (wish.kind) {
    case abi.POLL_WORD:
      return wordCondition(GuestBuffer.of(kernel.machine.memory, cvm, wish.place, 4n, 4), wish.expected);
    case abi.POLL_FILE:
      return wordCondition(fileWord(kernel, cvm, wish.handle, wish.place, abi.FILE_READ), wish.expected);
    case abi.POLL_RECEIVE:
      return receiveCondition(cvm, wish.handle, (stream) => stream.hasMoreThan(wish.place));
    case abi.POLL_BORROW:
      return receiveCondition(cvm, wish.handle, (stream) => stream.loans.isWaiting);
    case abi.POLL_SEND:
      return sendCondition(cvm, wish.handle, (stream) => stream.takesMore || !kernel.crowded.add(stream));
    case abi.POLL_RETURNED:
      return sendCondition(cvm, wish.handle, (stream) => !stream.loans.isOut(wish.place));
    default:
      return -abi.EINVAL;
  }
}

/** The word at an offset of a shared file that the cVM holds with these rights, or a negated errno. */
export function fileWord(kernel: Kernel, cvm: Cvm, handle: bigint, offset: bigint, rights = 0): GuestBuffer | number {
  const file = cvm.file(handle);
  if (file === undefined) return -abi.EBADF;
  const holder = file.holders.get(cvm);
  if (holder === undefined || file.region === undefined) return -abi.EREVOKED;
  if ((rights & ~holder.rights) !== 0) return -abi.EPERM;
  return GuestBuffer.of(kernel.machine.memory, { data: file.region, origin: file.region.base }, offset, 4n, 4);
}

function wordCondition(word: GuestBuffer | number, expected: number): Condition | number {
  if (typeof word === 'number') return word;
  if (word.region.base % 4 !== 0) return -abi.EINVAL;
  return { key: word.region.base, isMet: () => word.readU32() !== expected };
}

type Look = (stream: NonNullable<ReturnType<Cvm['receiving']>>) => boolean;

function receiveCondition(cvm: Cvm, handle: bigint, look: Look): Condition | number {
  const stream = cvm.receiving(handle);
  if (stream === undefined) return -abi.EBADF;
  return stream.receiverKey === undefined ? -abi.EPIPE : { key: stream.receiverKey, isMet: () => look(stream) };
}

function sendCondition(cvm: Cvm, handle: bigint, look: Look): Condition | number {
  const stream = cvm.sending(handle);
  if (stream === undefined) return -abi.EBADF;
  return stream.senderKey === undefined ? -abi.EPIPE : { key: stream.senderKey, isMet: () => look(stream) };
}
