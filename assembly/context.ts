// Derived state: what follows from PCC, DDC, privilege, satp, mstatus and PMP, kept in cells so that the fast paths
// test nothing twice. Whoever changes one of those calls the matching refresh here.
import {
  CAP_ADDRESS, CAP_BASE, CAP_MODE, CAP_PERMS, CAP_SIZE, CAP_STATE, CAP_STORE_WINDOW, CAP_TOP, CAP_TOP_HIGH,
  CAP_WINDOW_BASE, CAP_OTYPE, CONFIG, CONFIG_RELOCATED, CONTEXT, DATA_PRIV, DDC, DDC_BIAS, DDC_LINEAR, DDC_LOAD_WINDOW,
  DDC_OFFSET_BIAS, DDC_STORE_WINDOW, JUMP_CACHE, JUMP_CACHE_ENTRIES, MSTATUS, PC_BIAS, PCC, PCC_PAGE_LENGTH, PCC_PAGE_LOW,
  PMP_ACTIVE, PRIV, RAM_DELTA, SATP, STATE_MASK, STATE_META, STATE_TAG, TRANSLATE_DATA, TRANSLATE_FETCH, WINDOWS_EPOCH, X,
} from "./layout";
import { CONFIGURATION_STALE, CROSSINGS_EPOCH } from "./translate/map";
import { OTYPE_UNSEALED, PERM_EXECUTE } from "./cheri/names";
import { capHigh, ensureDecoded, refreshWindow } from "./cheri/registers";
import { pmpActive } from "./riscv/pmp";
import { STATUS_MPRV } from "./riscv/status";

const SATP_MODE_SV39: u64 = 8;
/** The flag bit (109) as it lies in the high word; null's bit there is 0. */
const HIGH_FLAG_SHIFT: u64 = 45;

/** PCC changed: bias, mode and the range of whole pages that need no further check. */
export function refreshPCC(): void {
  ensureDecoded(PCC);
  const base = load<u64>(PCC, CAP_BASE);
  const relocated = (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0;
  store<u64>(PC_BIAS, relocated ? base : 0);
  store<u32>(CAP_MODE, <u32>(capHigh(PCC) >> HIGH_FLAG_SHIFT) & 1);
  let low: u64 = 0;
  let length: u64 = 0;
  const usable = (load<u32>(PCC, CAP_STATE) & STATE_TAG) != 0
    && load<u32>(PCC, CAP_OTYPE) == OTYPE_UNSEALED
    && (load<u32>(PCC, CAP_PERMS) & PERM_EXECUTE) != 0
    && !(relocated && (base & 1) != 0);
  if (usable) {
    low = (base + 4095) & ~4095;
    // A top of 2^64 loses its last page here: execution there is merely slower.
    const end = load<u32>(PCC, CAP_TOP_HIGH) != 0 ? <u64>-4096 : load<u64>(PCC, CAP_TOP) & ~4095;
    if (low >= base && low < end) length = end - low;
  }
  store<u64>(PCC_PAGE_LOW, low);
  store<u64>(PCC_PAGE_LENGTH, length);
  refreshContextTag();
}

/** PCC is what another special register held, whose windows nobody kept up to date. */
export function refreshOtherPCC(): void {
  ensureDecoded(PCC);
  refreshWindow(PCC);
  refreshPCC();
}

/** DDC or its window changed. */
export function refreshDDC(): void {
  ensureDecoded(DDC);
  refreshWindow(DDC);
  const bias = (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0 ? load<u64>(DDC, CAP_ADDRESS) : 0;
  const windowBase = load<u64>(DDC, CAP_WINDOW_BASE);
  store<u64>(DDC_BIAS, bias);
  store<u64>(DDC_OFFSET_BIAS, bias - windowBase);
  store<u32>(DDC_LINEAR, <u32>windowBase + load<u32>(RAM_DELTA));
  store<u32>(DDC_LOAD_WINDOW, load<u32>(DDC, CAP_STATE) & ~STATE_MASK);
  store<u32>(DDC_STORE_WINDOW, load<u32>(DDC, CAP_STORE_WINDOW));
  store<u32>(CONFIGURATION_STALE, 1);
}

/** Privilege, satp, mstatus.MPRV/MPP or PMP changed: which translation applies to fetches and to data. */
export function refreshContext(): void {
  const privilege = load<u32>(PRIV);
  const status = load<u64>(MSTATUS);
  const paged = load<u64>(SATP) >> 60 == SATP_MODE_SV39;
  const dataPrivilege = (status & STATUS_MPRV) != 0 ? <u32>(status >> 11) & 3 : privilege;
  const translateData: u32 = paged && dataPrivilege < 3 ? 1 : 0;
  store<u32>(TRANSLATE_FETCH, paged && privilege < 3 ? 1 : 0);
  store<u32>(DATA_PRIV, dataPrivilege);
  const pmp: u32 = pmpActive() ? 1 : 0;
  if (load<u32>(TRANSLATE_DATA) != translateData || load<u32>(PMP_ACTIVE) != pmp) {
    store<u32>(TRANSLATE_DATA, translateData);
    store<u32>(PMP_ACTIVE, pmp);
    refreshAllWindows();
  }
  refreshContextTag();
}

/** Windows depend on translation and PMP: recompute those in use. */
export function refreshAllWindows(): void {
  for (let offset: usize = CAP_SIZE; offset < 32 * CAP_SIZE; offset += CAP_SIZE) {
    if ((load<u32>(X + offset, CAP_STATE) & STATE_META) == 0) continue;
    ensureDecoded(X + offset);
    refreshWindow(X + offset);
  }
  ensureDecoded(PCC);
  refreshWindow(PCC);
  refreshDDC();
  forgetCrossings();
  store<u32>(WINDOWS_EPOCH, load<u32>(WINDOWS_EPOCH) + 1);
}

/** What crossings came to (translate/crossing-memo.ts) had windows as they were, or configurations. */
export function forgetCrossings(): void {
  store<u32>(CROSSINGS_EPOCH, load<u32>(CROSSINGS_EPOCH) + 1);
}

/** Generation of the jump cache in CONTEXT bits 11:4; 0 is never used, so that empty entries match nothing. */
function refreshContextTag(): void {
  const generation = load<u32>(CONTEXT) & 0xff0;
  store<u32>(CONTEXT, generation | load<u32>(CAP_MODE) | load<u32>(PRIV) << 1 | load<u32>(TRANSLATE_FETCH) << 3);
  store<u32>(CONFIGURATION_STALE, 1);
}

/** Forgets every jump-cache entry: code, mappings or slots changed. */
export function flushJumpCache(): void {
  let generation = (load<u32>(CONTEXT) & 0xff0) + 0x10;
  if (generation > 0xff0) {
    memory.fill(JUMP_CACHE, 0, JUMP_CACHE_ENTRIES * 16);
    generation = 0x10;
  }
  store<u32>(CONTEXT, generation | (load<u32>(CONTEXT) & 15));
  store<u32>(CONFIGURATION_STALE, 1);
}
