// mstatus and its views sstatus and ustatus: fields, legal values, and what a change of it entails.
// Manual: Privileged 1.12 §3.1.6, §4.1.1; N extension. One cell (MSTATUS) holds them all.
import { CONFIG, CONFIG_N, CONFIG_S_MODE, MSTATUS, PENDING, PENDING_CONTEXT, PRIV } from "../layout";
import { refreshContext } from "../context";
import { flushTlbs } from "./tlb";

/** Privilege levels as PRIV, MPP and CSR numbers encode them. */
export const USER: u32 = 0;
export const SUPERVISOR: u32 = 1;
export const MACHINE: u32 = 3;

// Interrupt enables: xIE is bit x, xPIE bit 4 + x, for x the privilege.
export const STATUS_UIE: u64 = 1 << 0;
export const STATUS_SIE: u64 = 1 << 1;
export const STATUS_MIE: u64 = 1 << 3;
export const STATUS_UPIE: u64 = 1 << 4;
export const STATUS_SPIE: u64 = 1 << 5;
export const STATUS_MPIE: u64 = 1 << 7;
export const STATUS_SPP: u64 = 1 << 8;
export const STATUS_MPP: u64 = 3 << 11;
export const STATUS_FS: u64 = 3 << 13;
export const STATUS_XS: u64 = 3 << 15;
export const STATUS_MPRV: u64 = 1 << 17;
export const STATUS_SUM: u64 = 1 << 18;
export const STATUS_MXR: u64 = 1 << 19;
export const STATUS_TVM: u64 = 1 << 20;
export const STATUS_TW: u64 = 1 << 21;
export const STATUS_TSR: u64 = 1 << 22;
export const STATUS_UXL: u64 = (<u64>3) << 32;
export const STATUS_SXL: u64 = (<u64>3) << 34;
export const STATUS_SD: u64 = (<u64>1) << 63;

export const SPP_SHIFT: u32 = 8;
export const MPP_SHIFT: u32 = 11;

/** UXL = SXL = 64 bit, for good. */
export const STATUS_RESET: u64 = (<u64>0xa) << 32;

const USTATUS_MASK: u64 = STATUS_UIE | STATUS_UPIE;
const SUPERVISOR_FIELDS: u64 = STATUS_SIE | STATUS_SPIE | STATUS_SPP | STATUS_SUM | STATUS_MXR;
const SSTATUS_MASK: u64 = SUPERVISOR_FIELDS | USTATUS_MASK | STATUS_FS | STATUS_XS | STATUS_UXL | STATUS_SD;
const MACHINE_FIELDS: u64 = STATUS_MIE | STATUS_MPIE | STATUS_MPP | STATUS_MPRV | STATUS_TW;
/** Fields of mstatus that exist only with S-mode. */
const WITH_S_MODE: u64 = SUPERVISOR_FIELDS | STATUS_TVM | STATUS_TSR;

// @ts-ignore: decorator
@inline
export function configured(feature: u32): bool {
  return (load<u32>(CONFIG) & feature) != 0;
}

// @ts-ignore: decorator
@inline
export function hasStatus(field: u64): bool {
  return (load<u64>(MSTATUS) & field) != 0;
}

/** To be called after any change that may let an interrupt in or alter privilege or translation: leaves execute(). */
export function contextChanged(): void {
  if (load<u32>(PENDING) == 0) store<u32>(PENDING, PENDING_CONTEXT);
}

/** Fields that software may write at all on this machine. */
function writableFields(): u64 {
  const supervisor: u64 = configured(CONFIG_S_MODE) ? WITH_S_MODE : 0;
  const user: u64 = configured(CONFIG_N) ? USTATUS_MASK : 0;
  return MACHINE_FIELDS | STATUS_FS | supervisor | user;
}

/** MPP is WARL: modes that do not exist are taken as the least one, U. */
function legalizeMPP(status: u64): u64 {
  const mode = <u32>(status >> MPP_SHIFT) & 3;
  const exists = mode == USER || mode == MACHINE || (mode == SUPERVISOR && configured(CONFIG_S_MODE));
  return exists ? status : status & ~STATUS_MPP;
}

/** Stores mstatus with SD derived, and refreshes whatever depends on the fields that changed. */
export function replaceStatus(value: u64): void {
  const dirty: u64 = (value & STATUS_FS) == STATUS_FS ? STATUS_SD : 0;
  const changed = load<u64>(MSTATUS) ^ value;
  store<u64>(MSTATUS, (value & ~STATUS_SD) | dirty);
  if (changed & STATUS_MXR) flushTlbs();
  if (changed & (STATUS_MPRV | STATUS_MPP)) refreshContext();
}

/** Fields of mstatus that mode x sees as xstatus. */
function statusView(mode: u32): u64 {
  if (mode == MACHINE) return <u64>-1;
  return mode == SUPERVISOR ? SSTATUS_MASK : USTATUS_MASK;
}

export function readStatus(mode: u32): u64 {
  return load<u64>(MSTATUS) & statusView(mode);
}

export function writeStatus(mode: u32, value: u64): void {
  const writable = statusView(mode) & writableFields();
  replaceStatus(legalizeMPP((load<u64>(MSTATUS) & ~writable) | (value & writable)));
  contextChanged();
}

/** The floating-point state was written: FS and SD say so (Privileged 1.12 §3.1.6.6). */
// @ts-ignore: decorator
@inline
export function markFloatDirty(): void {
  store<u64>(MSTATUS, load<u64>(MSTATUS) | STATUS_FS | STATUS_SD);
}

/** The current mode becomes `mode`, after mstatus has changed accordingly. */
export function switchMode(mode: u32): void {
  const same = load<u32>(PRIV) == mode;
  store<u32>(PRIV, mode);
  // With MPRV, data accesses follow MPP, which has just changed.
  if (!same || hasStatus(STATUS_MPRV)) refreshContext();
}

/** mstatus on entry to a trap taken in mode `target`: xPIE = xIE, xIE = 0, xPP = the mode it came from. */
export function pushStatus(target: u32): void {
  const enable: u64 = STATUS_UIE << target;
  const status = load<u64>(MSTATUS);
  const from = <u64>load<u32>(PRIV);
  let kept = status & ~(enable | (enable << 4));
  if (target == MACHINE) kept = (kept & ~STATUS_MPP) | (from << MPP_SHIFT);
  if (target == SUPERVISOR) kept = (kept & ~STATUS_SPP) | (from << SPP_SHIFT);
  store<u64>(MSTATUS, kept | ((status & enable) << 4));
}

/** mstatus on xRET from mode x: xIE = xPIE, xPIE = 1, xPP = U, MPRV = 0 below M (not by URET). Gives the new mode. */
export function popStatus(from: u32): u32 {
  const enable: u64 = STATUS_UIE << from;
  const previous = enable << 4;
  let status = load<u64>(MSTATUS);
  let target = USER;
  if (from == MACHINE) target = <u32>(status >> MPP_SHIFT) & 3;
  if (from == SUPERVISOR) target = <u32>(status >> SPP_SHIFT) & 1;
  status = (status & ~enable) | ((status & previous) >> 4) | previous;
  if (from == MACHINE) status &= ~STATUS_MPP;
  if (from == SUPERVISOR) status &= ~STATUS_SPP;
  if (from != USER && target != MACHINE) status &= ~STATUS_MPRV;
  store<u64>(MSTATUS, status);
  return target;
}
