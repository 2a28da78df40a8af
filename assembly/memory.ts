// Memory accesses beside the interpreter's fast path: every check in the architecture's order, misaligned and
// page-crossing accesses, translation, PMP, devices, capabilities with their tags.
// Order (ISAv9, Privileged 1.12 3.7): capability check, alignment, translation, PMP, access.
import {
  CAP_ADDRESS, CAP_HIGH, CAP_PERMS, CAP_STATE, DATA_PRIV, DDC, DDC_BIAS, MMIO_FAULT, PENDING, PENDING_CONTEXT, PMP_ACTIVE,
  RAM_DELTA, RAM_POINTER, RAM_SIZE, RECORD_IMM, ROM_SINK, ROM_ZEROS, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_META, STATE_TAG, STOP, STOP_HTIF, TOHOST,
  TRANSLATE_DATA, X,
} from "./layout";
import { checkAccess, storeCapNeeds } from "./cheri/check";
import { PERM_LOAD, PERM_LOAD_CAP, PERM_STORE, REGNUM_DDC } from "./cheri/names";
import { capHigh, capTag, RAM_BASE } from "./cheri/registers";
import { clearTag, clearTags, readTag, readTags4, writeTag } from "./cheri/tags";
import { mmioLoad, mmioStore } from "./host";
import { clintLoad, clintStore } from "./riscv/clint";
import { pmpAllows } from "./riscv/pmp";
import { readX, writeX } from "./riscv/registers";
import { ACCESS_AMO, ACCESS_LOAD, ACCESS_LOAD_CAP, ACCESS_STORE, ACCESS_STORE_CAP, CAP_LOAD_KEEP, CAP_LOAD_STRIP, capLoadPolicy, translate } from "./riscv/sv39";
import { EXC_LOAD_ACCESS, EXC_LOAD_MISALIGNED, EXC_STORE_ACCESS, EXC_STORE_MISALIGNED, raise } from "./riscv/trap";

const NO_ADDRESS: u64 = ~0;
const PAGE_MASK: u64 = 4095;
const EXC_LOAD_CAP_PAGE: u64 = 26;
/** Where QEMU's `virt` has the CLINT. */
const CLINT_BASE: u64 = 0x2000000;
const CLINT_SIZE: u64 = 0x10000;
const ROM_BASE: u64 = 0x1000;
const ROM_SIZE: u64 = 0xf000;

// @ts-ignore: decorator
@inline
export function authorityOf(record: usize, viaCap: bool): usize {
  return viaCap ? X + load<u16>(record, RECORD_RS1) : DDC;
}

// @ts-ignore: decorator
@inline
export function authorityNumber(record: usize, viaCap: bool): u32 {
  return viaCap ? <u32>load<u16>(record, RECORD_RS1) >> 6 : REGNUM_DDC;
}

/** Absolute guest address of the access of `record`. */
// @ts-ignore: decorator
@inline
export function effectiveAddress(record: usize, viaCap: bool): u64 {
  return readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM) + (viaCap ? 0 : load<u64>(DDC_BIAS));
}

/** Capability check of `record`'s access; afterwards a capability first used here has its window. */
export function authorise(record: usize, viaCap: bool, address: u64, sizeBytes: u32, needs: u32): bool {
  return checkAccess(authorityOf(record, viaCap), authorityNumber(record, viaCap), address, sizeBytes, needs);
}

// @ts-ignore: decorator
@inline
function isStore(access: u32): bool {
  return access == ACCESS_STORE || access == ACCESS_STORE_CAP || access == ACCESS_AMO;
}

/** Physical address after translation and PMP, NO_ADDRESS after raising. The access lies in one page. */
export function physicalAddress(address: u64, sizeBytes: u32, access: u32): u64 {
  let physical = address;
  if (load<u32>(TRANSLATE_DATA) != 0) {
    physical = translate(address, access, load<u32>(DATA_PRIV));
    if (physical == NO_ADDRESS) return NO_ADDRESS;
  } else if (physical == NO_ADDRESS) {
    return refuse(address, access); // the last byte of the address space, which is also the mark of a fault
  }
  if (load<u32>(PMP_ACTIVE) != 0 && !pmpAllows(physical, sizeBytes, access, load<u32>(DATA_PRIV))) return refuse(address, access);
  return physical;
}

function refuse(address: u64, access: u32): u64 {
  raise(isStore(access) ? EXC_STORE_ACCESS : EXC_LOAD_ACCESS, address);
  return NO_ADDRESS;
}

