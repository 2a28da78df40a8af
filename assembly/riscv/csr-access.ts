// Which CSRs exist, and who may access them. Manual: Privileged 1.12 chapter 2, §3.1.6.5, §3.1.11, §4.1.10; ISAv9.
// Order of the checks: existence, privilege, read-only, traps by TVM, counteren and FS: illegal instruction;
// then Access_System_Registers of PCC: capability violation.
import {
  CAP_PERMS, CAP_STATE, CONFIG_CHERI, CONFIG_N, CONFIG_LIKE_SAIL, CONFIG_S_MODE, MCOUNTEREN, PCC, PRIV, SCOUNTEREN,
  STATE_DECODED,
} from "../layout";
import { decodeCap } from "../cheri/registers";
import { CapEx_AccessSystemRegsViolation, PERM_ACCESS_SYSTEM_REGISTERS, REGNUM_PCC } from "../cheri/names";
import {
  CSR_CYCLE, CSR_FCSR, CSR_FFLAGS, CSR_MCCSR, CSR_MCONFIGPTR, CSR_MCOUNTEREN, CSR_MCOUNTINHIBIT, CSR_MEDELEG,
  CSR_MENVCFG, CSR_MHPMEVENT3, CSR_MIDELEG, CSR_MISA, CSR_MVENDORID, CSR_PMPADDR0, CSR_PMPCFG0, CSR_PMPCFG2, CSR_SATP,
  CSR_SCCSR, CSR_SEDELEG, CSR_SENVCFG, CSR_SIDELEG, CSR_TDATA3, CSR_TSELECT, CSR_UCCSR, HPM_COUNT, PMP_COUNT,
  TRAP_IE_REGISTER, TRAP_SCRATCH_REGISTER, TRAP_STATUS_REGISTER,
} from "./csr-numbers";
import { configured, hasStatus, MACHINE, STATUS_FS, STATUS_TVM, USER } from "./status";
import { raiseCapability, raiseIllegal } from "./trap";

/** Counters 0 to 31 of a block: cycle, time, instret, and the hpmcounters. */
const COUNTER_COUNT: u32 = 3 + HPM_COUNT;

// @ts-ignore: decorator
@inline
function within(n: u32, first: u32, count: u32): bool {
  return n - first < count;
}

/** Does this machine have the register? */
export function csrExists(n: u32): bool {
  switch ((n >> 8) & 15) {
    case 0x0:
      return within(n, CSR_FFLAGS, 3) || (configured(CONFIG_N) && isTrapRegister(n));
    case 0x1:
      return configured(CONFIG_S_MODE) && isSupervisorRegister(n);
    case 0x3:
      return isMachineRegister(n);
    case 0x7:
      return within(n, CSR_TSELECT, CSR_TDATA3 - CSR_TSELECT + 1);
    case 0x8:
      return n == CSR_UCCSR && configured(CONFIG_CHERI);
    case 0x9:
      return n == CSR_SCCSR && configured(CONFIG_CHERI) && configured(CONFIG_S_MODE);
    case 0xb:
      return n == CSR_MCCSR ? configured(CONFIG_CHERI) : (n & 0xff) != 1 && (n & 0xff) < COUNTER_COUNT;
    case 0xc:
      return within(n, CSR_CYCLE, COUNTER_COUNT);
    case 0xf:
      return within(n, CSR_MVENDORID, CSR_MCONFIGPTR - CSR_MVENDORID + 1);
    default:
      return false;
  }
}

/** One of the registers that each mode with traps has a set of, whether or not the machine has the mode. */
export function isTrapRegister(n: u32): bool {
  const low = n & 0xff;
  if (n > 0x3ff) return false;
  return low == TRAP_STATUS_REGISTER || within(low, TRAP_IE_REGISTER, 2) || within(low, TRAP_SCRATCH_REGISTER, 5);
}

function isSupervisorRegister(n: u32): bool {
  if (n == CSR_SEDELEG || n == CSR_SIDELEG) return configured(CONFIG_N);
  return isTrapRegister(n) || n == CSR_SATP || n == CSR_SENVCFG || (n & 0xff) == 6;
}

function isMachineRegister(n: u32): bool {
  if (n == CSR_MEDELEG || n == CSR_MIDELEG) return configured(CONFIG_N | CONFIG_S_MODE);
  if (isTrapRegister(n) || within(n, CSR_MHPMEVENT3, HPM_COUNT) || within(n, CSR_PMPADDR0, PMP_COUNT)) return true;
  switch (n) {
    case CSR_MISA:
    case CSR_MCOUNTEREN:
    case CSR_MENVCFG:
    case CSR_MCOUNTINHIBIT:
    case CSR_PMPCFG0:
    case CSR_PMPCFG2:
      return true;
    default:
      return false;
  }
}

/** May the current mode access a register that exists? */
function mayAccess(n: u32, writes: bool): bool {
  const mode = load<u32>(PRIV);
  if (((n >> 8) & 3) > mode || (writes && n >> 10 == 3)) return false;
  if (n == CSR_SATP) return mode == MACHINE || !hasStatus(STATUS_TVM);
  if (within(n, CSR_FFLAGS, 3)) return hasStatus(STATUS_FS);
  return within(n, CSR_CYCLE, COUNTER_COUNT) ? mayCount(n & 31, mode) : true;
}

/** mcounteren lets S-mode and U-mode read a counter, scounteren further U-mode where there is an S-mode. */
function mayCount(counter: u32, mode: u32): bool {
  const bit = (<u64>1) << counter;
  if (mode < MACHINE && !(load<u64>(MCOUNTEREN) & bit)) return false;
  return mode != USER || !configured(CONFIG_S_MODE) || (load<u64>(SCOUNTEREN) & bit) != 0;
}

/** Registers that need no permission: floating-point status, unprivileged counters (in Sail these do too). */
function isUnguarded(n: u32): bool {
  if (configured(CONFIG_LIKE_SAIL)) return false;
  return within(n, CSR_FFLAGS, CSR_FCSR - CSR_FFLAGS + 1) || within(n, CSR_CYCLE, COUNTER_COUNT);
}

/** Has PCC the permission Access_System_Registers? */
export function hasSystemAccess(): bool {
  if (!(load<u32>(PCC, CAP_STATE) & STATE_DECODED)) decodeCap(PCC);
  return (load<u32>(PCC, CAP_PERMS) & PERM_ACCESS_SYSTEM_REGISTERS) != 0;
}

/** All checks of a CSR instruction. False after raising. */
export function checkCsr(n: u32, writes: bool): bool {
  if (!csrExists(n) || !mayAccess(n, writes)) {
    raiseIllegal();
    return false;
  }
  if (isUnguarded(n) || hasSystemAccess()) return true;
  raiseCapability(CapEx_AccessSystemRegsViolation, REGNUM_PCC);
  return false;
}
