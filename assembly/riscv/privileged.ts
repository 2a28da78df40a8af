// ECALL, EBREAK, the returns from traps, WFI and SFENCE.VMA; reset.
// Manual: Privileged 1.12 §3.3, §3.4, §4.2.1; N extension; CHERI ISAv9: xRET needs Access_System_Registers, which is
// tested after everything that makes the instruction illegal.
import {
  CONFIG_N, CONFIG_S_MODE, CSR_CELLS_END, IDLE_TIME, MCOUNTEREN, MIE, MSTATUS, MTIMECMP, PC, PENDING, PRIV,
  RECORD_RAW, RECORD_RS1, RESERVATION, SCOUNTEREN, STOP, STOP_IDLE, TIMER_DEADLINE,
} from "../layout";
import { refreshOtherPCC } from "../context";
import { CapEx_AccessSystemRegsViolation, REGNUM_PCC } from "../cheri/names";
import { returnToEpcc } from "./code-pointers";
import { elapsed, NEVER } from "./counters";
import { hasSystemAccess } from "./csr-access";
import { IRQ_MTI, pendingInterrupts, updateTimer } from "./interrupt";
import { readX } from "./registers";
import {
  configured, contextChanged, hasStatus, MACHINE, popStatus, STATUS_RESET, STATUS_TSR, STATUS_TVM, STATUS_TW,
  SUPERVISOR, switchMode, USER,
} from "./status";
import { flushTlbPage, flushTlbs } from "./tlb";
import { EXC_BREAKPOINT, EXC_ECALL_U, raise, raiseCapability, raiseIllegal } from "./trap";

/** Environment call: xcause 8 + the privilege, xtval 0. */
export function executeECALL(record: usize): void {
  raise(EXC_ECALL_U + load<u32>(PRIV), 0);
}

/** Breakpoint: xtval is the absolute pc. */
export function executeEBREAK(record: usize): void {
  raise(EXC_BREAKPOINT, load<u64>(PC));
}

/** Illegal below M-mode. */
export function executeMRET(record: usize): void {
  if (load<u32>(PRIV) != MACHINE) raiseIllegal();
  else returnFrom(MACHINE);
}

/** Illegal without S-mode, in U-mode, and in S-mode with TSR. */
export function executeSRET(record: usize): void {
  const mode = load<u32>(PRIV);
  const trapped = mode == SUPERVISOR && hasStatus(STATUS_TSR);
  if (!configured(CONFIG_S_MODE) || mode == USER || trapped) raiseIllegal();
  else returnFrom(SUPERVISOR);
}

/** Illegal without the N extension; else legal in every mode. */
export function executeURET(record: usize): void {
  if (!configured(CONFIG_N)) raiseIllegal();
  else returnFrom(USER);
}

/** xRET: privilege and interrupt enable from mstatus, PCC and pc from xEPCC. The LR reservation is dropped. */
function returnFrom(mode: u32): void {
  if (!hasSystemAccess()) {
    raiseCapability(CapEx_AccessSystemRegsViolation, REGNUM_PCC);
    return;
  }
  store<u64>(RESERVATION, 0);
  const target = popStatus(mode);
  returnToEpcc(mode);
  switchMode(target);
  refreshOtherPCC();
  contextChanged();
}

/**
 * Wait for interrupt. Illegal below M-mode with TW, and in U-mode where there is an S-mode. If no enabled interrupt
 * is pending, time skips to the timer's deadline; without one only the outside can go on, and run() stops as idle.
 */
export function executeWFI(record: usize): void {
  const mode = load<u32>(PRIV);
  const forbidden = mode == USER && configured(CONFIG_S_MODE);
  if (mode != MACHINE && (forbidden || hasStatus(STATUS_TW))) {
    raiseIllegal();
    return;
  }
  updateTimer();
  const enabled = load<u64>(MIE);
  if (!(pendingInterrupts() & enabled)) {
    const deadline = load<u64>(TIMER_DEADLINE);
    if (enabled & (1 << IRQ_MTI) && deadline != NEVER) {
      store<u64>(IDLE_TIME, load<u64>(IDLE_TIME) + deadline - elapsed());
      updateTimer();
    } else {
      store<u32>(STOP, STOP_IDLE);
    }
  }
  contextChanged();
}

/**
 * Page tables were changed: forget the translations of x[rs1], or all if rs1 = x0. The address space in x[rs2] is
 * ignored: too much is forgotten, never too little. Illegal without S-mode, in U-mode, and in S-mode with TVM.
 */
export function executeSFENCEVMA(record: usize): void {
  const mode = load<u32>(PRIV);
  const trapped = mode == SUPERVISOR && hasStatus(STATUS_TVM);
  if (!configured(CONFIG_S_MODE) || mode == USER || trapped) {
    raiseIllegal();
    return;
  }
  if ((load<u32>(record, RECORD_RAW) >> 15) & 31) flushTlbPage(readX(load<u16>(record, RECORD_RS1)));
  else flushTlbs();
  contextChanged();
}

/**
 * State after reset (Privileged 1.12 §3.4), capabilities and the pc apart:
 * M-mode, interrupts off, no translation, no PMP entry (so S-mode and U-mode may access nothing), counters readable
 * everywhere (Linux never sets scounteren), a timer that never fires.
 */
export function resetPrivileged(): void {
  memory.fill(MSTATUS, 0, CSR_CELLS_END - MSTATUS);
  store<u32>(PRIV, MACHINE);
  store<u32>(PENDING, 0);
  store<u64>(MSTATUS, STATUS_RESET);
  store<u64>(MCOUNTEREN, 7);
  store<u64>(SCOUNTEREN, 7);
  store<u64>(MTIMECMP, <u64>-1);
  store<u64>(TIMER_DEADLINE, NEVER);
  flushTlbs();
}