// @ts-ignore: decorator
@inline
function isRam(physical: u64, sizeBytes: u64): bool {
  return physical - RAM_BASE <= load<u64>(RAM_SIZE) - sizeBytes && physical >= RAM_BASE;
}

/** The boot ROM of QEMU's `virt`, empty: it reads as zero, however aligned, and ignores stores. */
function isRom(physical: u64): bool {
  return physical - ROM_BASE < ROM_SIZE;
}

/** Where stores to the ROM go; an atomic reads it first and must find what the ROM holds. */
function emptySink(): usize {
  store<u64>(ROM_SINK, 0);
  store<u64>(ROM_SINK, 0, 8);
  return ROM_SINK;
}

// @ts-ignore: decorator
@inline
export function linearPointer(physical: u64): usize {
  return <usize>physical + load<u32>(RAM_DELTA);
}

/** Guest-physical address of a linear pointer into RAM. */
// @ts-ignore: decorator
@inline
export function guestPhysical(p: usize): u64 {
  return RAM_BASE + <u64>(p - load<u32>(RAM_POINTER));
}

/** Linear pointer for an access that only RAM can serve (atomics, capabilities), 0 after raising. */
export function ramPointer(address: u64, sizeBytes: u32, access: u32): usize {
  const physical = physicalAddress(address, sizeBytes, access);
  if (physical == NO_ADDRESS) return 0;
  if (isRam(physical, sizeBytes)) return linearPointer(physical);
  if (isRom(physical)) return isStore(access) ? emptySink() : ROM_ZEROS;
  refuse(address, access);
  return 0;
}

// @ts-ignore: decorator
@inline
function crossesPage(address: u64, sizeBytes: u64): bool {
  return (address & PAGE_MASK) + sizeBytes > PAGE_MASK + 1;
}

// ---- data loads ----

/** Value of a 2^sizeLog2-byte load, zero-extended; 0 with a trap pending if it faulted. */
export function loadSlow(record: usize, sizeLog2: u32, viaCap: bool): u64 {
  return loadAt(effectiveAddress(record, viaCap), authorityOf(record, viaCap), authorityNumber(record, viaCap), sizeLog2);
}

/** The same at a known address, through the capability at `authority`, which has number `regnum`. */
export function loadAt(address: u64, authority: usize, regnum: u32, sizeLog2: u32): u64 {
  const sizeBytes: u32 = 1 << sizeLog2;
  if (!checkAccess(authority, regnum, address, sizeBytes, PERM_LOAD)) return 0;
  if (crossesPage(address, sizeBytes)) return loadCrossing(address, sizeBytes);
  const physical = physicalAddress(address, sizeBytes, ACCESS_LOAD);
  if (physical == NO_ADDRESS) return 0;
  return isRam(physical, sizeBytes) ? loadRam(linearPointer(physical), sizeLog2) : loadDevice(address, physical, sizeBytes);
}

function loadRam(p: usize, sizeLog2: u32): u64 {
  if (sizeLog2 == 0) return load<u8>(p);
  if (sizeLog2 == 1) return load<u16>(p);
  if (sizeLog2 == 2) return load<u32>(p);
  return load<u64>(p);
}

/** Byte by byte over two pages, both translated before anything is read. */
function loadCrossing(address: u64, sizeBytes: u32): u64 {
  const firstBytes = <u32>(PAGE_MASK + 1 - (address & PAGE_MASK));
  const first = ramPointer(address, firstBytes, ACCESS_LOAD);
  if (first == 0) return 0;
  const second = ramPointer(address + firstBytes, sizeBytes - firstBytes, ACCESS_LOAD);
  if (second == 0) return 0;
  let value: u64 = 0;
  for (let i: u32 = 0; i < sizeBytes; i++) {
    const p = i < firstBytes ? first + i : second + (i - firstBytes);
    value |= <u64>load<u8>(p) << (i << 3);
  }
  return value;
}

function loadDevice(address: u64, physical: u64, sizeBytes: u32): u64 {
  if (isRom(physical)) return 0;
  if ((physical & (sizeBytes - 1)) != 0 || physical >> 31 != 0) {
    refuse(address, ACCESS_LOAD);
    return 0;
  }
  store<u32>(MMIO_FAULT, 0);
  const inClint = physical - CLINT_BASE < CLINT_SIZE;
  const value = inClint ? clintLoad(<u32>(physical - CLINT_BASE), sizeBytes) : mmioLoad(<u32>physical, sizeBytes);
  if (load<u32>(MMIO_FAULT) != 0) refuse(address, ACCESS_LOAD);
  else store<u32>(PENDING, PENDING_CONTEXT);
  return value;
}

