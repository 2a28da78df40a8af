// Jumps through and beside capabilities (ISAv9 instruction reference). A jump writes the PC cell and, where it has
// another, PCC; the checks are made at the jump, so the trap's pc is the jump's. Capabilities hold absolute addresses
// in both addressing modes; only integer links and targets are relative to PCC's base when relocated (PC_BIAS).
// This machine always has the C extension: no jump target is misaligned.
import {
  CAP_ADDRESS, CAP_BASE, CAP_SIZE_LOG2, CAP_TOP, CAP_TOP_HIGH, CONFIG, CONFIG_LIKE_QEMU, CONFIG_MARKED_TRAPS, MIP, PC,
  PC_BIAS, PCC, RECORD_IMM, RECORD_RAW, TEMP_CAP, X,
} from "../layout";
import { configured, contextChanged } from "../riscv/status";
import { raiseCapability } from "../riscv/trap";
import { refreshPCC } from "../context";
import {
  CapEx_PermitCInvokeViolation, CapEx_PermitExecuteViolation, CapEx_SealViolation, CapEx_TagViolation,
  CapEx_TypeViolation, OTYPE_SENTRY, PERM_CINVOKE, PERM_EXECUTE,
} from "./names";
import { isReservedOtype, otypeOf, permsOf, unsealedHigh, withOtype } from "./fields";
import { checkEntry, checkTarget } from "./check";
import { isRepresentable } from "./concentrate";
import { cd, cs1, cs2, numberOf } from "./operands";
import {
  capAddress, capHigh, capTag, copyCap, ensureDecoded, isSealed, moveAddress, replaceHigh, setInteger,
} from "./registers";

/** Absolute address of the next instruction in memory. */
// @ts-ignore: decorator
@inline
function nextPC(record: usize): u64 {
  return load<u64>(PC) + ((load<u32>(record, RECORD_RAW) & 3) == 3 ? 4 : 2);
}

/** dst := PCC at address `link`, as a sentry. The link is at most just past PCC's top: always representable. */
function setLink(dst: usize, link: u64): void {
  ensureDecoded(PCC);
  replaceHigh(dst, PCC, withOtype(capHigh(PCC), OTYPE_SENTRY), true);
  store<u64>(dst, link, CAP_ADDRESS);
}

/** PCC := `code` unsealed, pc := `target`. Most jumps stay in the same code capability: then PCC is as it should be. */
function enter(code: usize, target: u64): void {
  ensureDecoded(PCC);
  store<u64>(PC, target);
  const high = unsealedHigh(capHigh(code));
  const same =
    high == capHigh(PCC) && load<u64>(code, CAP_BASE) == load<u64>(PCC, CAP_BASE) &&
    load<u64>(code, CAP_TOP) == load<u64>(PCC, CAP_TOP) &&
    load<u32>(code, CAP_TOP_HIGH) == load<u32>(PCC, CAP_TOP_HIGH);
  if (same) return;
  replaceHigh(PCC, code, high, true);
  store<u64>(PCC, target, CAP_ADDRESS);
  refreshPCC();
  // What could not be interrupted before may be now.
  if (configured(CONFIG_MARKED_TRAPS) && load<u64>(MIP) != 0) contextChanged();
}

/**
 * AUIPCC cd, imm: cd := PCC with address pc + (imm << 12), absolute.
 * Untags: unrepresentable (exact test). Never traps.
 */
export function executeAUIPCC(record: usize): void {
  const pc = load<u64>(PC);
  const address = pc + <i64>load<i32>(record, RECORD_IMM);
  ensureDecoded(PCC);
  moveAddress(cd(record), PCC, address, isRepresentable(capHigh(PCC), pc, address));
}

/**
 * CJAL cd, offset: cd := sentry of PCC at the next instruction; pc := pc + offset.
 * Traps: Length (PCC).
 */
export function executeCJAL(record: usize): void {
  const target = load<u64>(PC) + <i64>load<i32>(record, RECORD_IMM);
  if (!checkTarget(target)) return;
  setLink(cd(record), nextPC(record));
  store<u64>(PC, target);
}

/**
 * CJALR cd, imm(cs1): cd := sentry of PCC at the next instruction; PCC := cs1 unsealed; pc := its address + imm,
 * bit 0 cleared.
 * Traps (cs1): Tag; Seal unless a sentry with imm 0; PermitExecute; UnalignedBase if relocated; Length.
 */
