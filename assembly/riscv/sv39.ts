// Sv39 address translation: page walks, permissions, accessed and dirty bits, CHERI's capability bits.
// Manual: Privileged 1.12 §4.3.1-4.3.2, §4.4; CHERI ISAv9 "Page-table entries" (CW CR CD CRM CRG as in CHERI-QEMU).
// Page tables live in RAM: an entry anywhere else is an access fault.
import {
  CONFIG_CHERI, CONFIG_HARDWARE_AD, CONFIG_LIKE_QEMU, MSTATUS, RAM_POINTER, RAM_SIZE, SATP, SCCSR,
} from "../layout";
import { EXC_LOAD_CAP_PAGE_FAULT, EXC_STORE_CAP_PAGE_FAULT } from "../cheri/names";
import { RAM_BASE } from "../cheri/registers";
import { clearTag } from "../cheri/tags";
import { pmpAllows } from "./pmp";
import { configured, MACHINE, STATUS_MXR, STATUS_SUM, SUPERVISOR, USER } from "./status";
import {
  ACCESS_AMO, ACCESS_FETCH, ACCESS_LOAD, ACCESS_LOAD_CAP, ACCESS_STORE, ACCESS_STORE_CAP, fillTlb, tlbAddend,
  tlbEntry, tlbKey,
} from "./tlb";
import { raise } from "./trap";

export { ACCESS_AMO, ACCESS_FETCH, ACCESS_LOAD, ACCESS_LOAD_CAP, ACCESS_STORE, ACCESS_STORE_CAP };

// Page-table entry: 63 CW, 62 CR, 61 CD, 60 CRM, 59 CRG, 58:54 reserved, 53:10 PPN, 9:8 for software, 7:0 flags.
const PTE_V: u64 = 1 << 0;
const PTE_R: u64 = 1 << 1;
const PTE_W: u64 = 1 << 2;
const PTE_X: u64 = 1 << 3;
const PTE_U: u64 = 1 << 4;
const PTE_A: u64 = 1 << 6;
const PTE_D: u64 = 1 << 7;
const PTE_CRG: u64 = (<u64>1) << 59;
const PTE_CRM: u64 = (<u64>1) << 60;
const PTE_CD: u64 = (<u64>1) << 61;
const PTE_CR: u64 = (<u64>1) << 62;
const PTE_CW: u64 = (<u64>1) << 63;
const PTE_CAP_BITS: u64 = (<u64>0x1f) << 59;
const PTE_UPPER: u64 = (<u64>0x3ff) << 54;
const PTE_PPN: u64 = (((<u64>1) << 44) - 1) << 10;
const PTE_POINTER_RESERVED: u64 = PTE_UPPER | PTE_D | PTE_A | PTE_U;

const SATP_PPN: u64 = ((<u64>1) << 44) - 1;
const SATP_MODE_SHIFT: u64 = 60;

// sccsr: the generation that loaded capabilities must have, for supervisor and for user pages.
const SCCSR_SGCLG: u64 = 1 << 2;
const SCCSR_UGCLG: u64 = 1 << 3;

/** What a load of a capability does with the tag, left here by `translate` with ACCESS_LOAD_CAP. */
export const CAP_LOAD_KEEP: u32 = 0;
export const CAP_LOAD_STRIP: u32 = 1;
/** Cause 26 if the tag is set. */
export const CAP_LOAD_TRAP: u32 = 2;
export let capLoadPolicy: u32 = CAP_LOAD_KEEP;

/** xcause by kind of access, one hexadecimal digit each, ACCESS_LOAD rightmost. */
const PAGE_FAULTS: u32 = 0xffdcfd;
const ACCESS_FAULTS: u32 = 0x775175;

const FAULT: u64 = <u64>-1;

/** Physical address for an access by `privilege`, or all ones after raising a page or access fault. */
export function translate(va: u64, access: u32, privilege: u32): u64 {
  const entry = tlbEntry(va, access);
  if (load<u64>(entry) != tlbKey(va, privilege)) return walk(va, access, privilege);
  const addend = tlbAddend(entry);
  if (access == ACCESS_LOAD_CAP) capLoadPolicy = <u32>addend & 3;
  return va + (addend & ~3);
}

