// Trace built outside the core: one step at a time, comparing the machine before and after. The core knows nothing
// of it, and an untraced run pays nothing.
import {
  BREAKPOINT_COUNT,
  BREAKPOINTS,
  CAP_MODE,
  INSTRET,
  PC,
  STOP_BREAK,
  STOP_BUDGET,
} from '../../../assembly/layout.ts';
import { decodeInstruction } from '../decode.ts';
import type { Decoded } from '../decode.ts';
import { formatInstruction } from '../disassembler.ts';
import { fetchWord } from '../explain.ts';
import type { Machine } from '../machine.ts';
import { memoryAccess } from '../memory-access.ts';
import type { MemoryAccess } from '../memory-access.ts';
import type { Stepper } from '../run.ts';
import { trapState } from '../trap-state.ts';
import type { Concern, MemoryEvent, TraceEvent, TrapEvent } from './event.ts';
import { Snapshot } from './snapshot.ts';

/** Steps of one slice at most, retired or not. */
const STEPS_MAXIMUM = 20_000;

/** Steps a machine and hands every step to `sink`. Pass it to Machine.run as `tracer`. */
export class Tracer implements Stepper {
  readonly #machine: Machine;
  readonly #concerns: ReadonlySet<Concern>;
  readonly #sink: (event: TraceEvent) => void;
  readonly #before = new Snapshot();
  readonly #after = new Snapshot();

  constructor(machine: Machine, concerns: ReadonlySet<Concern>, sink: (event: TraceEvent) => void) {
    this.#machine = machine;
    this.#concerns = concerns;
    this.#sink = sink;
  }

  runSlice(budget: bigint): number {
    const { core } = this.#machine;
    const end = core.readU64(INSTRET) + budget;
    // Steps that trap retire nothing, so they are bounded apart.
    for (let steps = 0; steps < STEPS_MAXIMUM && core.readU64(INSTRET) < end; steps++) {
      if (steps > 0 && this.#atBreakpoint()) return STOP_BREAK;
      const code = this.#step();
      if (code !== STOP_BUDGET) return code;
    }
    return STOP_BUDGET;
  }

  #atBreakpoint(): boolean {
    const { core } = this.#machine;
    const pc = core.readU64(PC);
    for (let index = core.readU32(BREAKPOINT_COUNT) - 1; index >= 0; index--) {
      if (core.readU64(BREAKPOINTS + index * 8) === pc) return true;
    }
    return false;
  }

  #step(): number {
    const machine = this.#machine;
    const { core } = machine;
    const privilege = machine.registers.privilege;
    const pc = core.readU64(PC);
    const index = core.readU64(INSTRET);
    const mode = core.readU32(CAP_MODE) === 1 ? 'cap' : 'int';
    const raw = fetchWord(machine, pc, privilege);
    const decoded = raw === undefined ? undefined : decodeInstruction(raw, mode);
    const access = decoded === undefined || !this.#concerns.has('memory') ? undefined : memoryAccess(core, decoded);
    const old = access?.kind === 'amo' ? this.#read(access) : undefined;
    this.#before.take(core);
    const code = core.exports.step();
    const retired = core.readU64(INSTRET) !== index;
    this.#after.take(core);
    const text = raw === undefined ? '' : formatInstruction(raw, { mode, aliases: false, address: pc });
    this.#sink({
      index,
      privilege,
      mode,
      pc,
      raw,
      sizeBytes: decoded?.sizeBytes ?? 4,
      text,
      retired,
      registers: this.#registerChanges(retired ? decoded : undefined),
      csrs: this.#concerns.has('csr') ? this.#after.changedCsrs(this.#before) : [],
      memory: retired && access !== undefined ? this.#memoryEvents(access, old) : [],
      trap: retired || !this.#concerns.has('trap') ? undefined : this.#trap(privilege),
    });
    return code;
  }

  /** What changed, and the destination register even if it was given the value it had. */
  #registerChanges(decoded: Decoded | undefined): TraceEvent['registers'] {
    const { registers } = this.#machine;
    const list: TraceEvent['registers'][number][] = [];
    if (this.#concerns.has('registers')) {
      const names = new Set(this.#after.changedRegisters(this.#before));
      const destination = decoded === undefined ? undefined : destinationOf(decoded);
      if (destination !== undefined) names.add(destination);
      for (const name of names) list.push({ name, value: registers.get(name) });
    }
    if (this.#concerns.has('capabilities')) {
      const names = new Set(this.#after.changedCapabilities(this.#before));
      if (decoded !== undefined && /^cd\b/.test(decoded.instruction.syntax) && decoded.rd !== 0)
        names.add(`c${decoded.rd}`);
      for (const name of names) list.push({ name, capability: registers.capability(name) });
    }
    return list;
  }

  #memoryEvents(access: MemoryAccess, old: MemoryEvent | undefined): MemoryEvent[] {
    const now = this.#read(access);
    if (access.kind !== 'amo') return now === undefined ? [] : [now];
    const events = [old && { ...old, kind: 'load' as const }, now && { ...now, kind: 'store' as const }];
    return events.filter((event) => event !== undefined);
  }

  /** Contents at the accessed address; undefined outside RAM, where looking could disturb a device. */
  #read(access: MemoryAccess): MemoryEvent | undefined {
    const { memory } = this.#machine;
    const kind = access.kind === 'amo' ? 'load' : access.kind;
    const base = { kind, address: access.address, sizeBytes: access.sizeBytes };
    const physical = memory.translate(access.address);
    if (physical === undefined || !memory.contains(physical, access.sizeBytes)) return { ...base };
    if (access.capability) return { ...base, capability: memory.readCapability(physical) };
    if (access.sizeBytes > 8) return { ...base };
    const bytes = memory.read(physical, access.sizeBytes);
    return { ...base, value: bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) };
  }

  #trap(from: TraceEvent['privilege']): TrapEvent {
    const { core } = this.#machine;
    const { cause, tval } = trapState(core);
    return {
      from,
      to: this.#machine.registers.privilege,
      cause,
      tval,
      handler: core.readU64(PC),
    };
  }
}

/** Register that the row's syntax names as destination; x0 is none. */
function destinationOf({ instruction, rd }: Decoded): string | undefined {
  if (/^fd\b/.test(instruction.syntax)) return `f${rd}`;
  return /^[rc]d\b/.test(instruction.syntax) && rd !== 0 ? `x${rd}` : undefined;
}
