// Configurations: the state that emitted code has baked in, or was checked under. Each has a bit of its own, REGION_STAMP;
// a region's meta block has the bits of those that it may run under. Whatever changes the state (context.ts,
// decode-cache.ts) marks the stamp stale; no emitted code runs on before it is made anew.
// While emitted code runs no configuration is replaced by another: a bit means the same when it returns.
import {
  CAP_HIGH, CAP_SIZE, CAP_STATE, CONTEXT, DDC_BIAS, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, FCSR, MSTATUS, PCC_PAGE_LENGTH,
  PCC_PAGE_LOW, STATE_META, STATE_TAG, TRANSLATE_DATA, X,
} from "../layout";
import { forgetCrossings } from "../context";
import { insidePcc } from "../interpreter";
import { metaAt, metaCount } from "./links";
import {
  CAPS_SEEN, CODE_EPOCH, CONFIGURATION_COUNT, CONFIGURATION_SIZE, CONFIGURATION_STALE, CONFIGURATIONS, FLOATING, LEAST_FLOATING, JUMP_MAP, JUMP_MAP_ENTRIES, MAP_TAG,
  META_CONFIGURATION, META_HIGH, META_LIVE, META_LOW, META_MISSES, META_NEED_MASK, META_NEEDS, META_STATE, META_VALID, REGION_STAMP,
} from "./map";
import { isWide } from "./paged";

/** Fields of a configuration that code has baked in come first: DDC's windows (8 bytes of bias, two lengths), modes, DDC's place. */
export const BAKED_BYTES: usize = 24;
const BAKED_MODES: usize = 16;
/** Of them, what a floating region has: modes apart, how far DDC's address is from its window. */
const BAKED_IN_FLOATING: usize = 8;
const COMPARED_BYTES: usize = 56;
const NEEDS_AT: usize = 52;
/** u32: the configuration that last came after this one. */
const FOLLOWER_AT: usize = 56;

// Bits of the needs: the part of the state that changes often, and which only some regions depend on.
export const NEED_PURE: u32 = 2; // no x register holds a capability
export const NEED_FLOAT_ON: u32 = 8;
export const NEED_FLOAT: u32 = 0xff8;
/** In META_NEED_MASK: the region does not access memory through DDC. */
export const DDC_FREE: u32 = 0x80000000;

let nextConfiguration: u32 = 0;
export let currentConfiguration: u32 = 0;

// @ts-ignore: decorator
@inline
function configuration(index: u32): usize {
  return CONFIGURATIONS + <usize>(index * CONFIGURATION_SIZE);
}

function writeConfiguration(at: usize): void {
  store<u64>(at, load<u64>(DDC_OFFSET_BIAS));
  store<u32>(at, load<u32>(DDC_LOAD_WINDOW), 8);
  store<u32>(at, load<u32>(DDC_STORE_WINDOW), 12);
  store<u32>(at, (load<u32>(CONTEXT) & 15) | load<u32>(TRANSLATE_DATA) << 4 | <u32>isWide() << 5 | mayFloat(), BAKED_MODES);
  store<u32>(at, load<u32>(DDC_LINEAR), 20);
  store<u64>(at, load<u64>(PCC_PAGE_LOW), 24);
  store<u64>(at, load<u64>(PCC_PAGE_LENGTH), 32);
  store<u64>(at, load<u64>(DDC_BIAS), 40);
  store<u32>(at, load<u32>(CODE_EPOCH), 48);
  store<u32>(at, currentNeeds(), NEEDS_AT);
}

/** DDC's windows are such that code need not know more of their lengths (operands.ts, group-checks.ts). */
const MAY_FLOAT: u32 = 64;

function mayFloat(): u32 {
  const loads = load<u32>(DDC_LOAD_WINDOW);
  const stores = load<u32>(DDC_STORE_WINDOW);
  return stores >= <u32>LEAST_FLOATING && stores <= loads ? MAY_FLOAT : 0;
}

export function currentNeeds(): u32 {
  const fcsr = load<u32>(FCSR);
  const isOn: u32 = (load<u32>(MSTATUS) & 0x6000) == 0x6000 ? NEED_FLOAT_ON : 0;
  return 1 | (load<u32>(CAPS_SEEN) == 0 ? NEED_PURE : 0) | isOn | (fcsr & 1) << 4 | (fcsr >> 5 & 7) << 5;
}

/** Has what the current configuration says of the needs become wrong? */
export function needsDiffer(): bool {
  return load<u32>(configuration(currentConfiguration), NEEDS_AT) != currentNeeds();
}

/** Does configuration `index` say of the needs what they are? */
export function hasNeeds(index: u32): bool {
  return load<u32>(configuration(index), NEEDS_AT) == currentNeeds();
}

/** Are all x registers integers? */
export function noCapabilities(): bool {
  let states: u32 = 0;
  for (let p: usize = X + CAP_SIZE; p < <usize>(X + 32 * CAP_SIZE); p += CAP_SIZE) {
    const state = load<u32>(p, CAP_STATE);
    // Looked at as a capability an integer becomes the null one, which is the same.
    if ((state & STATE_META) != 0) states |= state & STATE_TAG | <u32>(load<u64>(p, CAP_HIGH) != 0);
  }
  return states == 0;
}

function equal(a: usize, b: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i += 4) {
    if (load<u32>(a + i) != load<u32>(b + i)) return false;
  }
  return true;
}

function isSame(a: usize, b: usize): bool {
  let differences: u64 = 0;
  for (let i: usize = 0; i < COMPARED_BYTES; i += 8) differences |= load<u64>(a + i) ^ load<u64>(b + i);
  return differences == 0;
}

