// CP_Call, foundation: which cVM may call which, entries that callees offer, and the sealed pairs that callers get.
// A call is made by guest instructions only: CInvoke, switcher, callee, CInvoke, switcher, caller, all on one thread.
// Invariants: a pair goes only to a caller that the host allowed; an entry's pc is code of the callee, its stacks lie in
// the callee's data; when either end is gone, so is the pair, from slots and registers.
import * as abi from '../abi.ts';
import type { Cvm } from '../cvm.ts';
import type { Kernel } from '../kernel.ts';
import type { Binding, Offer, Permit } from '../types.ts';

export class Calls {
  readonly #permits = new Map<string, Permit>();
  readonly #byRecord = new Map<number, Binding>();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** False: the name belongs to another callee. */
  allow(name: string, caller: Cvm, callee: Cvm): boolean {
    const permit = this.#permits.get(name) ?? { callee, callers: new Set<Cvm>(), entry: undefined };
    if (permit.callee !== callee) return false;
    permit.callers.add(caller);
    this.#permits.set(name, permit);
    this.#share(permit);
    return true;
  }

  /** Callee: makes the entry known, once. */
  offer(callee: Cvm, name: string, { pc, stacks }: Offer): number {
    const permit = this.#permits.get(name);
    if (permit === undefined) return -abi.ENOENT;
    // A handler with a library OS's PCC would have the trap registers of its caller's thread.
    if (permit.callee !== callee || callee.spec.program !== undefined) return -abi.EPERM;
    if (permit.entry !== undefined) return -abi.EBUSY;
    const record = this.#kernel.switcher.allocate(abi.ENTRY_SIZE);
    if (record === undefined) return -abi.ENOMEM;
    const { sealer, machine } = this.#kernel;
    const { base } = record;
    machine.memory.writeCapability(base + abi.ENTRY_GATE, sealer.record(callee.resources.gate.record));
    machine.memory.writeU64(base + abi.ENTRY_PC, BigInt(pc));
    machine.memory.writeU64(base + abi.ENTRY_COUNT, BigInt(stacks.length));
    stacks.forEach((top, index) => machine.memory.writeU64(base + abi.ENTRY_STACKS + 8 * index, BigInt(top)));
    permit.entry = { name, callee, record, bindings: new Set() };
    return 0;
  }

  /** Caller: a handle whose pair is in the c-list. -EAGAIN: nothing is offered yet. */
  bind(caller: Cvm, name: string): number {
    const permit = this.#permits.get(name);
    if (permit === undefined) return -abi.ENOENT;
    if (!permit.callers.has(caller)) return -abi.EPERM;
    const { entry } = permit;
    if (entry === undefined) return permit.callee.alive ? -abi.EAGAIN : -abi.EPIPE;
    const held = this.heldBy(caller);
    const known = held.find((binding) => binding.entry === entry);
    if (known !== undefined) return known.handle;
    const used = new Set(held.map(({ handle }) => handle));
    const handle = Array.from({ length: abi.CALL_HANDLES }, (_, index) => index).find((index) => !used.has(index));
    if (handle === undefined) return -abi.ENOMEM;
    const gate = this.#kernel.switcher.open('gate_call', abi.SLOT_CALL + 2 * handle, abi.BIND_SIZE);
    if (gate === undefined) return -abi.ENOMEM;
    const binding: Binding = { entry, caller, handle, gate };
    this.#write(binding);
    entry.bindings.add(binding);
    this.#byRecord.set(gate.record.base, binding);
    this.#share(permit);
    return handle;
  }

  /** May its threads ever call? */
  mayCall(cvm: Cvm): boolean {
    return [...this.#permits.values()].some(({ callers }) => callers.has(cvm));
  }

  /** The binding behind a frame's bind record. */
  ofRecord(base: number): Binding | undefined {
    return this.#byRecord.get(base);
  }

  /** All pairs that `caller` holds. */
  heldBy(caller: Cvm): readonly Binding[] {
    return [...this.#byRecord.values()].filter((binding) => binding.caller === caller);
  }

  /** A paused callee's door: the switcher stops whoever comes to it, see Executor. */
  setDoor(callee: Cvm, open: boolean): void {
    const { memory } = this.#kernel.machine;
    const gate = this.#kernel.sealer.record(callee.resources.gate.record);
    for (const { entry } of this.#permits.values()) {
      if (entry?.callee === callee) memory.writeCapability(entry.record.base + abi.ENTRY_GATE, { ...gate, tag: open });
    }
  }

  /** A cVM has ended, and no thread is in a call to or from it: its entries and its pairs are no more. */
  end(cvm: Cvm): void {
    for (const binding of this.heldBy(cvm)) this.#unbind(binding);
    for (const permit of this.#permits.values()) {
      if (permit.callee !== cvm || permit.entry === undefined) continue;
      for (const binding of permit.entry.bindings) this.#unbind(binding);
      this.#kernel.switcher.release(permit.entry.record);
      permit.entry = undefined;
    }
  }

  /** A cVM is destroyed: it calls nobody, and the names it served are free. */
  forget(cvm: Cvm): void {
    for (const [name, permit] of this.#permits) {
      const { callee, callers } = permit;
      if (callers.delete(cvm)) this.#share(permit);
      if (callee === cvm) this.#permits.delete(name);
    }
  }

  #write({ entry, caller, gate }: Binding): void {
    const { sealer, machine, windows } = this.#kernel;
    const { base } = gate.record;
    machine.memory.writeCapability(base + abi.BIND_ENTRY, sealer.cells(entry.record));
    machine.memory.writeCapability(base + abi.BIND_GATE, sealer.record(caller.resources.gate.record));
    machine.memory.writeU64(base + abi.BIND_BADGE, BigInt(caller.id));
    windows.grantPair(caller, gate.slot, gate.pair);
  }

  /** Each caller that may be gets stacks of its own, as long as there are enough: none can starve another. */
  #share({ callers, entry }: Permit): void {
    if (entry === undefined) return;
    const { machine, sealer } = this.#kernel;
    const { base } = entry.record;
    const stacks = Number(machine.memory.readU64(base + abi.ENTRY_COUNT));
    [...callers].forEach((caller, index) => {
      const binding = [...entry.bindings].find((candidate) => candidate.caller === caller);
      if (binding === undefined) return;
      const enough = callers.size <= stacks;
      const first = enough ? Math.floor((index * stacks) / callers.size) : index % stacks;
      const count = enough ? Math.floor(((index + 1) * stacks) / callers.size) - first : 1;
      const share = { base: base + abi.ENTRY_STACKS + 8 * first, sizeBytes: 8 * count };
      machine.memory.writeCapability(binding.gate.record.base + abi.BIND_STACKS, sealer.cells(share));
    });
  }

  #unbind(binding: Binding): void {
    this.#kernel.revokeGate(binding.caller, binding.gate);
    binding.entry.bindings.delete(binding);
    this.#byRecord.delete(binding.gate.record.base);
  }
}