/** Physical address that `va` has for a debugger: permissions, A and D do not matter. All ones if unmapped. */
export function debugTranslate(va: u64, privilege: u32): u64 {
  if (isBare(privilege)) return va;
  if (!isCanonical(va)) return FAULT;
  let table = (load<u64>(SATP) & SATP_PPN) << 12;
  for (let level = 2; level >= 0; level--) {
    const cell = ramCell(entryAddress(table, va, level));
    const pte = cell ? load<u64>(cell) : 0;
    if (!(pte & PTE_V)) return FAULT;
    if (pte & (PTE_R | PTE_W | PTE_X)) return physicalAddress(pte, va, level);
    table = (pte & PTE_PPN) << 2;
  }
  return FAULT;
}

/** Privileged 1.12 §4.3.2 steps 1 to 4. */
function walk(va: u64, access: u32, privilege: u32): u64 {
  capLoadPolicy = CAP_LOAD_KEEP;
  if (isBare(privilege)) return va;
  if (!isCanonical(va)) return pageFault(va, access);
  let table = (load<u64>(SATP) & SATP_PPN) << 12;
  for (let level = 2; level >= 0; level--) {
    const address = entryAddress(table, va, level);
    const cell = ramCell(address);
    if (!cell || !pmpAllows(address, 8, ACCESS_LOAD, SUPERVISOR)) return accessFault(va, access);
    const pte = load<u64>(cell);
    if (!(pte & PTE_V)) return pageFault(va, access);
    if (pte & (PTE_R | PTE_W | PTE_X)) return useLeaf(pte, cell, va, level, access, privilege);
    if (pte & PTE_POINTER_RESERVED) return pageFault(va, access);
    table = (pte & PTE_PPN) << 2;
  }
  return pageFault(va, access);
}

/** Steps 5 to 8: the leaf grants the access, is marked, and remembered if PMP grants the whole page. */
function useLeaf(pte: u64, cell: usize, va: u64, level: i32, access: u32, privilege: u32): u64 {
  const cause = leafFault(pte, level, access, privilege);
  if (cause) {
    raise(cause, va);
    return FAULT;
  }
  const marked = pte | marksOf(access);
  if (marked != pte && !updateEntry(cell, marked)) return accessFault(va, access);
  const pa = physicalAddress(pte, va, level);
  const policy = access == ACCESS_LOAD_CAP ? loadPolicy(pte) : CAP_LOAD_KEEP;
  capLoadPolicy = policy;
  if (pmpAllows(pa & ~0xfff, 4096, access, privilege)) {
    const span = (<u64>4096) << (9 * level);
    fillTlb(va, pa, access, privilege, policy, span);
    // QEMU-CHERI's entry for data stores serves capabilities too, and then leaves CD alone.
    const shared = access == ACCESS_STORE && (pte & PTE_CW) != 0 && configured(CONFIG_LIKE_QEMU);
    if (shared) fillTlb(va, pa, ACCESS_STORE_CAP, privilege, policy, span);
  }
  return pa;
}

/** xcause that a leaf entry gives rise to, or 0. Page faults come before capability page faults. */
function leafFault(pte: u64, level: i32, access: u32, privilege: u32): u32 {
  const pageFaultCause = causeOf(PAGE_FAULTS, access);
  const cheri = configured(CONFIG_CHERI);
  const reserved = cheri ? PTE_UPPER & ~PTE_CAP_BITS : PTE_UPPER;
  if ((pte & (PTE_R | PTE_W)) == PTE_W || (pte & reserved) != 0) return pageFaultCause;
  if (isReservedGeneration(pte)) return capFaultOf(access);
  if (!modeMayUse(pte, access, privilege)) return pageFaultCause;
  if (!permits(pte, access)) return pageFaultCause;
  if (pte & PTE_PPN & (((<u64>1) << (10 + 9 * level)) - 1)) return pageFaultCause;
  if (access == ACCESS_STORE_CAP && !(pte & PTE_CW)) return EXC_STORE_CAP_PAGE_FAULT;
  if (configured(CONFIG_HARDWARE_AD)) return 0;
  const missing = marksOf(access) & ~pte;
  if (missing & (PTE_A | PTE_D)) return pageFaultCause;
  return missing ? EXC_STORE_CAP_PAGE_FAULT : 0;
}

/** CRG makes sense only where both CR and CRM are set. */
function isReservedGeneration(pte: u64): bool {
  return (pte & PTE_CRG) != 0 && (pte & (PTE_CR | PTE_CRM)) != (PTE_CR | PTE_CRM);
}

