// LR, SC and AMOSWAP of capabilities (Unprivileged 8.2; CHERI ISAv9 LoadRes, StoreCond, AMOSwapCap), in all sizes,
// through DDC and through a capability. The reservation is a virtual address, as in the models: one hart, and every
// trap drops it.
import {
  CONFIG, CONFIG_LIKE_QEMU, RECORD_RD, RECORD_RS2, RESERVATION, TEMP_CAP, X,
} from "./layout";
import { storeCapNeeds } from "./cheri/check";
import { PERM_LOAD, PERM_STORE } from "./cheri/names";
import { copyCap } from "./cheri/registers";
import {
  authorise, authorityOf, effectiveAddress, isAligned, loadCapAt, noticeAtomic, ramPointer, storeCapAt, storeCapPointer,
} from "./memory";
import { readX, writeX } from "./riscv/registers";
import { ACCESS_LOAD, ACCESS_LOAD_CAP, ACCESS_STORE } from "./riscv/sv39";
import { EXC_LOAD_MISALIGNED, EXC_STORE_MISALIGNED } from "./riscv/trap";

/** Linear pointer of a reserved load after all checks, 0 after raising; takes the reservation. */
function reserve(record: usize, sizeBytes: u32, access: u32, viaCap: bool): usize {
  const address = effectiveAddress(record, viaCap);
  if (!authorise(record, viaCap, address, sizeBytes, PERM_LOAD)) return 0;
  if (!isAligned(address, sizeBytes, misalignedCause(access))) return 0;
  const p = ramPointer(address, sizeBytes, access);
  if (p != 0) store<u64>(RESERVATION, address + 1);
  return p;
}

/** QEMU-CHERI reports a misaligned LR.C as a store. */
function misalignedCause(access: u32): u64 {
  return access == ACCESS_LOAD_CAP && (load<u32>(CONFIG) & CONFIG_LIKE_QEMU) != 0 ? EXC_STORE_MISALIGNED : EXC_LOAD_MISALIGNED;
}

/** Does the reservation hold for `address`? It is gone afterwards in any case. */
function takeReservation(address: u64): bool {
  const holds = load<u64>(RESERVATION) == address + 1;
  store<u64>(RESERVATION, 0);
  return holds;
}

// @ts-ignore: decorator
@inline
function loadReserved<T>(record: usize, viaCap: bool): void {
  const p = reserve(record, sizeof<T>(), ACCESS_LOAD, viaCap);
  if (p != 0) writeX(load<u16>(record, RECORD_RD), <u64>load<T>(p));
}

/** Success code into the register struct at offset `result`: 0 stored, 1 not. x0 as a source register stays x0. */
// @ts-ignore: decorator
@inline
function storeConditional<T>(record: usize, result: usize, viaCap: bool): void {
  const address = effectiveAddress(record, viaCap);
  if (!authorise(record, viaCap, address, sizeof<T>(), PERM_STORE)) return;
  if (!isAligned(address, sizeof<T>(), EXC_STORE_MISALIGNED)) return;
  let failed: u64 = 1;
  if (takeReservation(address)) {
    const p = ramPointer(address, sizeof<T>(), ACCESS_STORE);
    if (p == 0) return;
    store<T>(p, <T>readX(load<u16>(record, RECORD_RS2)));
    noticeAtomic(p, sizeof<T>());
    failed = 0;
  }
  if (result != 0) writeX(result, failed);
}

function loadReservedCap(record: usize, viaCap: bool): void {
  const p = reserve(record, 16, ACCESS_LOAD_CAP, viaCap);
  if (p == 0) return;
  loadCapAt(p, effectiveAddress(record, viaCap), authorityOf(record, viaCap), X + load<u16>(record, RECORD_RD));
}

function storeConditionalCap(record: usize, result: usize, viaCap: bool): void {
  const address = effectiveAddress(record, viaCap);
  const source: usize = X + load<u16>(record, RECORD_RS2);
  if (!authorise(record, viaCap, address, 16, storeCapNeeds(source))) return;
  if (!isAligned(address, 16, EXC_STORE_MISALIGNED)) return;
  let failed: u64 = 1;
  if (takeReservation(address)) {
    const p = storeCapPointer(record, viaCap, address, source, storeCapNeeds(source));
    if (p == 0) return;
    storeCapAt(p, source);
    failed = 0;
  }
  if (result != 0) writeX(result, failed);
}

