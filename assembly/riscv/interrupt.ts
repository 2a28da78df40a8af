// Interrupts: what is pending, what is taken next, and when the timer will fire.
// Manual: Privileged 1.12 §3.1.9, §4.1.3; N extension. Bits: 0, 4, 8 user, 1, 5, 9 supervisor, 3, 7, 11 machine
// software, timer and external interrupts.
//
// MIP holds what software, the CLINT and the timer set; INTERRUPT_LINES the levels that devices hold. SEIP can come
// from both: the two are ORed for all but read-modify-write instructions (see csr).
import {
  CONFIG_MARKED_TRAPS, CONFIG_N, CONFIG_S_MODE, INTERRUPT_LINES, MIDELEG, MIE, MIP, PRIV, SIDELEG, TIMER_DEADLINE,
} from "../layout";
import { elapsed, NEVER } from "./counters";
import {
  configured, contextChanged, hasStatus, MACHINE, STATUS_MIE, STATUS_SIE, STATUS_UIE, SUPERVISOR, USER,
} from "./status";
import { isMarked } from "./trap";

export const IRQ_SSI: u64 = 1;
export const IRQ_MSI: u64 = 3;
export const IRQ_MTI: u64 = 7;
export const IRQ_SEI: u64 = 9;

/** Software, timer and external interrupt of user level; the other levels are this shifted by the privilege. */
export const LEVEL_MASK: u64 = 0x111;

const SOFTWARE_MASK: u64 = 3;
const USER_EXTERNAL: u64 = 1 << 8;

/** mip as it reads. */
export function pendingInterrupts(): u64 {
  return load<u64>(MIP) | load<u64>(INTERRUPT_LINES);
}

/** The interrupt to take now, or -1: highest mode first, and in each mode external, software, timer. */
export function pendingInterrupt(): i32 {
  const ready = pendingInterrupts() & load<u64>(MIE);
  if (ready == 0) return -1;
  const current = load<u32>(PRIV);
  const delegated = load<u64>(MIDELEG);
  const forMachine = ready & ~delegated;
  if (forMachine && (current < MACHINE || hasStatus(STATUS_MIE))) return foremost(forMachine);
  let forUser = ready & delegated;
  if (configured(CONFIG_S_MODE)) {
    const further: u64 = configured(CONFIG_N) ? load<u64>(SIDELEG) : 0;
    const forSupervisor = forUser & ~further;
    forUser &= further;
    const enabled = current < SUPERVISOR || (current == SUPERVISOR && hasStatus(STATUS_SIE));
    if (forSupervisor && enabled) return foremost(forSupervisor);
  }
  if (!forUser || current != USER || !hasStatus(STATUS_UIE)) return -1;
  return configured(CONFIG_MARKED_TRAPS) && !isMarked() ? -1 : foremost(forUser);
}

/** MEI MSI MTI SEI SSI STI UEI USI UTI. */
function foremost(ready: u64): i32 {
  let level: u64 = MACHINE;
  if (!(ready & (LEVEL_MASK << 3))) level = ready & (LEVEL_MASK << 1) ? SUPERVISOR : USER;
  const kinds = ready >> level;
  return <i32>level + (kinds & 0x100 ? 8 : kinds & 1 ? 0 : 4);
}

/** MTIP follows mtime >= mtimecmp; to be called wherever time may have passed, before pendingInterrupt. */
export function updateTimer(): void {
  const bit: u64 = 1 << IRQ_MTI;
  const mip = load<u64>(MIP);
  store<u64>(MIP, elapsed() >= load<u64>(TIMER_DEADLINE) ? mip | bit : mip & ~bit);
}

/** Instructions until the timer raises MTIP; i64.MAX_VALUE if it has, never will, or is masked in mie. */
export function instructionsUntilTimer(): i64 {
  const deadline = load<u64>(TIMER_DEADLINE);
  const time = elapsed();
  const enabled = (load<u64>(MIE) & (1 << IRQ_MTI)) != 0;
  return enabled && deadline != NEVER && deadline > time ? <i64>(deadline - time) : i64.MAX_VALUE;
}

/** A device drives the line of mip bit `bit` (9 SEIP, 11 MEIP). */
export function setInterruptLine(bit: u32, level: u32): void {
  const mask = (<u64>1) << (bit & 63);
  const lines = load<u64>(INTERRUPT_LINES);
  store<u64>(INTERRUPT_LINES, level ? lines | mask : lines & ~mask);
  contextChanged();
}

/** Interrupts of S-mode and U-mode that exist on this machine. */
export function lowerInterrupts(): u64 {
  const supervisor: u64 = configured(CONFIG_S_MODE) ? LEVEL_MASK << 1 : 0;
  return configured(CONFIG_N) ? supervisor | LEVEL_MASK : supervisor;
}

/**
 * Bits of mie and mip that mode x sees as xie and xip. Without S-mode U-mode sees none, as in Sail: sideleg does not
 * exist. Software that answers marked traps needs to see its interrupt.
 */
export function visibleInterrupts(mode: u32): u64 {
  if (mode == MACHINE) return <u64>-1;
  const delegated = load<u64>(MIDELEG);
  if (configured(CONFIG_MARKED_TRAPS)) return delegated & LEVEL_MASK;
  return mode == SUPERVISOR ? delegated : delegated & load<u64>(SIDELEG) & LEVEL_MASK;
}

/** Bits of xie that mode x may write. */
export function enableableInterrupts(mode: u32): u64 {
  return mode == MACHINE ? lowerInterrupts() | (LEVEL_MASK << MACHINE) : visibleInterrupts(mode);
}

/** Bits of xip that mode x may write: for M-mode all of the lower modes, else software interrupts, and UEIP for S. */
export function settableInterrupts(mode: u32): u64 {
  if (mode == MACHINE) return lowerInterrupts();
  return visibleInterrupts(mode) & (mode == SUPERVISOR ? SOFTWARE_MASK | USER_EXTERNAL : SOFTWARE_MASK);
}
