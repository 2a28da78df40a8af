// Windows into other cVMs' memory: granted into a c-list slot, revoked from everywhere they can be.
// Because no cVM can store a capability, "everywhere" is the slot and the registers of the threads in the holder.
import { CONTEXT_CAPABILITIES, NULL_CAPABILITY } from '../host/index.ts';
import type { Capability, Machine, ThreadContext } from '../host/index.ts';
import { SLOT_SIZE } from './abi.ts';
import { slotAddress } from './boot.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Sealer } from './seal.ts';
import type { Pair } from './switcher.ts';
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

  /** `threads`: all that may hold it; `live`: the one of them whose registers are in the machine just now. */
  revoke(holder: Cvm, slot: number, region: Region, threads: Iterable<Thread>, live: Thread | undefined): void {
    this.#machine.memory.fill(slotAddress(holder, slot), SLOT_SIZE);
    const [from, to] = [BigInt(region.base), BigInt(regionEnd(region))];
    this.#sweep(threads, live, ({ base, top }) => base < to && top > from);
  }

  /** Both slots of a sealed pair, and every register with a half of it. */
  revokePair(holder: Cvm, slot: number, { otype }: Pair, threads: Iterable<Thread>, live: Thread | undefined): void {
    this.#machine.memory.fill(slotAddress(holder, slot), 2 * SLOT_SIZE);
    this.#sweep(threads, live, (capability) => capability.otype === otype);
  }

  /** Clears every register that `isTaken` says. */
  #sweep(threads: Iterable<Thread>, live: Thread | undefined, isTaken: (capability: Capability) => boolean): void {
    for (const thread of threads) {
      if (thread === live) thread.context.save(this.#machine);
      const found = this.#sweepContext(thread.context, isTaken);
      if (found && thread === live) thread.context.load(this.#machine);
    }
  }

  #sweepContext(context: ThreadContext, isTaken: (capability: Capability) => boolean): boolean {
    let found = false;
    for (let index = 1; index < CONTEXT_CAPABILITIES; index++) {
      const capability = context.capability(index);
      if (!capability.tag || !isTaken(this.#machine.registers.decode(capability))) continue;
      context.setCapability(index, NULL_CAPABILITY);
      found = true;
    }
    return found;
  }
}
