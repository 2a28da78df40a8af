// The checks of memory accesses, fetches and jumps: the only place that raises a capability exception for them.
// Each ladder is in the architecture's order (ISAv9, "Capability exception priority"); the first rung that fails
// raises. Alignment, translation and PMP come after and are not here.
import { CAP_BASE, CAP_PERMS, CONFIG, CONFIG_CHERI, CONFIG_RELOCATED, PCC } from "../layout";
import { raiseCapability } from "../riscv/trap";
import {
  CapEx_GlobalViolation, CapEx_LengthViolation, CapEx_PermitExecuteViolation, CapEx_SealViolation, CapEx_TagViolation,
  CapEx_UnalignedBase, PERM_EXECUTE, PERM_GLOBAL, PERM_STORE, PERM_STORE_CAP, PERM_STORE_LOCAL_CAP, REGNUM_PCC,
} from "./names";
import { permsOf } from "./fields";
import { capHigh, capTag, ensureDecoded, inCapBounds, isSealed } from "./registers";

/** Smallest instruction: this machine always has the C extension. */
const MIN_INSTRUCTION_BYTES: u64 = 2;

/** A machine without CHERI has nothing to check: an address that wraps is not a capability's matter. */
// @ts-ignore: decorator
@inline
function hasCapabilities(): bool {
  return (load<u32>(CONFIG) & CONFIG_CHERI) != 0;
}

/**
 * May `auth` access the `sizeBytes` bytes at absolute guest address `ea`? `needs` is a mask of PERM_*; `regnum` is
 * the number to blame, 0 to 31 or REGNUM_DDC.
 * Traps: Tag, Seal, then the lowest missing permission (Load, Store, LoadCap, StoreCap, StoreLocalCap), Length.
 */
export function checkAccess(auth: usize, regnum: u32, ea: u64, sizeBytes: u32, needs: u32): bool {
  if (!hasCapabilities()) return true;
  ensureDecoded(auth);
  const missing = needs & ~load<u32>(auth, CAP_PERMS);
  if (!capTag(auth)) raiseCapability(CapEx_TagViolation, regnum);
  else if (isSealed(auth)) raiseCapability(CapEx_SealViolation, regnum);
  else if (missing) raiseCapability(CapEx_GlobalViolation + ctz(missing), regnum);
  else if (!inCapBounds(auth, ea, sizeBytes)) raiseCapability(CapEx_LengthViolation, regnum);
  else return true;
  return false;
}

/** Permissions that storing the capability at `source` takes: more if it is tagged, more again if it is local. */
// @ts-ignore: decorator
@inline
export function storeCapNeeds(source: usize): u32 {
  if (!capTag(source)) return PERM_STORE;
  if (permsOf(capHigh(source)) & PERM_GLOBAL) return PERM_STORE | PERM_STORE_CAP;
  return PERM_STORE | PERM_STORE_CAP | PERM_STORE_LOCAL_CAP;
}

/** With relocated addresses the base of a PCC must be as aligned as instructions are. */
// @ts-ignore: decorator
@inline
export function isBaseUnaligned(ptr: usize): bool {
  return (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0 && (load<u64>(ptr, CAP_BASE) & 1) != 0;
}

/**
 * May the first parcel of an instruction be fetched from absolute address `pc`?
 * Traps (PCC): Tag, Seal, PermitExecute, UnalignedBase, Length.
 */
export function checkFetch(pc: u64): bool {
  ensureDecoded(PCC);
  if (!capTag(PCC)) raiseCapability(CapEx_TagViolation, REGNUM_PCC);
  else if (isSealed(PCC)) raiseCapability(CapEx_SealViolation, REGNUM_PCC);
  else if (!(load<u32>(PCC, CAP_PERMS) & PERM_EXECUTE)) raiseCapability(CapEx_PermitExecuteViolation, REGNUM_PCC);
  else if (isBaseUnaligned(PCC)) raiseCapability(CapEx_UnalignedBase, REGNUM_PCC);
  else return checkTarget(pc);
  return false;
}

/**
 * Is `target` inside PCC? For jumps that stay in PCC (JAL, JALR, JALR.PCC, CJAL, branches taken), which trap at the
 * jump, and for an instruction's second parcel. Traps (PCC): Length.
 */
export function checkTarget(target: u64): bool {
  if (!hasCapabilities()) return true;
  ensureDecoded(PCC);
  if (inCapBounds(PCC, target, MIN_INSTRUCTION_BYTES)) return true;
  raiseCapability(CapEx_LengthViolation, REGNUM_PCC);
  return false;
}

/**
 * The end of the ladder of every jump to a capability: may `code`, tagged and executable, run at `target`?
 * Traps (regnum): UnalignedBase, Length.
 */
export function checkEntry(code: usize, regnum: u32, target: u64): bool {
  if (isBaseUnaligned(code)) raiseCapability(CapEx_UnalignedBase, regnum);
  else if (!inCapBounds(code, target, MIN_INSTRUCTION_BYTES)) raiseCapability(CapEx_LengthViolation, regnum);
  else return true;
  return false;
}
