// Values of CSRs as software reads them. Manual: Privileged 1.12 §3.1, §4.1; N extension; CHERI ISAv9 for xccsr.
// Registers that do not exist read 0 here: csr-access decides about existence.
import {
  CONFIG_CHERI, CONFIG_N, CONFIG_RELOCATED, CONFIG_S_MODE, FCSR, HART_ID, MCOUNTEREN, MCOUNTINHIBIT, MEDELEG, MENVCFG,
  MIDELEG, MIE, SATP, SCCSR, SCOUNTEREN, SEDELEG, SENVCFG, SIDELEG,
} from "../layout";
import { readEpc, readTvec } from "./code-pointers";
import { readCycle, readInstret, readTime } from "./counters";
import {
  CSR_CYCLE, CSR_FCSR, CSR_FFLAGS, CSR_FRM, CSR_INSTRET, CSR_MCCSR, CSR_MCOUNTEREN, CSR_MCOUNTINHIBIT, CSR_MCYCLE,
  CSR_MEDELEG, CSR_MENVCFG, CSR_MHARTID, CSR_MIDELEG, CSR_MINSTRET, CSR_MISA, CSR_PMPADDR0, CSR_PMPCFG0, CSR_PMPCFG2,
  CSR_SATP, CSR_SCCSR, CSR_SCOUNTEREN, CSR_SEDELEG, CSR_SENVCFG, CSR_SIDELEG, CSR_TIME, PMP_COUNT,
  TRAP_CAUSE_REGISTER, TRAP_EPC_REGISTER, TRAP_IE_REGISTER, TRAP_IP_REGISTER, TRAP_SCRATCH_REGISTER,
  TRAP_STATUS_REGISTER, TRAP_TVAL_REGISTER, TRAP_TVEC_REGISTER,
} from "./csr-numbers";
import { isTrapRegister } from "./csr-access";
import { pendingInterrupts, updateTimer, visibleInterrupts } from "./interrupt";
import { readPmpAddress, readPmpConfig } from "./pmp";
import { configured, readStatus } from "./status";
import { causeCell, scratchCell, tvalCell } from "./trap";

/** RV64 with A C D F I M U; S, N and X as configured. */
const MISA_BASE: u64 = ((<u64>2) << 62) | 0x10112d;
const MISA_N: u64 = 1 << 13;
const MISA_S: u64 = 1 << 18;
const MISA_X: u64 = 1 << 23;

// Feature bits of mccsr, sccsr, uccsr.
const CCSR_ENABLE: u64 = 1;
const CCSR_NO_RELOCATION: u64 = 1 << 30;
const CCSR_TAG_CLEARING: u64 = 1 << 31;

/** Value of CSR `n`. */
export function readCsr(n: u32): u64 {
  if (isTrapRegister(n)) return readTrapRegister(n & 0xff, (n >> 8) & 3);
  switch ((n >> 8) & 15) {
    case 0x0:
      return readFloat(n);
    case 0x1:
      return readSupervisor(n);
    case 0x3:
      return readMachine(n);
    case 0x8:
    case 0x9:
      return readCcsr(n == CSR_SCCSR ? load<u64>(SCCSR) : 0);
    case 0xb:
    case 0xc:
      return readCounter(n);
    case 0xf:
      return n == CSR_MHARTID ? load<u64>(HART_ID) : 0;
    default:
      return 0;
  }
}

/** xstatus, xie, xtvec, xscratch, xepc, xcause, xtval, xip of mode x. */
function readTrapRegister(register: u32, mode: u32): u64 {
  switch (register) {
    case TRAP_STATUS_REGISTER:
      return readStatus(mode);
    case TRAP_IE_REGISTER:
      return load<u64>(MIE) & visibleInterrupts(mode);
    case TRAP_TVEC_REGISTER:
      return readTvec(mode);
    case TRAP_SCRATCH_REGISTER:
      return load<u64>(scratchCell(mode));
    case TRAP_EPC_REGISTER:
      return readEpc(mode);
    case TRAP_CAUSE_REGISTER:
      return load<u64>(causeCell(mode));
    case TRAP_TVAL_REGISTER:
      return load<u64>(tvalCell(mode));
    case TRAP_IP_REGISTER:
      // The timer is looked at now, not when the slice ends.
      updateTimer();
      return pendingInterrupts() & visibleInterrupts(mode);
    default:
      return 0;
  }
}

function readFloat(n: u32): u64 {
  const value = load<u32>(FCSR);
  if (n == CSR_FFLAGS) return value & 0x1f;
  if (n == CSR_FRM) return value >> 5;
  return n == CSR_FCSR ? value : 0;
}

function readSupervisor(n: u32): u64 {
  switch (n) {
    case CSR_SEDELEG:
      return load<u64>(SEDELEG);
    case CSR_SIDELEG:
      return load<u64>(SIDELEG);
    case CSR_SCOUNTEREN:
      return load<u64>(SCOUNTEREN);
    case CSR_SENVCFG:
      return load<u64>(SENVCFG);
    case CSR_SATP:
      return load<u64>(SATP);
    default:
      return 0;
  }
}

function readMachine(n: u32): u64 {
  if (n - CSR_PMPADDR0 < <u32>PMP_COUNT) return readPmpAddress(n - CSR_PMPADDR0);
  switch (n) {
    case CSR_MISA:
      return readMisa();
    case CSR_MEDELEG:
      return load<u64>(MEDELEG);
    case CSR_MIDELEG:
      return load<u64>(MIDELEG);
    case CSR_MCOUNTEREN:
      return load<u64>(MCOUNTEREN);
    case CSR_MENVCFG:
      return load<u64>(MENVCFG);
    case CSR_MCOUNTINHIBIT:
      return load<u64>(MCOUNTINHIBIT);
    case CSR_PMPCFG0:
      return readPmpConfig(0);
    case CSR_PMPCFG2:
      return readPmpConfig(8);
    default:
      return 0;
  }
}

function readMisa(): u64 {
  const supervisor: u64 = configured(CONFIG_S_MODE) ? MISA_S : 0;
  const user: u64 = configured(CONFIG_N) ? MISA_N : 0;
  return MISA_BASE | supervisor | user | (configured(CONFIG_CHERI) ? MISA_X : 0);
}

/** mcycle, minstret, cycle, time, instret; the performance counters count nothing. mccsr lives among them. */
function readCounter(n: u32): u64 {
  switch (n) {
    case CSR_MCYCLE:
    case CSR_CYCLE:
      return readCycle();
    case CSR_MINSTRET:
    case CSR_INSTRET:
      return readInstret();
    case CSR_TIME:
      return readTime();
    case CSR_MCCSR:
      return readCcsr(0);
    default:
      return 0;
  }
}

function readCcsr(writable: u64): u64 {
  const relocation: u64 = configured(CONFIG_RELOCATED) ? 0 : CCSR_NO_RELOCATION;
  return CCSR_TAG_CLEARING | relocation | CCSR_ENABLE | writable;
}
