// Names for the bits of a description (isa/generate/emit.ts).
export const KIND_MASK: u32 = 15;
export const KIND_EXIT: u32 = 0;
export const KIND_ALU: u32 = 1;
export const KIND_BRANCH: u32 = 2;
export const KIND_JAL: u32 = 3;
export const KIND_JALR: u32 = 4;
export const KIND_LOAD: u32 = 5;
export const KIND_STORE: u32 = 6;
export const KIND_FLOAT: u32 = 7;
export const KIND_AMO: u32 = 8;
export const KIND_CALL: u32 = 9;
export const KIND_JUMP: u32 = 10;
export const KIND_NOP: u32 = 11;
export const IS_NEAR: u32 = 1 << 4;
export const IS_UNLINKED: u32 = 1 << 5;
export const READS_X1: u32 = 1 << 6;
export const READS_X2: u32 = 1 << 7;
export const READS_F1: u32 = 1 << 8;
export const READS_F2: u32 = 1 << 9;
export const READS_F3: u32 = 1 << 10;
export const WRITES_X: u32 = 1 << 11;
export const WRITES_F: u32 = 1 << 12;
export const VIA_CAP: u32 = 1 << 16;
export const HAS_STATE: u32 = 1 << 19;
export const ROUNDS: u32 = 1 << 20;
export const HAS_FLAGS: u32 = 1 << 21;
export const WRITES_CAP: u32 = 1 << 22;
export const IS_WORD: u32 = 1 << 23; // what it writes is sign-extended from 32 bits

export const TYPE_X: u32 = 0;
export const TYPE_F4: u32 = 1;
export const TYPE_F8: u32 = 2;
export const TYPE_C: u32 = 3;

// @ts-ignore: decorator
@inline
export function kindOf(description: u32): u32 {
  return description & KIND_MASK;
}

// @ts-ignore: decorator
@inline
export function sizeLog2Of(description: u32): u32 {
  return (description >> 13) & 7;
}

// @ts-ignore: decorator
@inline
export function typeOf(description: u32): u32 {
  return (description >> 17) & 3;
}

/** Wasm opcode of a load or store. */
// @ts-ignore: decorator
@inline
export function accessOf(description: u32): u32 {
  return description >> 24;
}

// Classes of arithmetic, in the place of the opcode: what addresses and words are followed through.
export const ALU_IMMEDIATE: u32 = 1;
export const ALU_ADD_IMMEDIATE: u32 = 2;
export const ALU_ADD_PC: u32 = 3;
export const ALU_ADD: u32 = 4;
export const ALU_ADD_WORD: u32 = 5; // of an immediate
// From here on it is the Wasm opcode that does to words what the instruction does to 64 bits.
export const ALU_COMPARISON: u32 = 0x46;
export const ALU_BITWISE: u32 = 0x71;

// Classes of instructions that are functions, likewise (KIND_CALL, KIND_JUMP); 0 for those that end their block.
export const CAP_INCREMENT: u32 = 1;
export const CAP_INCREMENT_IMMEDIATE: u32 = 2;
export const CAP_MOVE: u32 = 3;
export const CAP_GET_TAG: u32 = 4;
export const CAP_GET_ADDRESS: u32 = 5;
export const CAP_JUMP: u32 = 6; // cjal: without a link it is a plain jump
export const CAP_CORE: u32 = 7; // the core executes it in the middle of a block (crossing.ts)
export const CAP_CLEAR: u32 = 8; // cclear
export const CAP_CLEAR_FLOAT: u32 = 9; // fpclear
export const CALL_ENVIRONMENT: u32 = 10; // ecall
export const CAP_SUBTRACT: u32 = 11;
export const CAP_SET_OFFSET: u32 = 12;
export const CAP_SET_ADDRESS: u32 = 13;
export const CAP_GET_BASE: u32 = 14;
export const CAP_GET_LENGTH: u32 = 15;
export const CAP_GET_TOP: u32 = 16;
export const CAP_GET_OFFSET: u32 = 17;
export const CAP_AND_PERMISSIONS: u32 = 18;
export const CAP_SET_FLAGS: u32 = 19;
export const CAP_SET_BOUNDS: u32 = 20; // exactly or not
export const CAP_SET_BOUNDS_IMMEDIATE: u32 = 21;

// @ts-ignore: decorator
@inline
export function aluOf(description: u32): u32 {
  return description >> 24;
}

/** Through a capability, or of one. */
export function isCapabilityAccess(description: u32): bool {
  const kind = kindOf(description);
  return (kind == KIND_LOAD || kind == KIND_STORE) && ((description & VIA_CAP) != 0 || typeOf(description) == TYPE_C);
}