// ---- data stores ----

export function storeSlow(record: usize, value: u64, sizeLog2: u32, viaCap: bool): void {
  storeAt(effectiveAddress(record, viaCap), value, authorityOf(record, viaCap), authorityNumber(record, viaCap), sizeLog2);
}

/** As `loadAt`. */
export function storeAt(address: u64, value: u64, authority: usize, regnum: u32, sizeLog2: u32): void {
  const sizeBytes: u32 = 1 << sizeLog2;
  if (!checkAccess(authority, regnum, address, sizeBytes, PERM_STORE)) return;
  if (crossesPage(address, sizeBytes)) {
    storeCrossing(address, value, sizeBytes);
    return;
  }
  const physical = physicalAddress(address, sizeBytes, ACCESS_STORE);
  if (physical == NO_ADDRESS) return;
  if (isRam(physical, sizeBytes)) storeRam(linearPointer(physical), value, sizeLog2, physical);
  else storeDevice(address, physical, value, sizeBytes);
}

function storeRam(p: usize, value: u64, sizeLog2: u32, physical: u64): void {
  if (sizeLog2 == 0) store<u8>(p, <u8>value);
  else if (sizeLog2 == 1) store<u16>(p, <u16>value);
  else if (sizeLog2 == 2) store<u32>(p, <u32>value);
  else store<u64>(p, value);
  clearTags(p, 1 << sizeLog2);
  noticeTohost(physical, 1 << sizeLog2);
}

/** HTIF: a store to tohost hands the machine to the host. */
export function noticeTohost(physical: u64, sizeBytes: u64): void {
  const tohost = load<u64>(TOHOST);
  if (tohost == 0 || physical >= tohost + 8 || physical + sizeBytes <= tohost) return;
  store<u32>(STOP, STOP_HTIF);
  store<u32>(PENDING, PENDING_CONTEXT);
}

function storeCrossing(address: u64, value: u64, sizeBytes: u32): void {
  const firstBytes = <u32>(PAGE_MASK + 1 - (address & PAGE_MASK));
  const first = ramPointer(address, firstBytes, ACCESS_STORE);
  if (first == 0) return;
  const second = ramPointer(address + firstBytes, sizeBytes - firstBytes, ACCESS_STORE);
  if (second == 0) return;
  for (let i: u32 = 0; i < sizeBytes; i++) {
    store<u8>(i < firstBytes ? first + i : second + (i - firstBytes), <u8>(value >> (i << 3)));
  }
  clearTags(first, firstBytes);
  clearTags(second, sizeBytes - firstBytes);
  noticeTohost(guestPhysical(first), firstBytes);
  noticeTohost(guestPhysical(second), sizeBytes - firstBytes);
}

function storeDevice(address: u64, physical: u64, value: u64, sizeBytes: u32): void {
  if (isRom(physical)) return;
  if ((physical & (sizeBytes - 1)) != 0 || physical >> 31 != 0) {
    refuse(address, ACCESS_STORE);
    return;
  }
  store<u32>(MMIO_FAULT, 0);
  if (physical - CLINT_BASE < CLINT_SIZE) clintStore(<u32>(physical - CLINT_BASE), sizeBytes, value);
  else mmioStore(<u32>physical, sizeBytes, value);
  if (load<u32>(MMIO_FAULT) != 0) refuse(address, ACCESS_STORE);
  else store<u32>(PENDING, PENDING_CONTEXT);
}

// ---- atomics ----

/** Linear pointer for an AMO of 2^sizeLog2 bytes, 0 after raising. Needs Load and Store; faults are store faults. */
export function amoPointer(record: usize, sizeLog2: u32, viaCap: bool): usize {
  const address = effectiveAddress(record, viaCap);
  const sizeBytes: u32 = 1 << sizeLog2;
  if (!authorise(record, viaCap, address, sizeBytes, PERM_LOAD | PERM_STORE)) return 0;
  if (!isAligned(address, sizeBytes, EXC_STORE_MISALIGNED)) return 0;
  return ramPointer(address, sizeBytes, ACCESS_AMO);
}

/** After an atomic of that many bytes has stored to `p`. */
export function noticeAtomic(p: usize, sizeBytes: u32): void {
  clearTag(p);
  noticeTohost(guestPhysical(p), sizeBytes);
}

