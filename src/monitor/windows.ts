// Capabilities beyond a cVM's own memory: granted into a c-list slot, revoked from everywhere they can be.
// Because no cVM can store a capability, "everywhere" is the slot and the registers of the threads in the holder.
import { CONTEXT_CAPABILITIES, NULL_CAPABILITY } from '../host/index.ts';
import type { Capability, RawCapability, ThreadContext } from '../host/index.ts';
import { SLOT_SIZE } from './abi.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';
import type { Pair } from './types.ts';

const slotAddress = ({ data }: Cvm, slot: number): number => data.base + slot * SLOT_SIZE;

export class Windows {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  grant(holder: Cvm, slot: number, capability: RawCapability): void {
    this.#kernel.machine.memory.writeCapability(slotAddress(holder, slot), capability);
  }

  grantPair(holder: Cvm, slot: number, { code, data }: Pair): void {
    this.grant(holder, slot, code);
    this.grant(holder, slot + 1, data);
  }

  /** `threads`: all that may hold it. */
  revoke(holder: Cvm, slot: number, region: Region, threads: Iterable<Thread>): void {
    this.#kernel.machine.memory.fill(slotAddress(holder, slot), SLOT_SIZE);
    this.sweep(threads, region);
  }

  /** Every register with a capability to all or a part of this region and nothing else. */
  sweep(threads: Iterable<Thread>, region: Region): void {
    const [from, to] = [BigInt(region.base), BigInt(regionEnd(region))];
    this.#sweep(threads, ({ base, top }) => base >= from && top <= to);
  }

  /** Both slots of a sealed pair, and every register with a half of it. */
  revokePair(holder: Cvm, slot: number, { otype }: Pair, threads: Iterable<Thread>): void {
    this.#kernel.machine.memory.fill(slotAddress(holder, slot), 2 * SLOT_SIZE);
    this.#sweep(threads, (capability) => capability.otype === otype);
  }

  /** Clears every register that `isTaken` says. */
  #sweep(threads: Iterable<Thread>, isTaken: (capability: Capability) => boolean): void {
    const { machine, executor } = this.#kernel;
    for (const thread of threads) {
      const live = thread === executor.live;
      if (live) thread.context.save(machine);
      const found = this.#sweepContext(thread.context, isTaken);
      if (found && live) thread.context.load(machine);
    }
  }

  #sweepContext(context: ThreadContext, isTaken: (capability: Capability) => boolean): boolean {
    let found = false;
    for (let index = 1; index < CONTEXT_CAPABILITIES; index++) {
      const capability = context.capability(index);
      if (!capability.tag || !isTaken(this.#kernel.machine.registers.decode(capability))) continue;
      context.setCapability(index, NULL_CAPABILITY);
      found = true;
    }
    return found;
  }
}
