// CClear and FPClear: many registers at once, for crossings between domains (ISAv9 instruction reference).
// Both name a quarter of the register file in bits 19:18 and a mask of its eight registers in bits 17:15 and 11:7.
import { CAP_SIZE_LOG2, DDC, F, RECORD_RAW, X } from "../layout";
import { hasStatus, markFloatDirty, STATUS_FS } from "../riscv/status";
import { raiseIllegal } from "../riscv/trap";
import { refreshDDC } from "../context";
import { setInteger } from "./registers";

// @ts-ignore: decorator
@inline
export function firstRegister(raw: u32): u32 {
  return ((raw >> 18) & 3) << 3;
}

// @ts-ignore: decorator
@inline
export function registerMask(raw: u32): u32 {
  return (((raw >> 15) & 7) << 5) | ((raw >> 7) & 31);
}

/** CClear quarter, mask: registers := NULL; where c0 would be meant, DDC := NULL. Never traps. */
export function executeCCLEAR(record: usize): void {
  const raw = load<u32>(record, RECORD_RAW);
  const first = firstRegister(raw);
  for (let mask = registerMask(raw); mask; mask &= mask - 1) {
    const register = first + ctz(mask);
    setInteger(register ? X + (register << CAP_SIZE_LOG2) : DDC, 0);
    if (!register) refreshDDC();
  }
}

/** FPClear quarter, mask: f registers := 0, all 64 bits. Traps: illegal instruction if mstatus.FS is off. */
export function executeFPCLEAR(record: usize): void {
  const raw = load<u32>(record, RECORD_RAW);
  const first = firstRegister(raw);
  if (!hasStatus(STATUS_FS)) {
    raiseIllegal();
    return;
  }
  for (let mask = registerMask(raw); mask; mask &= mask - 1) {
    store<u64>(F + ((first + ctz(mask)) << 3), 0);
  }
  if (registerMask(raw)) markFloatDirty();
}
