// Traps: how an instruction raises one and how the machine takes it.
// Manual: Privileged 1.12 §3.1.7-3.1.8, §3.1.14-3.1.16, N extension; CHERI ISAv9 "Exception handling"
// (Sail: exception_delegatee, trap_handler, handle_trap_extension, prepare_trap_vector).
// Raising records; taking changes the state. Nothing in between may run.
import {
  CAP_PERMS, CONFIG_MARKED_TRAPS, CONFIG_N, CONFIG_S_MODE, CONFIG_STOP_ON_M_TRAP, MCAUSE, MEDELEG, MIDELEG, MSCRATCH, MTVAL, PC, PCC, PENDING,
  PENDING_TRAP, PRIV, RESERVATION, SCAUSE, SEDELEG, SIDELEG, SSCRATCH, STOP, STOP_TRAP, STVAL, TRAP_CAUSE, TRAP_LOOP_CAUSE, TRAP_LOOP_INSTRET, TRAP_LOOP_PC, TRAP_TVAL, UCAUSE,
  USCRATCH, UTCC, UTVAL,
} from "../layout";
import { refreshOtherPCC } from "../context";
import { EXC_CHERI, PERM_USER0 } from "../cheri/names";
import { capTag } from "../cheri/registers";
import { enterTcc, saveEpcc } from "./code-pointers";
import { now } from "./counters";
import { configured, MACHINE, pushStatus, SUPERVISOR, switchMode, USER } from "./status";

// xcause of synchronous exceptions (Privileged 1.12 table 3.6). CHERI adds those in cheri/names.
export const EXC_FETCH_MISALIGNED: u64 = 0;
export const EXC_FETCH_ACCESS: u64 = 1;
export const EXC_ILLEGAL: u64 = 2;
export const EXC_BREAKPOINT: u64 = 3;
export const EXC_LOAD_MISALIGNED: u64 = 4;
export const EXC_LOAD_ACCESS: u64 = 5;
export const EXC_STORE_MISALIGNED: u64 = 6;
export const EXC_STORE_ACCESS: u64 = 7;
export const EXC_ECALL_U: u64 = 8;
export const EXC_FETCH_PAGE: u64 = 12;
export const EXC_LOAD_PAGE: u64 = 13;
export const EXC_STORE_PAGE: u64 = 15;

/** Bit of xcause that tells interrupts from exceptions. */
export const CAUSE_INTERRUPT: u64 = (<u64>1) << 63;

/** Records a trap of the current instruction, which must change nothing else and does not retire. */
export function raise(cause: u64, tval: u64): void {
  store<u32>(PENDING, PENDING_TRAP);
  store<u64>(TRAP_CAUSE, cause);
  store<u64>(TRAP_TVAL, tval);
}

/** An encoding that does not exist here and now. xtval is 0. */
export function raiseIllegal(): void {
  raise(EXC_ILLEGAL, 0);
}

/** A failed capability check: register 0-31, 32 + n for special capability register n (32 = PCC, 33 = DDC). */
export function raiseCapability(capCause: u32, regnum: u32): void {
  raise(EXC_CHERI, <u64>(capCause | (regnum << 5)));
}

/** Records an interrupt between two instructions; `takeTrap` takes it. */
export function raiseInterrupt(cause: u32): void {
  raise(CAUSE_INTERRUPT | cause, 0);
}

/** Mode that a trap with this xcause is taken in: as delegated, but never below the current one. */
export function trapTarget(cause: u64): u32 {
  const interrupt = (cause & CAUSE_INTERRUPT) != 0;
  const bit = (<u64>1) << (cause & 63);
  const current = load<u32>(PRIV);
  if ((load<u64>(interrupt ? MIDELEG : MEDELEG) & bit) == 0) return MACHINE;
  let target = configured(CONFIG_N) ? USER : MACHINE;
  if (configured(CONFIG_S_MODE)) {
    const further = target == USER && (load<u64>(interrupt ? SIDELEG : SEDELEG) & bit) != 0;
    if (!further) target = SUPERVISOR;
  }
  target = max<u32>(target, current);
  const isRefused = configured(CONFIG_MARKED_TRAPS) && !(isMarked() && capTag(UTCC));
  return target == USER && isRefused ? MACHINE : target;
}

/**
 * Is PCC marked with the first user-defined permission? With CONFIG_MARKED_TRAPS that is a program above software that
 * answers its traps; the traps of that software, and of whatever it calls, go to M-mode. Code that runs has been decoded.
 */
export function isMarked(): bool {
  return capTag(PCC) && (load<u32>(PCC, CAP_PERMS) & PERM_USER0) != 0;
}

/** The same trap at the same place with nothing retired since the last: it will repeat for ever. */
export function isTrapLoop(): bool {
  const same = load<u64>(TRAP_LOOP_INSTRET) == now()
    && load<u64>(TRAP_LOOP_PC) == load<u64>(PC)
    && load<u64>(TRAP_LOOP_CAUSE) == load<u64>(TRAP_CAUSE);
  store<u64>(TRAP_LOOP_INSTRET, now());
  store<u64>(TRAP_LOOP_PC, load<u64>(PC));
  store<u64>(TRAP_LOOP_CAUSE, load<u64>(TRAP_CAUSE));
  return same;
}

/** Takes the pending trap. The PC cell holds the pc of the instruction that trapped or was about to run. */
export function takeTrap(): void {
  const cause = load<u64>(TRAP_CAUSE);
  const target = trapTarget(cause);
  store<u32>(PENDING, 0);
  store<u64>(RESERVATION, 0);
  store<u64>(causeCell(target), cause);
  store<u64>(tvalCell(target), load<u64>(TRAP_TVAL));
  saveEpcc(target);
  pushStatus(target);
  enterTcc(target, cause);
  switchMode(target);
  refreshOtherPCC();
  if (target == MACHINE && configured(CONFIG_STOP_ON_M_TRAP)) store<u32>(STOP, STOP_TRAP);
}

/** Cells of xcause, xtval and xscratch for privilege x. */
export function causeCell(mode: u32): usize {
  return mode == MACHINE ? MCAUSE : mode == SUPERVISOR ? SCAUSE : UCAUSE;
}

export function tvalCell(mode: u32): usize {
  return mode == MACHINE ? MTVAL : mode == SUPERVISOR ? STVAL : UTVAL;
}

export function scratchCell(mode: u32): usize {
  return mode == MACHINE ? MSCRATCH : mode == SUPERVISOR ? SSCRATCH : USCRATCH;
}
