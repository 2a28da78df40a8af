// The switcher in memory, and the gates into it: records and sealed pairs.
// Trust: guests/switcher/switcher.S is part of the trusted base; its image is checked against guests/images/SHA256SUMS
// by the build, not here.
import { NULL_CAPABILITY } from '../host/index.ts';
import type { GuestMemory, RawCapability } from '../host/index.ts';
import * as abi from './abi.ts';
import { regionEnd } from './carve.ts';
import type { Carver, Region } from './carve.ts';
import { CvmError } from './errors.ts';
import { readSwitcher } from './image.ts';
import type { Sealer } from './seal.ts';
import type { BellPlace, Gate, Pair, SealedGate } from './types.ts';

const PAGE = 4096;
// prettier-ignore
const LABELS = [
  'gate_hostcall', 'gate_call', 'gate_return', 'gate_send', 'hostcall_trap', 'return_trap',
  'call_window', 'call_window_end', 'call_refused', 'return_window', 'return_window_end',
  'send_window', 'send_sent', 'send_window_end', 'send_end',
] as const;
export type Label = (typeof LABELS)[number];

type GateLabel = Extract<Label, `gate_${string}`>;

export class Switcher {
  readonly text: Region;
  readonly #places: Readonly<Record<Label, number>>;
  readonly #memory: GuestMemory;
  readonly #carver: Carver;
  readonly #sealer: Sealer;
  /** Holds a capability to the running thread's record. */
  readonly #current: Region;
  #running: Region | undefined;

  constructor(memory: GuestMemory, carver: Carver, sealer: Sealer, elf: Uint8Array) {
    const { text, symbols } = readSwitcher(elf, LABELS);
    const region = carver.allocate(text.length, PAGE);
    const current = carver.allocate(abi.SLOT_SIZE);
    if (region === undefined || current === undefined)
      throw new CvmError('ERR_CVM_NO_ROOM', 'no room for the switcher');
    memory.write(region.base, text);
    this.text = region;
    this.#places = symbols;
    this.#memory = memory;
    this.#carver = carver;
    this.#sealer = sealer;
    this.#current = current;
  }

  /** Absolute address of a label of switcher.S. */
  place(label: Label): number {
    return this.text.base + this.#places[label];
  }

  /** A record in the switcher's memory, zero, or undefined. */
  allocate(sizeBytes: number): Region | undefined {
    return this.#carver.allocate(sizeBytes);
  }

  release(record: Region): void {
    this.#memory.fill(record.base, record.sizeBytes);
    this.#carver.release(record);
  }

  /** A gate for what goes into `slot`, its record zero. Undefined: out of memory or otypes. */
  open(label: GateLabel, slot: number, sizeBytes: number): SealedGate | undefined {
    const record = this.allocate(sizeBytes);
    const pair = record === undefined ? undefined : this.#pair(label, record);
    if (record !== undefined && pair !== undefined) return { slot, record, pair };
    if (record !== undefined) this.release(record);
    return undefined;
  }

  /** What a stream's sender gets; the ring is linked later. */
  openStream(sender: Gate, slot: number, bell: BellPlace): SealedGate | undefined {
    const gate = this.open('gate_send', slot, abi.STREAM_SIZE);
    if (gate === undefined) return undefined;
    const { base } = gate.record;
    this.#memory.writeCapability(base + abi.STREAM_GATE, this.#sealer.record(sender.record));
    this.#memory.writeCapability(base + abi.STREAM_BELL, this.#sealer.cells(bell.word));
    this.#memory.writeU64(base + abi.STREAM_BIT, bell.bit);
    return gate;
  }

  /** Only when no register and no slot holds a half of its pair any more, and no thread is in it. */
  close({ record, pair }: SealedGate): void {
    this.release(record);
    this.#sealer.releaseOtype(pair.otype);
  }

  /** A sealed pair of a gate and a record, with an otype of its own. Undefined: no otype is left. */
  #pair(label: GateLabel, record: Region): Pair | undefined {
    const otype = this.#sealer.allocateOtype();
    if (otype === undefined) return undefined;
    return { otype, ...this.#sealer.gate(this.text, this.place(label), record, otype, label === 'gate_send') };
  }

  /** The gates of a cVM that goes on with `pcc` and `ddc`. Undefined: out of memory or otypes. */
  openGate(pcc: RawCapability, ddc: RawCapability): Gate | undefined {
    const first = this.open('gate_hostcall', abi.SLOT_HOSTCALL_CODE, abi.GATE_SIZE);
    const back = first === undefined ? undefined : this.#pair('gate_return', first.record);
    if (first === undefined || back === undefined) {
      if (first !== undefined) this.close(first);
      return undefined;
    }
    const { record, pair: hostcall } = first;
    this.#memory.writeCapability(record.base + abi.GATE_PCC, pcc);
    this.#memory.writeCapability(record.base + abi.GATE_DDC, ddc);
    this.#memory.writeCapability(record.base + abi.GATE_CURRENT, this.#sealer.record(this.#current));
    return { record, hostcall, return: back, unsealed: this.#sealer.record(record, true) };
  }

  /** After its cVM is gone, with every register and slot that held a pair. */
  closeGate(gate: Gate): void {
    this.release(gate.record);
    this.#sealer.releaseOtype(gate.hostcall.otype);
    this.#sealer.releaseOtype(gate.return.otype);
  }

  /**
   * Is c31 at a hostcall the record of this gate? That it can only be what CInvoke unsealed is the switcher's invariant;
   * looking again costs nothing.
   */
  isCaller({ unsealed }: Gate, c31: RawCapability): boolean {
    return c31.tag && c31.address === unsealed.address && c31.high === unsealed.high;
  }

  /** Is a thread at this absolute address between two cVMs? */
  contains(pc: bigint): boolean {
    return pc >= BigInt(this.text.base) && pc < BigInt(regionEnd(this.text));
  }

  /** The thread that runs next has this record; undefined: it cannot call. */
  setCurrent(record: Region | undefined): void {
    if (record === this.#running) return;
    this.#running = record;
    const capability = record && this.#sealer.stack(record);
    this.#memory.writeCapability(this.#current.base, capability ?? NULL_CAPABILITY);
  }
}
