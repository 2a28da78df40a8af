// Writes of CSRs: legal values (WARL) and what follows from a change. Manual: Privileged 1.12 §3.1, §4.1; N extension
// (delegation registers as in Sail's legalize_medeleg, legalize_sedeleg, lift_sip, lift_sie).
// Registers that are read-only, constant or absent take no notice.
import {
  CONFIG_SEDELEG_WIDE, FCSR, MCAUSE, MCOUNTEREN, MEDELEG, MENVCFG, MIDELEG, MIE, MIP, MSCRATCH, MTVAL, SATP, SCAUSE,
  SCCSR, SCOUNTEREN, SEDELEG, SENVCFG, SIDELEG, SSCRATCH, STVAL, UCAUSE, USCRATCH, UTVAL,
} from "../layout";
import { refreshContext } from "../context";
import { writeEpc, writeTvec } from "./code-pointers";
import { writeCycle, writeInhibit, writeInstret } from "./counters";
import {
  CSR_FCSR, CSR_FFLAGS, CSR_FRM, CSR_MCAUSE, CSR_MCOUNTEREN, CSR_MCOUNTINHIBIT, CSR_MCYCLE, CSR_MEDELEG, CSR_MENVCFG,
  CSR_MEPC, CSR_MIDELEG, CSR_MIE, CSR_MINSTRET, CSR_MIP, CSR_MSCRATCH, CSR_MSTATUS, CSR_MTVAL, CSR_MTVEC,
  CSR_PMPADDR0, CSR_PMPCFG0, CSR_PMPCFG2, CSR_SATP, CSR_SCAUSE, CSR_SCCSR, CSR_SCOUNTEREN, CSR_SEDELEG, CSR_SENVCFG,
  CSR_SEPC, CSR_SIDELEG, CSR_SIE, CSR_SIP, CSR_SSCRATCH, CSR_SSTATUS, CSR_STVAL, CSR_STVEC, CSR_UCAUSE, CSR_UEPC,
  CSR_UIE, CSR_UIP, CSR_USCRATCH, CSR_USTATUS, CSR_UTVAL, CSR_UTVEC, PMP_COUNT,
} from "./csr-numbers";
import { delegatedToUser, LEVEL_MASK, lowerInterrupts, writeMasked } from "./interrupt";
import { writePmpAddress, writePmpConfig } from "./pmp";
import {
  configured, contextChanged, MACHINE, markFloatDirty, SUPERVISOR, USER, writeMstatus, writeSstatus, writeUstatus,
} from "./status";
import { flushTlbs } from "./tlb";

/** medeleg keeps every bit but 10. */
const MEDELEG_MASK: u64 = ~((<u64>1) << 10);
/** sedeleg knows the exceptions up to the U-mode environment call, unless the machine widens it. */
const SEDELEG_MASK: u64 = 0x1ff;
/** Software interrupts of S-mode and U-mode, the one kind that the mode itself may set in xip. */
const SOFTWARE_MASK: u64 = 3;
const USER_EXTERNAL: u64 = 1 << 8;
const COUNTEREN_MASK: u64 = 0xffffffff;
/** menvcfg and senvcfg: FIOM alone. Fences order everything anyway. */
const ENVCFG_MASK: u64 = 1;
const SCCSR_MASK: u64 = 0xc;
const SATP_MODE_BARE: u64 = 0;
const SATP_MODE_SV39: u64 = 8;

/** Writes CSR `n`. Counters will read the value once `start` instructions have retired. */
export function writeCsr(n: u32, value: u64, start: u64): void {
  switch ((n >> 8) & 15) {
    case 0x0:
      if (n - CSR_FFLAGS < 3) writeFloat(n, <u32>value);
      else writeUser(n, value);
      break;
    case 0x1:
      writeSupervisor(n, value);
      break;
    case 0x3:
      writeMachine(n, value, start);
      break;
    case 0x9:
      if (n == CSR_SCCSR) writeSccsr(value);
      break;
    case 0xb:
      if (n == CSR_MCYCLE) writeCycle(value, start);
      else if (n == CSR_MINSTRET) writeInstret(value, start);
      break;
  }
}

function writeFloat(n: u32, value: u32): void {
  const old = load<u32>(FCSR);
  if (n == CSR_FFLAGS) store<u32>(FCSR, (old & 0xe0) | (value & 0x1f));
  else if (n == CSR_FRM) store<u32>(FCSR, (old & 0x1f) | ((value & 7) << 5));
  else if (n == CSR_FCSR) store<u32>(FCSR, value & 0xff);
  markFloatDirty();
}

