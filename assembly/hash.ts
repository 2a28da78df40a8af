// A 64-bit digest of everything the guest could observe: equal states have equal hashes on every engine, slice length
// and host. Untouched (all-zero) RAM costs one look per page.
import {
  CAP_ADDRESS, CAP_SIZE, CAP_STATE, F, FCSR, IDLE_TIME, INSTRET, INTERRUPT_LINES, MSTATUS, MTIME_OFFSET, MTIMECMP, PAGE_SIZE, PC, PMPADDR, PMPCFG, PRIV, RAM_POINTER,
  RAM_SIZE, RESERVATION, SCR, STATE_TAG, X,
} from "./layout";
import { capHigh } from "./cheri/registers";
import { tagPointer } from "./cheri/tags";

const PRIME_A: u64 = 0x9e3779b97f4a7c15;
const PRIME_B: u64 = 0xd6e8feb86659fd93;

// @ts-ignore: decorator
@inline
function mix(hash: u64, value: u64): u64 {
  const x = (hash ^ value) * PRIME_A;
  return (x ^ (x >> 29)) * PRIME_B;
}

function mixCap(hash: u64, ptr: usize): u64 {
  return mix(mix(mix(hash, load<u64>(ptr, CAP_ADDRESS)), capHigh(ptr)), load<u32>(ptr, CAP_STATE) & STATE_TAG);
}

function mixRange(hash: u64, start: usize, end: usize): u64 {
  for (let p = start; p < end; p += 8) hash = mix(hash, load<u64>(p));
  return hash;
}

/** Only the tag of a granule is state; which ones hold decoded code is not. */
const TAGS: u64 = 0x0101010101010101;

function mixTags(hash: u64, start: usize, end: usize): u64 {
  for (let p = start; p < end; p += 8) hash = mix(hash, load<u64>(p) & TAGS);
  return hash;
}

function hasTags(start: usize, end: usize): bool {
  let bits: u64 = 0;
  for (let p = start; p < end; p += 8) bits |= load<u64>(p);
  return (bits & TAGS) != 0;
}

function isZero(start: usize, end: usize): bool {
  let bits: u64 = 0;
  for (let p = start; p < end; p += 32) bits |= load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  return bits == 0;
}

function mixMemory(hash: u64): u64 {
  const ram: usize = load<u32>(RAM_POINTER);
  const pages = <u32>(load<u64>(RAM_SIZE) / PAGE_SIZE);
  for (let page: u32 = 0; page < pages; page++) {
    const p = ram + <usize>page * PAGE_SIZE;
    const tags = tagPointer(p);
    if (isZero(p, p + PAGE_SIZE) && !hasTags(tags, tags + PAGE_SIZE / 16)) continue;
    hash = mixTags(mixRange(mix(hash, page), p, p + PAGE_SIZE), tags, tags + PAGE_SIZE / 16);
  }
  return hash;
}

export function stateHash(): u64 {
  let hash = mix(mix(mix(PRIME_B, load<u64>(PC)), load<u32>(PRIV)), load<u64>(INSTRET));
  for (let i: usize = 0; i < 32; i++) hash = mixCap(hash, X + i * CAP_SIZE);
  // PCC's address is the PC cell; every other special register counts whole.
  hash = mix(hash, capHigh(SCR));
  for (let i: usize = 1; i < 32; i++) hash = mixCap(hash, SCR + i * CAP_SIZE);
  hash = mixRange(hash, F, F + 32 * 8);
  hash = mixRange(hash, MSTATUS, FCSR);
  hash = mix(hash, load<u32>(FCSR));
  hash = mixRange(hash, PMPCFG, PMPADDR + 16 * 8);
  hash = mix(mix(hash, load<u64>(MTIMECMP)), load<u64>(MTIME_OFFSET));
  hash = mix(mix(hash, load<u64>(INTERRUPT_LINES)), load<u64>(IDLE_TIME));
  return mixMemory(mix(hash, load<u64>(RESERVATION)));
}
