// Writes of CSRs: legal values (WARL) and what follows from a change. Manual: Privileged 1.12 §3.1, §4.1; N extension
// (delegation registers as in Sail's legalize_medeleg, legalize_sedeleg).
// Registers that are read-only, constant or absent take no notice.
import {
  CONFIG_SEDELEG_WIDE, FCSR, MCOUNTEREN, MEDELEG, MENVCFG, MIDELEG, MIE, MIP, SATP, SCCSR, SCOUNTEREN, SEDELEG,
  SENVCFG, SIDELEG,
} from "../layout";
import { refreshContext } from "../context";
import { writeEpc, writeTvec } from "./code-pointers";
import { writeCycle, writeInhibit, writeInstret } from "./counters";
import {
  CSR_FCSR, CSR_FFLAGS, CSR_FRM, CSR_MCOUNTEREN, CSR_MCOUNTINHIBIT, CSR_MCYCLE, CSR_MEDELEG, CSR_MENVCFG, CSR_MIDELEG,
  CSR_MINSTRET, CSR_PMPADDR0, CSR_PMPCFG0, CSR_PMPCFG2, CSR_SATP, CSR_SCCSR, CSR_SCOUNTEREN, CSR_SEDELEG, CSR_SENVCFG,
  CSR_SIDELEG, PMP_COUNT, TRAP_CAUSE_REGISTER, TRAP_EPC_REGISTER, TRAP_IE_REGISTER, TRAP_IP_REGISTER,
  TRAP_SCRATCH_REGISTER, TRAP_STATUS_REGISTER, TRAP_TVAL_REGISTER, TRAP_TVEC_REGISTER,
} from "./csr-numbers";
import { isTrapRegister } from "./csr-access";
import { enableableInterrupts, lowerInterrupts, settableInterrupts } from "./interrupt";
import { writePmpAddress, writePmpConfig } from "./pmp";
import { configured, contextChanged, markFloatDirty, writeStatus } from "./status";
import { flushTlbs } from "./tlb";
import { causeCell, scratchCell, tvalCell } from "./trap";

/** medeleg keeps every bit but 10. */
const MEDELEG_MASK: u64 = ~((<u64>1) << 10);
/** sedeleg knows the exceptions up to the U-mode environment call, unless the machine widens it. */
const SEDELEG_MASK: u64 = 0x1ff;
const COUNTEREN_MASK: u64 = 0xffffffff;
/** menvcfg and senvcfg: FIOM alone. Fences order everything anyway. */
const ENVCFG_MASK: u64 = 1;
const SCCSR_MASK: u64 = 0xc;
const SATP_MODE_BARE: u64 = 0;
const SATP_MODE_SV39: u64 = 8;

/** Writes CSR `n`. Counters will read the value once `start` instructions have retired. */
export function writeCsr(n: u32, value: u64, start: u64): void {
  if (isTrapRegister(n)) {
    writeTrapRegister(n & 0xff, (n >> 8) & 3, value);
    return;
  }
  switch ((n >> 8) & 15) {
    case 0x0:
      writeFloat(n, <u32>value);
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

/** xstatus, xie, xtvec, xscratch, xepc, xcause, xtval, xip of mode x. */
function writeTrapRegister(register: u32, mode: u32, value: u64): void {
  switch (register) {
    case TRAP_STATUS_REGISTER:
      writeStatus(mode, value);
      break;
    case TRAP_IE_REGISTER:
      writeInterrupts(MIE, enableableInterrupts(mode), value);
      break;
    case TRAP_TVEC_REGISTER:
      writeTvec(mode, value);
      break;
    case TRAP_SCRATCH_REGISTER:
      store<u64>(scratchCell(mode), value);
      break;
    case TRAP_EPC_REGISTER:
      writeEpc(mode, value);
      break;
    case TRAP_CAUSE_REGISTER:
      store<u64>(causeCell(mode), value);
      break;
    case TRAP_TVAL_REGISTER:
      store<u64>(tvalCell(mode), value);
      break;
    case TRAP_IP_REGISTER:
      writeInterrupts(MIP, settableInterrupts(mode), value);
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

function writeSupervisor(n: u32, value: u64): void {
  switch (n) {
    case CSR_SEDELEG:
      store<u64>(SEDELEG, value & (configured(CONFIG_SEDELEG_WIDE) ? MEDELEG_MASK : SEDELEG_MASK));
      break;
    case CSR_SIDELEG:
      writeInterrupts(SIDELEG, lowerInterrupts(), value);
      break;
    case CSR_SCOUNTEREN:
      store<u64>(SCOUNTEREN, value & COUNTEREN_MASK);
      break;
    case CSR_SENVCFG:
      store<u64>(SENVCFG, value & ENVCFG_MASK);
      break;
    case CSR_SATP:
      writeSatp(value);
      break;
  }
}

function writeMachine(n: u32, value: u64, start: u64): void {
  if (n - CSR_PMPADDR0 < <u32>PMP_COUNT) writePmpAddress(n - CSR_PMPADDR0, value);
  switch (n) {
    case CSR_MEDELEG:
      store<u64>(MEDELEG, value & MEDELEG_MASK);
      break;
    case CSR_MIDELEG:
      writeInterrupts(MIDELEG, lowerInterrupts(), value);
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
  store<u64>(cell, (load<u64>(cell) & ~mask) | (value & mask));
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