/** Have all capabilities gone? Then code that relies on there being none may run again. */
export function forgetCapabilities(): void {
  if (load<u32>(CAPS_SEEN) != 0 && noCapabilities()) store<u32>(CAPS_SEEN, 0);
}

/** A region that writes capabilities runs only while no other relies on there being none. */
export function expectCapabilities(): void {
  if (load<u32>(CAPS_SEEN) != 0) return;
  store<u32>(CAPS_SEEN, 1);
  takeConfiguration();
}

/** Makes REGION_STAMP the bit of the state as it is now. */
export function refreshConfiguration(): void {
  forgetCapabilities();
  takeConfiguration();
}

/** Keys of the jump map hold the generation of the jump cache; when that begins anew they are worth nothing. */
function refreshMapTag(): void {
  const tag = <u64>load<u32>(CONTEXT) << 46;
  if ((tag >> 50) < (load<u64>(MAP_TAG) >> 50)) memory.fill(JUMP_MAP, 0, JUMP_MAP_ENTRIES * 16);
  store<u64>(MAP_TAG, tag);
}

/** As refreshConfiguration, while emitted code runs: false if the state is of no configuration so far. */
export function switchConfiguration(): bool {
  const fresh = configuration(CONFIGURATION_COUNT);
  writeConfiguration(fresh);
  const before = configuration(currentConfiguration);
  const likely = load<u32>(before, FOLLOWER_AT);
  if (isSame(configuration(likely), fresh)) {
    enter(likely);
    return true;
  }
  for (let i: u32 = 0; i < <u32>CONFIGURATION_COUNT; i++) {
    if (!isSame(configuration(i), fresh)) continue;
    store<u32>(before, i, FOLLOWER_AT);
    enter(i);
    return true;
  }
  return false;
}

/** The state is of configuration `index`. */
export function enter(index: u32): void {
  refreshMapTag();
  store<u32>(CONFIGURATION_STALE, 0);
  currentConfiguration = index;
  store<u32>(REGION_STAMP, 1 << index);
}

function takeConfiguration(): void {
  if (switchConfiguration()) return;
  forgetCrossings(); // one configuration is replaced
  memory.copy(configuration(nextConfiguration), configuration(CONFIGURATION_COUNT), COMPARED_BYTES);
  enter(nextConfiguration);
  nextConfiguration = (nextConfiguration + 1) % CONFIGURATION_COUNT;
  const bit = load<u32>(REGION_STAMP);
  for (let i: u32 = 1; i < metaCount; i++) store<u32>(metaAt(i), load<u32>(metaAt(i), META_VALID) & ~bit, META_VALID);
}

// ---- what regions ask for ----

/** Keeps what a region being made has baked in. */
export function copyBaked(to: usize): void {
  memory.copy(to, configuration(currentConfiguration), BAKED_BYTES);
}

/** Is the region being made, or the one that was made last of `meta`, to be floating? */
export function isFloatingMeta(meta: usize, modes: u32): bool {
  return (load<u32>(meta, META_MISSES) & FLOATING) != 0 && (modes & MAY_FLOAT) != 0;
}

/** Of the current configuration. */
export function currentModes(): u32 {
  return load<u32>(configuration(currentConfiguration), BAKED_MODES);
}

function bakedHolds(meta: usize): bool {
  const own: usize = load<u32>(meta, META_CONFIGURATION);
  const now = configuration(currentConfiguration);
  const modes = load<u32>(now, BAKED_MODES);
  if (load<u32>(own, BAKED_MODES) != modes) return false;
  if ((load<u32>(meta, META_NEED_MASK) & DDC_FREE) != 0) return true;
  return equal(own, now, isFloatingMeta(meta, modes) ? BAKED_IN_FLOATING : BAKED_BYTES);
}

/** May the region run at `pc` under the current configuration? Remembers it if so. */
export function isValid(meta: usize, pc: u64): bool {
  return load<u32>(meta, META_STATE) == META_LIVE && holds(meta, pc);
}

/** As isValid, of a region that need not be compiled yet. */
export function holds(meta: usize, pc: u64): bool {
  if (!bakedHolds(meta)) return false;
  if (((load<u32>(meta, META_NEEDS) ^ currentNeeds()) & load<u32>(meta, META_NEED_MASK)) != 0) return false;
  const low = pc + <u64>load<i32>(meta, META_LOW);
  const high = pc + <u64>load<i32>(meta, META_HIGH);
  if (!insidePcc(low) || !insidePcc(high) || high < low) return false;
  store<u32>(meta, load<u32>(meta, META_VALID) | load<u32>(REGION_STAMP), META_VALID);
  return true;
}

/** Does the region fail to hold for nothing but DDC's place and size? Another cVM runs its code. */
export function differsInPlace(meta: usize): bool {
  const now = configuration(currentConfiguration);
  const own: usize = load<u32>(meta, META_CONFIGURATION);
  const modes = currentModes();
  if (isFloatingMeta(meta, modes) || (modes & MAY_FLOAT) == 0 || load<u32>(own, BAKED_MODES) != modes) return false;
  return equal(own, now, BAKED_IN_FLOATING) && !equal(own, now, BAKED_BYTES);
}

/** Does the region write capabilities, and so run only while no other relies on there being none? */
// @ts-ignore: decorator
@inline
export function usesCapabilityRegisters(meta: usize): bool {
  return (load<u32>(meta, META_NEED_MASK) & ~load<u32>(meta, META_NEEDS) & NEED_PURE) != 0;
}