export function executeCJALR(record: usize): void {
  jumpToCapability(record, load<i32>(record, RECORD_IMM));
}

/** JALR.CAP cd, cs1: CJALR with imm 0, in either mode. */
export function executeJALRCAP(record: usize): void {
  jumpToCapability(record, 0);
}

/** A sealed capability that a jump with this immediate may unseal. QEMU-CHERI takes an odd address for an immediate. */
function isEntry(high: u64, address: u64, imm: i32): bool {
  if (otypeOf(high) != OTYPE_SENTRY || imm != 0) return false;
  return (address & 1) == 0 || (load<u32>(CONFIG) & CONFIG_LIKE_QEMU) == 0;
}

function jumpToCapability(record: usize, imm: i32): void {
  const code = cs1(record);
  const number = numberOf(code);
  const target = (capAddress(code) + <i64>imm) & ~1;
  ensureDecoded(code);
  const high = capHigh(code);
  if (!capTag(code)) raiseCapability(CapEx_TagViolation, number);
  else if (isSealed(code) && !isEntry(high, capAddress(code), imm)) raiseCapability(CapEx_SealViolation, number);
  else if (!(permsOf(high) & PERM_EXECUTE)) raiseCapability(CapEx_PermitExecuteViolation, number);
  else if (checkEntry(code, number, target)) {
    setLink(TEMP_CAP, nextPC(record)); // cd may be cs1, and the link is of the PCC that is left
    enter(code, target);
    copyCap(cd(record), TEMP_CAP);
  }
}

/**
 * JALR.PCC rd, rs1: integer JALR in either mode: rd := pc of the next instruction; pc := rs1, bit 0 cleared.
 * Relocated: link and rs1 are offsets from PCC's base, which is added before bit 0 is cleared.
 * Traps: Length (PCC).
 */
export function executeJALRPCC(record: usize): void {
  const bias = load<u64>(PC_BIAS);
  const target = (capAddress(cs1(record)) + bias) & ~1;
  if (!checkTarget(target)) return;
  setInteger(cd(record), nextPC(record) - bias);
  store<u64>(PC, target);
}

/**
 * CInvoke cs1, cs2: PCC := cs1 unsealed, c31 := cs2 unsealed, pc := address of cs1, bit 0 cleared.
 * Traps: Tag cs1, Tag cs2, Seal cs1, Seal cs2 (unsealed or reserved otype), Type cs1, PermitCInvoke cs1, cs2,
 * PermitExecute cs1, PermitExecute cs2 (has it), UnalignedBase cs1 if relocated, Length cs1.
 */
export function executeCINVOKE(record: usize): void {
  const code = cs1(record);
  const data = cs2(record);
  const codeNumber = numberOf(code);
  const dataNumber = numberOf(data);
  ensureDecoded(code);
  ensureDecoded(data);
  const codeType = otypeOf(capHigh(code));
  const dataType = otypeOf(capHigh(data));
  const codePerms = permsOf(capHigh(code));
  const dataPerms = permsOf(capHigh(data));
  const target = capAddress(code) & ~1;
  if (!capTag(code)) raiseCapability(CapEx_TagViolation, codeNumber);
  else if (!capTag(data)) raiseCapability(CapEx_TagViolation, dataNumber);
  else if (isReservedOtype(codeType)) raiseCapability(CapEx_SealViolation, codeNumber);
  else if (isReservedOtype(dataType)) raiseCapability(CapEx_SealViolation, dataNumber);
  else if (codeType != dataType) raiseCapability(CapEx_TypeViolation, codeNumber);
  else if (!(codePerms & PERM_CINVOKE)) raiseCapability(CapEx_PermitCInvokeViolation, codeNumber);
  else if (!(dataPerms & PERM_CINVOKE)) raiseCapability(CapEx_PermitCInvokeViolation, dataNumber);
  else if (!(codePerms & PERM_EXECUTE)) raiseCapability(CapEx_PermitExecuteViolation, codeNumber);
  else if (dataPerms & PERM_EXECUTE) raiseCapability(CapEx_PermitExecuteViolation, dataNumber);
  else if (checkEntry(code, codeNumber, target)) {
    enter(code, target); // before c31, which cs1 may be
    replaceHigh(X + (31 << CAP_SIZE_LOG2), data, unsealedHigh(capHigh(data)), true);
  }
}
