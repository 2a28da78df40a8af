// How traps use xTCC and xEPCC: where a trap enters, what it saves, where xRET goes back to; and xtvec and xepc, the
// integer views of those capabilities. Manual: Privileged 1.12 §3.1.7, §3.1.14; CHERI ISAv9 (Sail:
// handle_trap_extension, prepare_trap_vector, prepare_xret_target). Addresses in capabilities are absolute.
import { CAP_ADDRESS, CAP_BASE, CONFIG, CONFIG_RELOCATED, PC, PCC, UEPCC, UTCC } from "../layout";
import { isRepresentable, isRepresentableFast } from "../cheri/concentrate";
import { otypeOf, unsealedHigh } from "../cheri/fields";
import { OTYPE_SENTRY } from "../cheri/names";
import {
  capAddress, capHigh, capTag, copyCap, ensureDecoded, moveAddress, replaceHigh, setCapRaw,
} from "../cheri/registers";

/** Mode bits of xtvec: 0 direct, 1 vectored. */
const TVEC_MODE: u64 = 3;
const TVEC_VECTORED: u64 = 1;

// @ts-ignore: decorator
@inline
function isRelocated(): bool {
  return (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0;
}

/** The pc that software sees in a code capability: its address, or its offset if addresses are relocated. */
export function integerView(cap: usize): u64 {
  if (!isRelocated()) return capAddress(cap);
  ensureDecoded(cap);
  return capAddress(cap) - load<u64>(cap, CAP_BASE);
}

/** Sets it in place, as CSetAddr or CSetOffset would. Untags: sealed; unrepresentable. */
export function setIntegerView(cap: usize, value: u64): void {
  const high = capHigh(cap);
  const from = capAddress(cap);
  if (isRelocated()) {
    ensureDecoded(cap);
    const increment = load<u64>(cap, CAP_BASE) + value - from;
    moveAddress(cap, cap, from + increment, isRepresentableFast(high, from, increment));
  } else {
    moveAddress(cap, cap, value, isRepresentable(high, from, value));
  }
}

/** WARL: the reserved modes of xtvec keep the old mode; the rest of the value is taken. */
export function legalizeTvec(old: u64, value: u64): u64 {
  return (value & TVEC_MODE) > TVEC_VECTORED ? (value & ~TVEC_MODE) | (old & TVEC_MODE) : value;
}

/** Clears bit 0 of the pc in a copy of xEPCC, as reading it and xRET do. Untags if that changes a sealed one. */
export function legalizeEpcc(cap: usize): void {
  const view = integerView(cap);
  if (view & 1) setIntegerView(cap, view & ~1);
}

/** Struct of xTCC for privilege x: they lie 512 bytes apart by privilege. */
// @ts-ignore: decorator
@inline
export function tcc(mode: u32): usize {
  return UTCC + (mode << 9);
}

/** Struct of xEPCC for privilege x. */
// @ts-ignore: decorator
@inline
export function epcc(mode: u32): usize {
  return UEPCC + (mode << 9);
}

export function readTvec(mode: u32): u64 {
  return integerView(tcc(mode));
}

export function writeTvec(mode: u32, value: u64): void {
  const cap = tcc(mode);
  setIntegerView(cap, legalizeTvec(integerView(cap), value));
}

/** Bit 0 is hidden, not lost. */
export function readEpc(mode: u32): u64 {
  return integerView(epcc(mode)) & ~1;
}

export function writeEpc(mode: u32, value: u64): void {
  setIntegerView(epcc(mode), value);
}

/** Where a trap goes: xTCC's address, plus 4 × cause for interrupts in vectored mode. */
export function vectorAddress(mode: u32, cause: u64): u64 {
  const address = capAddress(tcc(mode));
  const base = address & ~TVEC_MODE;
  return (address & TVEC_VECTORED) != 0 && <i64>cause < 0 ? base + (cause << 2) : base;
}

/** xEPCC on entry to a trap: PCC at the pc of the trap, sealed only if PCC was, untagged if not representable there. */
export function saveEpcc(mode: u32): void {
  const cap = epcc(mode);
  const pc = load<u64>(PC);
  const high = capHigh(PCC);
  if (isRepresentable(high, capAddress(PCC), pc)) {
    copyCap(cap, PCC);
    store<u64>(cap, pc, CAP_ADDRESS);
  } else {
    setCapRaw(cap, high, pc, 0);
  }
}

/** PCC and PC from xTCC. */
export function enterTcc(mode: u32, cause: u64): void {
  copyCap(PCC, tcc(mode));
  store<u64>(PC, vectorAddress(mode, cause));
}

/** PCC and PC from xEPCC. A sentry is unsealed; anything else that is sealed or untagged faults at the next fetch. */
export function returnToEpcc(mode: u32): void {
  copyCap(PCC, epcc(mode));
  legalizeEpcc(PCC);
  const high = capHigh(PCC);
  if (otypeOf(high) == OTYPE_SENTRY) replaceHigh(PCC, PCC, unsealedHigh(high), capTag(PCC));
  store<u64>(PC, capAddress(PCC));
}
