// Windows into other cVMs' memory: granted into a c-list slot, revoked from everywhere they can be.
// Because no cVM can store a capability, "everywhere" is the slot and the registers of the holder's threads.
import { CONTEXT_CAPABILITIES, NULL_CAPABILITY } from '../host/index.ts';
import type { Machine, ThreadContext } from '../host/index.ts';
import { SLOT_SIZE } from './abi.ts';
import { slotAddress } from './boot.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Sealer } from './seal.ts';
import type { Thread } from './thread.ts';

export class Windows {
  readonly #machine: Machine;
  readonly #sealer: Sealer;

  constructor(machine: Machine, sealer: Sealer) {
    this.#machine = machine;
    this.#sealer = sealer;
  }

  grant(holder: Cvm, slot: number, region: Region): boolean {
    const capability = region.sizeBytes > 0 ? this.#sealer.window(region) : undefined;
    if (capability === undefined) return false;
    this.#machine.memory.writeCapability(slotAddress(holder, slot), capability);
    return true;
  }

  /** `live`: the thread whose registers are in the machine just now. */
  revoke(holder: Cvm, slot: number, region: Region, live: Thread | undefined): void {
    this.#machine.memory.fill(slotAddress(holder, slot), SLOT_SIZE);
    for (const thread of holder.threads) {
      if (thread === live) thread.context.save(this.#machine);
      const found = this.#sweep(thread.context, region);
      if (found && thread === live) thread.context.load(this.#machine);
    }
  }

  /** Clears every register that reaches into `region`; was there one? */
  #sweep(context: ThreadContext, region: Region): boolean {
    let found = false;
    for (let index = 1; index < CONTEXT_CAPABILITIES; index++) {
      const capability = context.capability(index);
      if (!capability.tag) continue;
      const { base, top } = this.#machine.registers.decode(capability);
      if (base >= BigInt(regionEnd(region)) || top <= BigInt(region.base)) continue;
      context.setCapability(index, NULL_CAPABILITY);
      found = true;
    }
    return found;
  }
}
