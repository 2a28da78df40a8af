// What stopped a cVM, in a line: the check by the ISA's name, the capability, the place. An observer: nothing of what a
// thread may do next depends on it.
import { capabilityCauseName, formatCapability, trapName } from '../host/index.ts';
import type { Machine, Stop } from '../host/index.ts';
import { regionEnd } from './carve.ts';
import type { Cvm } from './cvm.ts';

const REGISTER_PCC = 32;
const REGISTER_DDC = 33;

const REFUSED_RETURN = 'return without a call';

const CAUSE_CHERI = 28n;

/** What stopped a thread. */
export interface Fault {
  readonly cause: bigint;
  readonly value: bigint;
  /** Offset in the cVM's text, or the absolute address where it is not in there. */
  readonly pc: bigint;
  /** CapEx_LengthViolation and the like, or the trap's name. */
  readonly check: string;
  readonly text: string;
}

/**
 * Describes the trap that `stop` reports; the registers are still those of the trap. `refused`: the switcher raised it
 * on purpose, at return_trap.
 */
export function describeFault(machine: Machine, stop: Stop, cvm: Cvm, refused = false): Fault {
  const cause = stop.cause ?? 0n;
  const value = stop.tval ?? 0n;
  const offset = stop.pc - BigInt(cvm.resources.text.base);
  const inside = offset >= 0n && offset < BigInt(cvm.resources.text.sizeBytes);
  const pc = inside ? offset : stop.pc;
  const place = inside
    ? `0x${pc.toString(16)} ${cvm.image.symbols.describe(pc)}`.trimEnd()
    : (programPlace(cvm, stop.pc) ?? `0x${pc.toString(16)}, outside its code`);
  if (cause !== CAUSE_CHERI) {
    const check = refused ? REFUSED_RETURN : trapName(cause);
    return { cause, value, pc, check, text: `${check} at ${place}` };
  }
  const check = capabilityCauseName(Number(value & 31n));
  return {
    cause,
    value,
    pc,
    check,
    text: `${check} of ${registerText(machine, Number(value >> 5n) & 63)} at ${place}`,
  };
}

function registerText(machine: Machine, register: number): string {
  if (register === REGISTER_PCC) return `pcc ${formatCapability(machine.registers.capability('mepcc'))}`;
  if (register === REGISTER_DDC) return `ddc ${formatCapability(machine.registers.capability('ddc'))}`;
  if (register < 32) return `c${register} ${formatCapability(machine.registers.capability(`c${register}`))}`;
  return `special register ${register - 32}`;
}

/** A place in the code of programs, in their addresses. */
function programPlace({ resources, spec }: Cvm, pc: bigint): string | undefined {
  const index = resources.programs.findIndex((code) => pc >= BigInt(code.base) && pc < BigInt(regionEnd(code)));
  if (index < 0) return undefined;
  return `0x${(pc - BigInt(resources.programs[index].base)).toString(16)} of program ${spec.program!.codes[index].name}`;
}
