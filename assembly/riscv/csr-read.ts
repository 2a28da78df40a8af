// Values of CSRs as software reads them. Manual: Privileged 1.12 §3.1, §4.1; N extension; CHERI ISAv9 for xccsr.
// Registers that do not exist read 0 here: csr-access decides about existence.
import {
  CONFIG_CHERI, CONFIG_N, CONFIG_RELOCATED, CONFIG_S_MODE, FCSR, HART_ID, MCAUSE, MCOUNTEREN, MCOUNTINHIBIT, MEDELEG,
  MENVCFG, MIDELEG, MIE, MSCRATCH, MSTATUS, MTVAL, SATP, SCAUSE, SCCSR, SCOUNTEREN, SEDELEG, SENVCFG, SIDELEG,
  SSCRATCH, STVAL, UCAUSE, USCRATCH, UTVAL,
} from "../layout";
import { readEpc, readTvec } from "./code-pointers";
import { readCycle, readInstret, readTime } from "./counters";
import {
  CSR_CYCLE, CSR_FCSR, CSR_FFLAGS, CSR_FRM, CSR_INSTRET, CSR_MCAUSE, CSR_MCCSR, CSR_MCOUNTEREN, CSR_MCOUNTINHIBIT,
  CSR_MCYCLE, CSR_MEDELEG, CSR_MENVCFG, CSR_MEPC, CSR_MHARTID, CSR_MIDELEG, CSR_MIE, CSR_MINSTRET, CSR_MIP, CSR_MISA,
  CSR_MSCRATCH, CSR_MSTATUS, CSR_MTVAL, CSR_MTVEC, CSR_PMPADDR0, CSR_PMPCFG0, CSR_PMPCFG2, CSR_SATP, CSR_SCAUSE,
  CSR_SCCSR, CSR_SCOUNTEREN, CSR_SEDELEG, CSR_SENVCFG, CSR_SEPC, CSR_SIDELEG, CSR_SIE, CSR_SIP, CSR_SSCRATCH,
  CSR_SSTATUS, CSR_STVAL, CSR_STVEC, CSR_TIME, CSR_UCAUSE, CSR_UEPC, CSR_UIE, CSR_UIP, CSR_USCRATCH, CSR_USTATUS,
  CSR_UTVAL, CSR_UTVEC, PMP_COUNT,
} from "./csr-numbers";
import { delegatedToUser, pendingInterrupts, updateTimer } from "./interrupt";
import { readPmpAddress, readPmpConfig } from "./pmp";
import { configured, MACHINE, readSstatus, readUstatus, SUPERVISOR, USER } from "./status";

/** RV64 with A C D F I M U; S, N and X as configured. */
const MISA_BASE: u64 = ((<u64>2) << 62) | 0x10112d;
const MISA_N: u64 = 1 << 13;
const MISA_S: u64 = 1 << 18;
const MISA_X: u64 = 1 << 23;

// Feature bits of mccsr, sccsr, uccsr.
const CCSR_ENABLE: u64 = 1;
const CCSR_NO_RELOCATION: u64 = 1 << 30;
const CCSR_TAG_CLEARING: u64 = 1 << 31;

export function readMisa(): u64 {
  const supervisor: u64 = configured(CONFIG_S_MODE) ? MISA_S : 0;
  const user: u64 = configured(CONFIG_N) ? MISA_N : 0;
  return MISA_BASE | supervisor | user | (configured(CONFIG_CHERI) ? MISA_X : 0);
}

function readCcsr(writable: u64): u64 {
  const relocation: u64 = configured(CONFIG_RELOCATED) ? 0 : CCSR_NO_RELOCATION;
  return CCSR_TAG_CLEARING | relocation | CCSR_ENABLE | writable;
}

