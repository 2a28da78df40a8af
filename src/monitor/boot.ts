// The first page of a cVM's data: c-list, boot information, arguments. Layout: abi.ts.
import type { GuestMemory, RawCapability } from '../host/index.ts';
import {
  ABI_VERSION,
  BOOT_ARGC,
  BOOT_ARGUMENTS,
  BOOT_ARGV,
  BOOT_HEAP_BEGIN,
  BOOT_HEAP_END,
  BOOT_PAGE_SIZE,
  BOOT_VERSION,
  SLOT_HOSTCALL_CODE,
  SLOT_HOSTCALL_DATA,
  SLOT_SIZE,
} from './abi.ts';
import { CvmError } from './errors.ts';
import type { GuestSpace } from './guest-buffer.ts';

/** The page without its capabilities. `heap` in the cVM's addresses. */
export function bootPage(
  space: GuestSpace,
  heap: { begin: number; end: number },
  parameters: readonly string[],
): Uint8Array {
  const bytes = new Uint8Array(BOOT_PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  const start = space.data.base - space.origin;
  const word = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  word(BOOT_VERSION, ABI_VERSION);
  word(BOOT_HEAP_BEGIN, heap.begin);
  word(BOOT_HEAP_END, heap.end);
  word(BOOT_ARGC, parameters.length);
  word(BOOT_ARGV, start + BOOT_ARGUMENTS);
  let at = BOOT_ARGUMENTS + 8 * (parameters.length + 1);
  for (const [index, parameter] of parameters.entries()) {
    const text = new TextEncoder().encode(parameter);
    if (at + text.length + 1 > BOOT_PAGE_SIZE) {
      throw new CvmError(
        'ERR_CVM_ARGUMENTS',
        `arguments are too long: ${BOOT_PAGE_SIZE - BOOT_ARGUMENTS} bytes have to hold them`,
      );
    }
    word(BOOT_ARGUMENTS + 8 * index, start + at);
    bytes.set(text, at);
    at += text.length + 1;
  }
  return bytes;
}

export const slotAddress = (space: GuestSpace, slot: number): number => space.data.base + slot * SLOT_SIZE;

/** The capabilities that every cVM begins with. */
export function writeFirstSlots(
  memory: GuestMemory,
  space: GuestSpace,
  gate: { code: RawCapability; data: RawCapability },
): void {
  memory.writeCapability(slotAddress(space, SLOT_HOSTCALL_CODE), gate.code);
  memory.writeCapability(slotAddress(space, SLOT_HOSTCALL_DATA), gate.data);
}