function writeUser(n: u32, value: u64): void {
  switch (n) {
    case CSR_USTATUS:
      writeUstatus(value);
      break;
    case CSR_UIE:
      writeInterrupts(MIE, delegatedToUser(), value);
      break;
    case CSR_UTVEC:
      writeTvec(USER, value);
      break;
    case CSR_USCRATCH:
      store<u64>(USCRATCH, value);
      break;
    case CSR_UEPC:
      writeEpc(USER, value);
      break;
    case CSR_UCAUSE:
      store<u64>(UCAUSE, value);
      break;
    case CSR_UTVAL:
      store<u64>(UTVAL, value);
      break;
    case CSR_UIP:
      writeInterrupts(MIP, delegatedToUser() & SOFTWARE_MASK, value);
      break;
  }
}

function writeSupervisor(n: u32, value: u64): void {
  switch (n) {
    case CSR_SSTATUS:
      writeSstatus(value);
      break;
    case CSR_SEDELEG:
      store<u64>(SEDELEG, value & (configured(CONFIG_SEDELEG_WIDE) ? MEDELEG_MASK : SEDELEG_MASK));
      break;
    case CSR_SIDELEG:
      writeInterrupts(SIDELEG, lowerInterrupts(), value);
      break;
    case CSR_SIE:
      writeInterrupts(MIE, load<u64>(MIDELEG), value);
      break;
    case CSR_STVEC:
      writeTvec(SUPERVISOR, value);
      break;
    case CSR_SCOUNTEREN:
      store<u64>(SCOUNTEREN, value & COUNTEREN_MASK);
      break;
    case CSR_SENVCFG:
      store<u64>(SENVCFG, value & ENVCFG_MASK);
      break;
    case CSR_SSCRATCH:
      store<u64>(SSCRATCH, value);
      break;
    case CSR_SEPC:
      writeEpc(SUPERVISOR, value);
      break;
    case CSR_SCAUSE:
      store<u64>(SCAUSE, value);
      break;
    case CSR_STVAL:
      store<u64>(STVAL, value);
      break;
    case CSR_SIP:
      writeInterrupts(MIP, load<u64>(MIDELEG) & (SOFTWARE_MASK | USER_EXTERNAL), value);
      break;
    case CSR_SATP:
      writeSatp(value);
      break;
  }
}

function writeMachine(n: u32, value: u64, start: u64): void {
  if (n - CSR_PMPADDR0 < <u32>PMP_COUNT) writePmpAddress(n - CSR_PMPADDR0, value);
  switch (n) {
    case CSR_MSTATUS:
      writeMstatus(value);
      break;
    case CSR_MEDELEG:
      store<u64>(MEDELEG, value & MEDELEG_MASK);
      break;
    case CSR_MIDELEG:
      writeInterrupts(MIDELEG, lowerInterrupts(), value);
      break;
    case CSR_MIE:
      writeInterrupts(MIE, lowerInterrupts() | (LEVEL_MASK << MACHINE), value);
      break;
    case CSR_MTVEC:
      writeTvec(MACHINE, value);
      break;
    case CSR_MCOUNTEREN:
      store<u64>(MCOUNTEREN, value & COUNTEREN_MASK);
      break;
    case CSR_MENVCFG:
      store<u64>(MENVCFG, value & ENVCFG_MASK);
      break;
    case CSR_MCOUNTINHIBIT:
      writeInhibit(value, start);
      break;
    case CSR_MSCRATCH:
      store<u64>(MSCRATCH, value);
      break;
    case CSR_MEPC:
      writeEpc(MACHINE, value);
      break;
    case CSR_MCAUSE:
      store<u64>(MCAUSE, value);
      break;
    case CSR_MTVAL:
      store<u64>(MTVAL, value);
      break;
    case CSR_MIP:
      writeInterrupts(MIP, lowerInterrupts(), value);
      break;
    case CSR_PMPCFG0:
      writePmpConfig(0, value);
      break;
    case CSR_PMPCFG2:
      writePmpConfig(8, value);
      break;
  }
}

/** Replaces the bits of an interrupt register that the writer may write. */
function writeInterrupts(cell: usize, mask: u64, value: u64): void {
  writeMasked(cell, mask, value);
  contextChanged();
}

/** WARL as a whole: with a mode that does not exist nothing is written. All 16 bits of ASID are held. */
function writeSatp(value: u64): void {
  const mode = value >> 60;
  if ((mode != SATP_MODE_BARE && mode != SATP_MODE_SV39) || value == load<u64>(SATP)) return;
  store<u64>(SATP, value);
  flushTlbs();
  refreshContext();
  contextChanged();
}

/** The capability generations decide what a TLB entry says about loads of capabilities. */
function writeSccsr(value: u64): void {
  store<u64>(SCCSR, value & SCCSR_MASK);
  flushTlbs();
}