/** Value of CSR `n`. */
export function readCsr(n: u32): u64 {
  switch ((n >> 8) & 15) {
    case 0x0:
      return readUser(n);
    case 0x1:
      return readSupervisor(n);
    case 0x3:
      return readMachine(n);
    case 0x8:
    case 0x9:
      return readCcsr(n == CSR_SCCSR ? load<u64>(SCCSR) : 0);
    case 0xb:
    case 0xc:
      return readCounters(n);
    case 0xf:
      return n == CSR_MHARTID ? load<u64>(HART_ID) : 0;
    default:
      return 0;
  }
}

function readUser(n: u32): u64 {
  switch (n) {
    case CSR_USTATUS:
      return readUstatus();
    case CSR_FFLAGS:
      return load<u32>(FCSR) & 0x1f;
    case CSR_FRM:
      return (load<u32>(FCSR) >> 5) & 7;
    case CSR_FCSR:
      return load<u32>(FCSR) & 0xff;
    case CSR_UIE:
      return load<u64>(MIE) & delegatedToUser();
    case CSR_UTVEC:
      return readTvec(USER);
    case CSR_USCRATCH:
      return load<u64>(USCRATCH);
    case CSR_UEPC:
      return readEpc(USER);
    case CSR_UCAUSE:
      return load<u64>(UCAUSE);
    case CSR_UTVAL:
      return load<u64>(UTVAL);
    case CSR_UIP:
      return readPending() & delegatedToUser();
    default:
      return 0;
  }
}

function readSupervisor(n: u32): u64 {
  switch (n) {
    case CSR_SSTATUS:
      return readSstatus();
    case CSR_SEDELEG:
      return load<u64>(SEDELEG);
    case CSR_SIDELEG:
      return load<u64>(SIDELEG);
    case CSR_SIE:
      return load<u64>(MIE) & load<u64>(MIDELEG);
    case CSR_STVEC:
      return readTvec(SUPERVISOR);
    case CSR_SCOUNTEREN:
      return load<u64>(SCOUNTEREN);
    case CSR_SENVCFG:
      return load<u64>(SENVCFG);
    case CSR_SSCRATCH:
      return load<u64>(SSCRATCH);
    case CSR_SEPC:
      return readEpc(SUPERVISOR);
    case CSR_SCAUSE:
      return load<u64>(SCAUSE);
    case CSR_STVAL:
      return load<u64>(STVAL);
    case CSR_SIP:
      return readPending() & load<u64>(MIDELEG);
    case CSR_SATP:
      return load<u64>(SATP);
    default:
      return 0;
  }
}

function readMachine(n: u32): u64 {
  if (n - CSR_PMPADDR0 < <u32>PMP_COUNT) return readPmpAddress(n - CSR_PMPADDR0);
  switch (n) {
    case CSR_MSTATUS:
      return load<u64>(MSTATUS);
    case CSR_MISA:
      return readMisa();
    case CSR_MEDELEG:
      return load<u64>(MEDELEG);
    case CSR_MIDELEG:
      return load<u64>(MIDELEG);
    case CSR_MIE:
      return load<u64>(MIE);
    case CSR_MTVEC:
      return readTvec(MACHINE);
    case CSR_MCOUNTEREN:
      return load<u64>(MCOUNTEREN);
    case CSR_MENVCFG:
      return load<u64>(MENVCFG);
    case CSR_MCOUNTINHIBIT:
      return load<u64>(MCOUNTINHIBIT);
    case CSR_MSCRATCH:
      return load<u64>(MSCRATCH);
    case CSR_MEPC:
      return readEpc(MACHINE);
    case CSR_MCAUSE:
      return load<u64>(MCAUSE);
    case CSR_MTVAL:
      return load<u64>(MTVAL);
    case CSR_MIP:
      return readPending();
    case CSR_PMPCFG0:
      return readPmpConfig(0);
    case CSR_PMPCFG2:
      return readPmpConfig(8);
    default:
      return 0;
  }
}

/** mcycle, minstret, cycle, time, instret; the performance counters count nothing. mccsr lives among them. */
function readCounters(n: u32): u64 {
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

/** mip: the timer is looked at now, not when the slice ends. */
function readPending(): u64 {
  updateTimer();
  return pendingInterrupts();
}
