// Address decoder for everything outside RAM that the host simulates. Devices see offsets and unsigned numbers.

/** Answer of a load that no device takes: an access fault for the guest. */
export const NO_DEVICE = -1;

export interface Device {
  readonly name: string;
  readonly base: number;
  readonly sizeBytes: number;
  /** Value at `offset`, unsigned and below 2^53, or NO_DEVICE. */
  load(offset: number, sizeBytes: number): number;
  /** False: no such register, an access fault. Only the low 32 bits of a store arrive. */
  store(offset: number, sizeBytes: number, value: number): boolean;
  /** Power-on state. */
  reset(): void;
}

export class Bus {
  readonly #devices: Device[] = [];

  add(device: Device): void {
    this.#devices.push(device);
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  load(address: number, sizeBytes: number): number {
    const device = this.#find(address);
    return device === undefined ? NO_DEVICE : device.load(address - device.base, sizeBytes);
  }

  store(address: number, sizeBytes: number, value: number): boolean {
    const device = this.#find(address);
    return device !== undefined && device.store(address - device.base, sizeBytes, value);
  }

  reset(): void {
    for (const device of this.#devices) device.reset();
  }

  #find(address: number): Device | undefined {
    for (const device of this.#devices) {
      if (address >= device.base && address - device.base < device.sizeBytes) return device;
    }
    return undefined;
  }
}
