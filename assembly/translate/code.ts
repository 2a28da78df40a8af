// Appends Wasm code to a buffer in linear memory (WebAssembly 2.0 chapter 5.4). Nothing here knows about guests.
import { pushPooled } from "./constants";

export const TYPE_VOID: u32 = 0x40;
export const TYPE_I32: u32 = 0x7f;
export const TYPE_I64: u32 = 0x7e;
export const TYPE_F64: u32 = 0x7c;

export const UNREACHABLE: u32 = 0x00;
export const BLOCK: u32 = 0x02;
export const LOOP: u32 = 0x03;
export const IF: u32 = 0x04;
export const ELSE: u32 = 0x05;
export const END: u32 = 0x0b;
export const BR: u32 = 0x0c;
export const BR_IF: u32 = 0x0d;
export const BR_TABLE: u32 = 0x0e;
export const RETURN: u32 = 0x0f;
export const CALL: u32 = 0x10;
export const CALL_INDIRECT: u32 = 0x11;
export const RETURN_CALL_INDIRECT: u32 = 0x13;
export const DROP: u32 = 0x1a;
export const SELECT: u32 = 0x1b;
export const LOCAL_GET: u32 = 0x20;
export const LOCAL_SET: u32 = 0x21;
export const LOCAL_TEE: u32 = 0x22;
export const I32_LOAD: u32 = 0x28;
export const I64_LOAD: u32 = 0x29;
export const F64_LOAD: u32 = 0x2b;
export const I32_LOAD8_U: u32 = 0x2d;
export const I32_LOAD16_U: u32 = 0x2f;
export const I64_LOAD32_S: u32 = 0x34;
export const I64_LOAD32_U: u32 = 0x35;
export const I64_STORE32: u32 = 0x3e;
export const I32_STORE: u32 = 0x36;
export const I64_STORE: u32 = 0x37;
export const F64_STORE: u32 = 0x39;
export const I32_STORE8: u32 = 0x3a;
export const I32_CONST: u32 = 0x41;
export const I64_CONST: u32 = 0x42;
export const I32_EQZ: u32 = 0x45;
export const I32_EQ: u32 = 0x46;
export const I32_NE: u32 = 0x47;
export const I32_LT_S: u32 = 0x48;
export const I32_GT_U: u32 = 0x4b;
export const I64_EQZ: u32 = 0x50;
export const I64_EQ: u32 = 0x51;
export const I64_NE: u32 = 0x52;
export const I64_LT_U: u32 = 0x54;
export const I64_GT_U: u32 = 0x56;
export const I64_LE_U: u32 = 0x58;
export const I64_GE_U: u32 = 0x5a;
export const I32_ADD: u32 = 0x6a;
export const I32_SUB: u32 = 0x6b;
export const I32_AND: u32 = 0x71;
export const I32_OR: u32 = 0x72;
export const I32_SHL: u32 = 0x74;
export const I32_SHR_U: u32 = 0x76;
export const I64_ADD: u32 = 0x7c;
export const I64_SUB: u32 = 0x7d;
export const I64_MUL: u32 = 0x7e;
export const I64_DIV_U: u32 = 0x80;
export const I64_AND: u32 = 0x83;
export const I64_OR: u32 = 0x84;
export const I64_XOR: u32 = 0x85;
export const I64_SHR_U: u32 = 0x88;
export const I64_ROTR: u32 = 0x8a;
export const I32_WRAP_I64: u32 = 0xa7;
export const I64_SHL: u32 = 0x86;
export const F32_NE: u32 = 0x5c;
export const F64_EQ: u32 = 0x61;
export const F64_NE: u32 = 0x62;
export const F32_MUL: u32 = 0x94;
export const F64_NEG: u32 = 0x9a;
export const F64_ADD: u32 = 0xa0;
export const F64_SUB: u32 = 0xa1;
export const F64_MUL: u32 = 0xa2;
export const F64_CONST: u32 = 0x44;
export const I64_EXTEND32_S: u32 = 0xc4;
export const I64_EXTEND_I32_S: u32 = 0xac;
export const I64_EXTEND_I32_U: u32 = 0xad;
export const F32_DEMOTE_F64: u32 = 0xb6;
export const F64_PROMOTE_F32: u32 = 0xbb;
export const I32_REINTERPRET_F32: u32 = 0xbc;
export const I64_REINTERPRET_F64: u32 = 0xbd;
export const F32_REINTERPRET_I32: u32 = 0xbe;
export const F64_REINTERPRET_I64: u32 = 0xbf;

