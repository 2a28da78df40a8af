// Capabilities beyond a cVM's own memory: granted into a c-list slot, revoked from everywhere they can be.
// Because no cVM can store a capability, "everywhere" is the slot and the registers of the threads in the holder.
import { NULL_CAPABILITY } from '../host/index.ts';
import type { Capability, RawCapability } from '../host/index.ts';
import { SLOT_SIZE } from './abi.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Kernel } from './kernel.ts';
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

  revoke(holder: Cvm, slot: number, region: Region): void {
    this.#kernel.machine.memory.fill(slotAddress(holder, slot), SLOT_SIZE);
    this.sweep(holder, region);
  }

  /** Every register with a capability to all or a part of this region and nothing else. */
  sweep(holder: Cvm, region: Region): void {
    const [from, to] = [BigInt(region.base), BigInt(regionEnd(region))];
    this.#sweep(holder, ({ base, top }) => base >= from && top <= to);
  }

  /** Both slots of a sealed pair, and every register with a half of it. */
  revokePair(holder: Cvm, slot: number, { otype }: Pair): void {
    this.#kernel.machine.memory.fill(slotAddress(holder, slot), 2 * SLOT_SIZE);
    this.#sweep(holder, (capability) => capability.otype === otype);
  }

  /** Clears every register of the holder's that `isTaken` says. */
  #sweep(holder: Cvm, isTaken: (capability: Capability) => boolean): void {
    const { registers } = this.#kernel.machine;
    for (const { thread, from, to } of this.#kernel.registersOf(holder))
      this.#kernel.change(thread, (context) => {
        for (let index = from; index < to; index++) {
          const capability = context.capability(index);
          if (capability.tag && isTaken(registers.decode(capability))) context.setCapability(index, NULL_CAPABILITY);
        }
      });
  }
}
