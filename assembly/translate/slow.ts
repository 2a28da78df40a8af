// Slow paths of emitted loads and stores: what memory.ts does, at an address that emitted code has already computed.
import { CAP_ADDRESS, CAP_HIGH, CAP_SIZE, CAP_STATE, DDC, DDC_BIAS, DDC_OFFSET_BIAS, LEFT, PENDING, PENDING_TRAP, RECORD_OP, STATE_TAG } from "../layout";
import { describe } from "../generated/emit";
import { firstOf } from "../generated/operations";
import { REGNUM_DDC } from "../cheri/names";
import { decodeCap } from "../cheri/registers";
import { loadAt, storeAt } from "../memory";
import { plainRecord } from "./core-calls";
import { accessOf, sizeLog2Of } from "./describe";
import { CROSSINGS_EPOCH, DECODED, DECODED_ENTRIES, DECODED_EPOCH, DECODED_FACTOR, DECODED_SHIFT, EXIT_RECORD, EXIT_RETIRED, CONFIGURATION_STALE, EXIT_SIZE, META_EXITS, SLOW_VALUE } from "./map";

/** Description of the instruction at an exit; stores LEFT as it is before that instruction. */
function prepare(meta: usize, left: i32, exit: u32): u32 {
  const entry: usize = <usize>load<u32>(meta, META_EXITS) + <usize>exit * EXIT_SIZE;
  store<i64>(LEFT, left - load<i32>(entry, EXIT_RETIRED));
  const record: usize = load<u32>(entry, EXIT_RECORD);
  return describe(firstOf(load<u16>(plainRecord(record), RECORD_OP)));
}

/** Widens what memory holds as the load instruction does: 0x30 to 0x35 are Wasm's i64.load8_s to i64.load32_u. */
function widen(value: u64, opcode: u32): u64 {
  if (opcode == 0x30) return <u64><i64><i8>value;
  if (opcode == 0x32) return <u64><i64><i16>value;
  if (opcode == 0x34) return <u64><i64><i32>value;
  return value;
}

/** A load through DDC at `offset` from its window. */
export function regionLoad(meta: usize, offset: u64, left: i32, exit: u32): u64 {
  const description = prepare(meta, left, exit);
  const address = offset - load<u64>(DDC_OFFSET_BIAS) + load<u64>(DDC_BIAS);
  const value = widen(loadAt(address, DDC, REGNUM_DDC, sizeLog2Of(description)), accessOf(description));
  if (load<u32>(PENDING) != 0 && load<u32>(PENDING) != PENDING_TRAP) store<u64>(SLOW_VALUE, value);
  return value;
}

/** A capability register is used for the first time. */
export function regionDecode(register: usize): u32 {
  decodeCap(register);
  if ((load<u32>(register, CAP_STATE) & STATE_TAG) != 0) keepDecoded(register);
  return 0;
}

/** For the next time the same is loaded. */
function keepDecoded(register: usize): void {
  const hash = (load<u64>(register, CAP_ADDRESS) ^ (load<u64>(register, CAP_HIGH) * DECODED_FACTOR)) >> DECODED_SHIFT;
  const entry: usize = DECODED + <usize>(<u32>hash & (DECODED_ENTRIES - 1 << 6));
  memory.copy(entry, register, CAP_SIZE);
  store<u32>(entry, load<u32>(CROSSINGS_EPOCH), DECODED_EPOCH);
}

/** A store through DDC at `offset` from its window. 1 if the region must leave: it raised, or changed code. */
export function regionStore(meta: usize, offset: u64, value: u64, left: i32, exit: u32): u32 {
  const description = prepare(meta, left, exit);
  const address = offset - load<u64>(DDC_OFFSET_BIAS) + load<u64>(DDC_BIAS);
  storeAt(address, value, DDC, REGNUM_DDC, sizeLog2Of(description));
  return load<u32>(PENDING) | load<u32>(CONFIGURATION_STALE);
}