/** U pages are for U-mode, and for loads and stores of S-mode with SUM; the rest is for S-mode. */
function modeMayUse(pte: u64, access: u32, privilege: u32): bool {
  if (!(pte & PTE_U)) return privilege == SUPERVISOR;
  return privilege == USER || (access != ACCESS_FETCH && (load<u64>(MSTATUS) & STATUS_SUM) != 0);
}

/** R, W and X against the kind of access; MXR lets loads read executable pages. */
function permits(pte: u64, access: u32): bool {
  if (access == ACCESS_FETCH) return (pte & PTE_X) != 0;
  if (access == ACCESS_STORE || access == ACCESS_STORE_CAP || access == ACCESS_AMO) return (pte & PTE_W) != 0;
  const readable = load<u64>(MSTATUS) & STATUS_MXR ? PTE_R | PTE_X : PTE_R;
  return (pte & readable) != 0;
}

/** Bits that must be set in the entry for such an access. */
function marksOf(access: u32): u64 {
  if (access == ACCESS_STORE || access == ACCESS_AMO) return PTE_A | PTE_D;
  return access == ACCESS_STORE_CAP ? PTE_A | PTE_D | PTE_CD : PTE_A;
}

/** What becomes of the tag of a capability loaded from this page. */
function loadPolicy(pte: u64): u32 {
  if (!(pte & PTE_CR)) return pte & PTE_CRM ? CAP_LOAD_TRAP : CAP_LOAD_STRIP;
  if (!(pte & PTE_CRM)) return CAP_LOAD_KEEP;
  const generation = load<u64>(SCCSR) & (pte & PTE_U ? SCCSR_UGCLG : SCCSR_SGCLG);
  return (generation != 0) == ((pte & PTE_CRG) != 0) ? CAP_LOAD_KEEP : CAP_LOAD_TRAP;
}

/** Hardware update of an entry: a store like any other, so PMP must grant it and the granule's tag goes. */
function updateEntry(cell: usize, pte: u64): bool {
  const address = RAM_BASE + <u64>(cell - load<u32>(RAM_POINTER));
  if (!pmpAllows(address, 8, ACCESS_STORE, SUPERVISOR)) return false;
  store<u64>(cell, pte);
  clearTag(cell);
  return true;
}

// @ts-ignore: decorator
@inline
function isBare(privilege: u32): bool {
  return privilege == MACHINE || load<u64>(SATP) >> SATP_MODE_SHIFT == 0;
}

/** Bits 63:39 must all equal bit 38. */
// @ts-ignore: decorator
@inline
function isCanonical(va: u64): bool {
  return <u64>((<i64>va << 25) >> 25) == va;
}

// @ts-ignore: decorator
@inline
function entryAddress(table: u64, va: u64, level: i32): u64 {
  return table + (((va >> (12 + 9 * level)) & 511) << 3);
}

/** Linear pointer of the page-table entry at a physical address, 0 outside RAM. */
// @ts-ignore: decorator
@inline
function ramCell(address: u64): usize {
  const offset = address - RAM_BASE;
  if (offset >= load<u64>(RAM_SIZE)) return 0;
  return load<u32>(RAM_POINTER) + <u32>offset;
}

/** Superpages take the lower page-number bits from the virtual address. */
function physicalAddress(pte: u64, va: u64, level: i32): u64 {
  const offsetMask = ((<u64>1) << (12 + 9 * level)) - 1;
  return (((pte & PTE_PPN) << 2) & ~offsetMask) | (va & offsetMask);
}

// @ts-ignore: decorator
@inline
function causeOf(causes: u32, access: u32): u32 {
  return (causes >> (access * 4)) & 15;
}

/** Reserved capability bits fault whatever is accessed; an AMO loads before it stores (CHERI-QEMU). */
function capFaultOf(access: u32): u32 {
  if (access == ACCESS_FETCH) return causeOf(PAGE_FAULTS, access);
  return access == ACCESS_STORE || access == ACCESS_STORE_CAP ? EXC_STORE_CAP_PAGE_FAULT : EXC_LOAD_CAP_PAGE_FAULT;
}

function pageFault(va: u64, access: u32): u64 {
  raise(causeOf(PAGE_FAULTS, access), va);
  return FAULT;
}

/** Also for callers whose physical access PMP or the bus refuses. */
export function accessFault(va: u64, access: u32): u64 {
  raise(causeOf(ACCESS_FAULTS, access), va);
  return FAULT;
}