/** AMOSwapCap: as one store access; the loaded tag obeys LoadCap and the page's capability bits. */
function swapCap(record: usize, viaCap: bool): void {
  const address = effectiveAddress(record, viaCap);
  const source: usize = X + load<u16>(record, RECORD_RS2);
  const p = storeCapPointer(record, viaCap, address, source, storeCapNeeds(source) | PERM_LOAD);
  if (p == 0) return;
  if (ramPointer(address, 16, ACCESS_LOAD_CAP) == 0) return;
  if (!loadCapAt(p, address, authorityOf(record, viaCap), TEMP_CAP)) return;
  storeCapAt(p, source);
  copyCap(X + load<u16>(record, RECORD_RD), TEMP_CAP);
}

// The entries the table names.
export function executeLR_B_DDC(record: usize): void { loadReserved<i8>(record, false); }
export function executeSC_B_DDC(record: usize): void { storeConditional<i8>(record, load<u16>(record, RECORD_RD), false); }
export function executeSCX_B_DDC(record: usize): void { storeConditional<i8>(record, load<u16>(record, RECORD_RS2), false); }
export function executeLR_B_CAP(record: usize): void { loadReserved<i8>(record, true); }
export function executeSC_B_CAP(record: usize): void { storeConditional<i8>(record, load<u16>(record, RECORD_RD), true); }
export function executeSCX_B_CAP(record: usize): void { storeConditional<i8>(record, load<u16>(record, RECORD_RS2), true); }
export function executeLR_H_DDC(record: usize): void { loadReserved<i16>(record, false); }
export function executeSC_H_DDC(record: usize): void { storeConditional<i16>(record, load<u16>(record, RECORD_RD), false); }
export function executeSCX_H_DDC(record: usize): void { storeConditional<i16>(record, load<u16>(record, RECORD_RS2), false); }
export function executeLR_H_CAP(record: usize): void { loadReserved<i16>(record, true); }
export function executeSC_H_CAP(record: usize): void { storeConditional<i16>(record, load<u16>(record, RECORD_RD), true); }
export function executeSCX_H_CAP(record: usize): void { storeConditional<i16>(record, load<u16>(record, RECORD_RS2), true); }
export function executeLR_W_DDC(record: usize): void { loadReserved<i32>(record, false); }
export function executeSC_W_DDC(record: usize): void { storeConditional<i32>(record, load<u16>(record, RECORD_RD), false); }
export function executeSCX_W_DDC(record: usize): void { storeConditional<i32>(record, load<u16>(record, RECORD_RS2), false); }
export function executeLR_W_CAP(record: usize): void { loadReserved<i32>(record, true); }
export function executeSC_W_CAP(record: usize): void { storeConditional<i32>(record, load<u16>(record, RECORD_RD), true); }
export function executeSCX_W_CAP(record: usize): void { storeConditional<i32>(record, load<u16>(record, RECORD_RS2), true); }
export function executeLR_D_DDC(record: usize): void { loadReserved<i64>(record, false); }
export function executeSC_D_DDC(record: usize): void { storeConditional<i64>(record, load<u16>(record, RECORD_RD), false); }
export function executeSCX_D_DDC(record: usize): void { storeConditional<i64>(record, load<u16>(record, RECORD_RS2), false); }
export function executeLR_D_CAP(record: usize): void { loadReserved<i64>(record, true); }
export function executeSC_D_CAP(record: usize): void { storeConditional<i64>(record, load<u16>(record, RECORD_RD), true); }
export function executeSCX_D_CAP(record: usize): void { storeConditional<i64>(record, load<u16>(record, RECORD_RS2), true); }
export function executeLR_C_DDC(record: usize): void { loadReservedCap(record, false); }
export function executeSC_C_DDC(record: usize): void { storeConditionalCap(record, load<u16>(record, RECORD_RD), false); }
export function executeSCX_C_DDC(record: usize): void { storeConditionalCap(record, load<u16>(record, RECORD_RS2), false); }
export function executeAMOSWAP_C_DDC(record: usize): void { swapCap(record, false); }
export function executeLR_C_CAP(record: usize): void { loadReservedCap(record, true); }
export function executeSC_C_CAP(record: usize): void { storeConditionalCap(record, load<u16>(record, RECORD_RD), true); }
export function executeSCX_C_CAP(record: usize): void { storeConditionalCap(record, load<u16>(record, RECORD_RS2), true); }
export function executeAMOSWAP_C_CAP(record: usize): void { swapCap(record, true); }