/** Where the next byte goes. */
export let cursor: usize = 0;

export function moveCursor(to: usize): void {
  cursor = to;
}

// @ts-ignore: decorator
@inline
export function code(byte: u32): void {
  store<u8>(cursor, <u8>byte);
  cursor += 1;
}

export function unsigned(value: u32): void {
  while (value >= 0x80) {
    code((value & 0x7f) | 0x80);
    value >>= 7;
  }
  code(value);
}

export function signed(value: i64): void {
  for (;;) {
    const low = <u32>value & 0x7f;
    value >>= 7;
    if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) {
      code(low);
      return;
    }
    code(low | 0x80);
  }
}

/** `length` bytes, to be overwritten by `patchUnsigned` once the value is known. */
export function reserveUnsigned(length: usize): usize {
  const place = cursor;
  cursor += length;
  return place;
}

export function patchUnsigned(place: usize, value: u32, length: usize): void {
  for (let i: usize = 0; i < length - 1; i++) {
    store<u8>(place + i, <u8>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  store<u8>(place + length - 1, <u8>value);
}

/** Bytes that `signed` takes. */
export function signedLength(value: i64): i32 {
  return (70 - <i32>clz(value ^ value >> 63)) / 7;
}

/** A constant of the type, by its bits. */
export function emitConstant(type: u32, bits: u64): void {
  if (type == TYPE_F64) {
    code(F64_CONST);
    store<u64>(cursor, bits);
    cursor += 8;
    return;
  }
  code(type == TYPE_I64 ? I64_CONST : I32_CONST);
  signed(bits);
}

/** Constants shorter than this are never in locals. */
const SHORT: i64 = 8192;

export function constant(value: i64): void {
  const isShort = value >= -SHORT && value < SHORT;
  if (isShort || !pushPooled(TYPE_I64, value)) emitConstant(TYPE_I64, value);
}

export function constant32(value: i32): void {
  const isShort = value >= <i32>-SHORT && value < <i32>SHORT;
  if (isShort || !pushPooled(TYPE_I32, value)) emitConstant(TYPE_I32, value);
}

/** A double by its bits. */
export function constantDouble(bits: u64): void {
  if (!pushPooled(TYPE_F64, bits)) emitConstant(TYPE_F64, bits);
}

/** What was written last, if that was a local.set: where it ends, and the local. */
let setEnd: usize = 0;
let setIndex: u32 = 0;

export function getLocal(index: u32): void {
  if (cursor == setEnd && index == setIndex) {
    store<u8>(cursor - (index < 0x80 ? 2 : 3), <u8>LOCAL_TEE);
    setEnd = 0;
    return;
  }
  code(LOCAL_GET);
  unsigned(index);
}

/** A local.get of it that follows makes this a local.tee. */
export function setLocal(index: u32): void {
  code(LOCAL_SET);
  unsigned(index);
  setEnd = cursor;
  setIndex = index;
}

export function teeLocal(index: u32): void {
  code(LOCAL_TEE);
  unsigned(index);
}

/** A load or store; natural alignment is a hint without effect here, so none is claimed. */
export function access(opcode: u32, offset: u32): void {
  code(opcode);
  code(0);
  unsigned(offset);
}

/** Vector instructions (128-bit SIMD, relaxed SIMD). */
export const F64X2_SPLAT: u32 = 0x14;
export const F64X2_EXTRACT_LANE: u32 = 0x21;
export const F64X2_RELAXED_MADD: u32 = 0x107;

export function vector(opcode: u32): void {
  code(0xfd);
  unsigned(opcode);
}

/** Branches to the label `depth` levels out if the value on the stack is not 0. */
export function branchIf(depth: u32): void {
  code(BR_IF);
  unsigned(depth);
}

/** Loads from a fixed address. */
export function loadCell(opcode: u32, address: u32): void {
  constant32(0);
  access(opcode, address);
}

export function callHelper(number: u32): void {
  code(CALL);
  unsigned(number);
}