export function isAligned(address: u64, sizeBytes: u32, cause: u64): bool {
  if ((address & (sizeBytes - 1)) == 0) return true;
  raise(cause, address);
  return false;
}

// ---- capabilities ----

/** Reads 16 bytes and the tag into a register; the tag survives only LoadCap. */
// @ts-ignore: decorator
@inline
export function loadCapFast(p: usize, authority: usize, destination: usize): void {
  const tag = readTag(p) & (load<u32>(authority, CAP_PERMS) >> 4);
  const address = load<u64>(p);
  const high = load<u64>(p, 8);
  store<u64>(destination, address, CAP_ADDRESS);
  store<u64>(destination, STATE_META | tag, CAP_STATE);
  store<u64>(destination, high, CAP_HIGH);
}

/** Writes an untagged register as 16 bytes over a granule without tag or code. */
// @ts-ignore: decorator
@inline
export function storeCapFast(p: usize, source: usize): void {
  store<u64>(p, load<u64>(source, CAP_ADDRESS));
  store<u64>(p, capHigh(source), 8);
}

/** LoadCapImm and its explicit forms. */
export function loadCapSlow(record: usize, viaCap: bool): void {
  const address = effectiveAddress(record, viaCap);
  if (!authorise(record, viaCap, address, 16, PERM_LOAD)) return;
  if (!isAligned(address, 16, EXC_LOAD_MISALIGNED)) return;
  const p = ramPointer(address, 16, ACCESS_LOAD_CAP);
  if (p != 0) loadCapAt(p, address, authorityOf(record, viaCap), X + load<u16>(record, RECORD_RD));
}

/** The load proper, after all checks but the page's capability bits: false after raising. */
export function loadCapAt(p: usize, address: u64, authority: usize, destination: usize): bool {
  let tag = readTag(p) & (load<u32>(authority, CAP_PERMS) >> 4);
  if (load<u32>(TRANSLATE_DATA) != 0 && tag != 0 && capLoadPolicy != CAP_LOAD_KEEP) {
    if (capLoadPolicy != CAP_LOAD_STRIP) {
      raise(EXC_LOAD_CAP_PAGE, address);
      return false;
    }
    tag = 0;
  }
  const high = load<u64>(p, 8);
  store<u64>(destination, load<u64>(p), CAP_ADDRESS);
  store<u64>(destination, STATE_META | tag, CAP_STATE);
  store<u64>(destination, high, CAP_HIGH);
  return true;
}

/** StoreCapImm and its explicit forms. */
export function storeCapSlow(record: usize, viaCap: bool): void {
  const address = effectiveAddress(record, viaCap);
  const source: usize = X + load<u16>(record, RECORD_RS2);
  const p = storeCapPointer(record, viaCap, address, source, storeCapNeeds(source));
  if (p != 0) storeCapAt(p, source);
}

/** All checks of storing the capability at `source`; 0 after raising. */
export function storeCapPointer(record: usize, viaCap: bool, address: u64, source: usize, needs: u32): usize {
  if (!authorise(record, viaCap, address, 16, needs)) return 0;
  if (!isAligned(address, 16, EXC_STORE_MISALIGNED)) return 0;
  return ramPointer(address, 16, capTag(source) ? ACCESS_STORE_CAP : ACCESS_STORE);
}

export function storeCapAt(p: usize, source: usize): void {
  store<u64>(p, load<u64>(source, CAP_ADDRESS));
  store<u64>(p, capHigh(source), 8);
  writeTag(p, load<u32>(source, CAP_STATE) & STATE_TAG);
  noticeTohost(guestPhysical(p), 16);
}

/** CLoadTags (ISAv9): tags of four granules. Needs Load and LoadCap; 64-byte aligned. */
export function executeCLOADTAGS(record: usize): void {
  const address = readX(load<u16>(record, RECORD_RS1));
  if (!authorise(record, true, address, 64, PERM_LOAD | PERM_LOAD_CAP)) return;
  if (!isAligned(address, 64, EXC_LOAD_MISALIGNED)) return;
  const p = ramPointer(address, 64, ACCESS_LOAD_CAP);
  if (p == 0) return;
  const tags = readTags4(p);
  const policy = load<u32>(TRANSLATE_DATA) != 0 ? capLoadPolicy : CAP_LOAD_KEEP;
  writeX(load<u16>(record, RECORD_RD), policy == CAP_LOAD_KEEP ? tags : 0);
}
