// The switcher in memory, and the gates into it: one record and one sealed pair per cVM.
// Trust: guests/switcher/switcher.S is part of the trusted base; its image is checked against guests/images/SHA256SUMS
// by the build, not here.
import type { Capability, GuestMemory, RawCapability } from '../host/index.ts';
import { GATE_ID, GATE_PCC, GATE_SIZE } from './abi.ts';
import type { Carver, Region } from './carve.ts';
import { CvmError } from './errors.ts';
import { readSwitcher } from './image.ts';
import type { Sealer } from './seal.ts';

const PAGE = 4096;

export interface Gate {
  readonly record: Region;
  readonly otype: number;
  readonly code: RawCapability;
  readonly data: RawCapability;
}

export class Switcher {
  readonly text: Region;
  /** Absolute address of the instruction with which the hostcall gate calls the monitor. */
  readonly trapAddress: number;
  readonly #entry: number;
  readonly #memory: GuestMemory;
  readonly #carver: Carver;
  readonly #sealer: Sealer;

  constructor(memory: GuestMemory, carver: Carver, sealer: Sealer, elf: Uint8Array) {
    const { text, symbols } = readSwitcher(elf, ['gate_hostcall', 'hostcall_trap']);
    const region = carver.allocate(text.length, PAGE);
    if (region === undefined) throw new CvmError('ERR_CVM_NO_ROOM', 'no room for the switcher');
    memory.write(region.base, text);
    this.text = region;
    this.#entry = region.base + symbols.gate_hostcall;
    this.trapAddress = region.base + symbols.hostcall_trap;
    this.#memory = memory;
    this.#carver = carver;
    this.#sealer = sealer;
  }

  /** A gate for the cVM with this id, which returns through `pcc`. Undefined: out of memory or otypes. */
  openGate(id: number, pcc: RawCapability): Gate | undefined {
    const record = this.#carver.allocate(GATE_SIZE);
    const otype = this.#sealer.allocateOtype();
    if (record === undefined || otype === undefined) {
      if (record !== undefined) this.#carver.release(record);
      if (otype !== undefined) this.#sealer.releaseOtype(otype);
      return undefined;
    }
    this.#memory.writeCapability(record.base + GATE_PCC, pcc);
    this.#memory.writeU64(record.base + GATE_ID, BigInt(id));
    return { record, otype, ...this.#sealer.gate(this.text, this.#entry, record, otype) };
  }

  /** After its cVM is gone, with every register and slot that held the pair. */
  closeGate(record: Region, otype: number): void {
    this.#memory.fill(record.base, record.sizeBytes);
    this.#carver.release(record);
    this.#sealer.releaseOtype(otype);
  }

  /**
   * The id of the cVM whose record c31 points to at the trap; undefined if it is no whole record. That c31 can only
   * be what CInvoke unsealed is the switcher's invariant; looking again costs nothing.
   */
  callerOf(c31: Capability): number | undefined {
    if (!c31.tag || c31.sealed || c31.top - c31.base !== BigInt(GATE_SIZE) || c31.address !== c31.base)
      return undefined;
    return Number(this.#memory.readU64(c31.base + BigInt(GATE_ID)));
  }
}
