// CSpecialRW and the special capability registers (ISAv9, "Special capability registers"). The integer views of the
// trap registers among them are in riscv/code-pointers.
import {
  CAP_ADDRESS, CAP_BASE, CAP_SIZE_LOG2, CAP_STATE, CONFIG_N, CONFIG_RELOCATED, CONFIG_S_MODE, PC, PCC, PRIV,
  RECORD_RAW, RECORD_RS1, SCR, STATE_DECODED, TEMP_CAP,
} from "../layout";
import { integerView, legalizeEpcc, legalizeTvec, setIntegerView } from "../riscv/code-pointers";
import { configured } from "../riscv/status";
import { raiseCapability, raiseIllegal } from "../riscv/trap";
import { refreshDDC } from "../context";
import {
  CapEx_AccessSystemRegsViolation, PERM_ACCESS_SYSTEM_REGISTERS, REGNUM_SCR, SCR_DDC, SCR_MEPCC, SCR_MTCC, SCR_PCC,
  SCR_SEPCC, SCR_STCC, SCR_UEPCC, SCR_UTCC,
} from "./names";
import { permsOf } from "./fields";
import { cd, cs1 } from "./operands";
import { capHigh, copyCap, ensureDecoded, refreshWindow } from "./registers";

/**
 * CSpecialRW cd, scr, cs1: cd := scr; scr := cs1 unless cs1 is c0.
 * PCC is read with its address = absolute pc and cannot be written. xEPCC is read with bit 0 of its pc cleared. xTCC
 * is legalised when written; DDC takes effect with the next instruction.
 * Traps: illegal instruction (no such register in this machine, PCC written, privilege too low);
 * AccessSystemRegs (32 + scr) unless scr is PCC or DDC.
 */
export function executeCSPECIALRW(record: usize): void {
  const scr = (load<u32>(record, RECORD_RAW) >> 20) & 31;
  const writes = load<u16>(record, RECORD_RS1) != 0;
  if (!exists(scr) || (scr == SCR_PCC && writes) || load<u32>(PRIV) < bankOf(scr)) {
    raiseIllegal();
  } else if (scr > <u32>SCR_DDC && !(permsOf(capHigh(PCC)) & PERM_ACCESS_SYSTEM_REGISTERS)) {
    raiseCapability(CapEx_AccessSystemRegsViolation, REGNUM_SCR + scr);
  } else {
    if (writes) copyCap(TEMP_CAP, cs1(record)); // cd may be cs1
    readSpecial(cd(record), scr);
    if (writes) writeSpecial(scr, TEMP_CAP);
  }
}

/** Bank of registers: numbered as the least privilege that may use it, 0 U, 1 S, 3 M. */
// @ts-ignore: decorator
@inline
function bankOf(scr: u32): u32 {
  return scr >> 3;
}

/** Banks have the upper four numbers of eight; PCC and DDC are in none. */
function exists(scr: u32): bool {
  if (scr <= <u32>SCR_DDC) return true;
  if (!(scr & 4)) return false;
  if (bankOf(scr) == 0) return configured(CONFIG_N);
  if (bankOf(scr) == 1) return configured(CONFIG_S_MODE);
  return bankOf(scr) == 3;
}

// @ts-ignore: decorator
@inline
function specialPointer(scr: u32): usize {
  return <usize>SCR + (<usize>scr << CAP_SIZE_LOG2);
}

function readSpecial(dst: usize, scr: u32): void {
  copyCap(dst, specialPointer(scr));
  if (scr == SCR_PCC) store<u64>(dst, load<u64>(PC), CAP_ADDRESS);
  else if (scr == SCR_UEPCC || scr == SCR_SEPCC || scr == SCR_MEPCC) legalizeEpcc(dst);
  // Windows are kept up to date in x registers, DDC and PCC only.
  if (load<u32>(dst, CAP_STATE) & STATE_DECODED) refreshWindow(dst);
}

function writeSpecial(scr: u32, value: usize): void {
  if (scr == SCR_UTCC || scr == SCR_STCC || scr == SCR_MTCC) {
    writeTCC(specialPointer(scr), value);
    return;
  }
  copyCap(specialPointer(scr), value);
  if (scr == SCR_DDC) refreshDDC();
}

/**
 * xTCC := value (which is clobbered), legalised. Ignored if addresses are relocated and its base is not a multiple
 * of 4. Untags: sealed, even if the address stays; unrepresentable.
 */
function writeTCC(tcc: usize, value: usize): void {
  ensureDecoded(value);
  if (configured(CONFIG_RELOCATED) && (load<u64>(value, CAP_BASE) & 3) != 0) return;
  setIntegerView(value, legalizeTvec(integerView(tcc), integerView(value)));
  copyCap(tcc, value);
}
