// The c-list, at the beginning of a cVM's data. Layout: abi.ts.
import type { GuestMemory, RawCapability } from '../host/index.ts';
import * as abi from './abi.ts';
import type { GuestSpace } from './guest-buffer.ts';
import type { Gate } from './switcher.ts';

export const slotAddress = (space: GuestSpace, slot: number): number => space.data.base + slot * abi.SLOT_SIZE;

/** The capabilities that every cVM begins with. */
export function writeFirstSlots(memory: GuestMemory, space: GuestSpace, gate: Gate): void {
  const slots: readonly (readonly [number, RawCapability])[] = [
    [abi.SLOT_HOSTCALL_CODE, gate.hostcall.code],
    [abi.SLOT_HOSTCALL_DATA, gate.hostcall.data],
    [abi.SLOT_RETURN_CODE, gate.return.code],
    [abi.SLOT_RETURN_DATA, gate.return.data],
  ];
  for (const [slot, capability] of slots) memory.writeCapability(slotAddress(space, slot), capability);
}
