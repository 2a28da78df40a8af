// What devices answered while the first core ran a slice, played back to the second: a device acts once.
import { MMIO_FAULT, PENDING, STOP, STOP_VALUE } from '../../../assembly/layout.ts';
import type { Core, MmioHandlers } from '../core.ts';

interface DeviceAccess {
  readonly verb: 'load' | 'store';
  readonly address: number;
  readonly size: number;
  /** Stored, or what the device answered. */
  value: bigint;
  /** Interrupt lines that the device moved. */
  readonly lines: (readonly [bit: number, level: number])[];
  fault: number;
  pending: number;
  stop: number;
  stopValue: bigint;
}

const describe = ({ verb, address, size, value }: DeviceAccess): string =>
  `${verb} of ${size} bytes at 0x${(address >>> 0).toString(16)}, value 0x${BigInt.asUintN(64, value).toString(16)}`;

/** Records on one side, answers on the other. */
export class DeviceLog {
  /** What the second core did differently, if anything. */
  difference: string | undefined;
  #log: DeviceAccess[] = [];
  #next = 0;
  #current: DeviceAccess | undefined;

  /** Handlers for the first core: the devices' own, written down. `core` is there once anything runs. */
  recording(devices: MmioHandlers, core: () => Core): MmioHandlers {
    return {
      load: (address, size) => {
        const access = this.#begin('load', address, size, 0n);
        access.value = devices.load(address, size);
        this.#end(access, core());
        return access.value;
      },
      store: (address, size, value) => {
        const access = this.#begin('store', address, size, value);
        devices.store(address, size, value);
        this.#end(access, core());
      },
    };
  }

  /** Handlers for the second core. */
  playing(core: () => Core): MmioHandlers {
    return {
      load: (address, size) => this.#play(core(), 'load', address, size, 0n),
      store: (address, size, value) => void this.#play(core(), 'store', address, size, value),
    };
  }

  /** A device moves an interrupt line; false if no access is under way: then both cores are to be told at once. */
  noteLine(bit: number, level: number): boolean {
    this.#current?.lines.push([bit, level]);
    return this.#current !== undefined;
  }

  /** After a slice of the second core: notes what it left out, and forgets the slice. */
  finish(): void {
    const missing = this.#log[this.#next];
    if (missing !== undefined) this.difference ??= `device: only the translator made a ${describe(missing)}`;
    this.#log = [];
    this.#next = 0;
  }

  #begin(verb: DeviceAccess['verb'], address: number, size: number, value: bigint): DeviceAccess {
    const access = { verb, address, size, value, lines: [], fault: 0, pending: 0, stop: 0, stopValue: 0n };
    this.#log.push(access);
    this.#current = access;
    return access;
  }

  #end(access: DeviceAccess, core: Core): void {
    this.#current = undefined;
    access.fault = core.readU32(MMIO_FAULT);
    access.pending = core.readU32(PENDING);
    access.stop = core.readU32(STOP);
    access.stopValue = core.readU64(STOP_VALUE);
  }

  #play(core: Core, verb: DeviceAccess['verb'], address: number, size: number, value: bigint): bigint {
    const access = this.#log[this.#next++];
    const isSame =
      access?.verb === verb &&
      access.address === address &&
      access.size === size &&
      (verb === 'load' || access.value === value);
    if (!isSame) {
      const own = describe({ ...access!, verb, address, size, value });
      this.difference ??= `device: ${own} by the interpreter, ${access === undefined ? 'none' : describe(access)} by the translator`;
      core.writeU32(MMIO_FAULT, 1);
      return 0n;
    }
    for (const [bit, level] of access.lines) core.exports.setInterruptLine(bit, level);
    core.writeU32(MMIO_FAULT, access.fault);
    core.writeU32(PENDING, access.pending);
    core.writeU32(STOP, access.stop);
    core.writeU64(STOP_VALUE, access.stopValue);
    return access.value;
  }
}
