// The instruction table: every encoding and every operation of the machine, from which the decoder, the
// interpreter's dispatch, the disassembler and the tests' assembler are made.
import { BASE_INSTRUCTIONS, BASE_OPERATIONS } from "./base.ts";
import { BITMANIP_INSTRUCTIONS, BITMANIP_OPERATIONS } from "./bitmanip.ts";
import { CHERI_INSTRUCTIONS, CHERI_OPERATIONS } from "./cheri.ts";
import { COMPRESSED_INSTRUCTIONS } from "./compressed.ts";
import { FLOAT_INSTRUCTIONS, FLOAT_OPERATIONS } from "./float.ts";
import type { CompressedInstruction, Instruction, Operation } from "./instruction.ts";
import { MEMORY_INSTRUCTIONS, MEMORY_OPERATIONS } from "./memory.ts";

export const INSTRUCTIONS: readonly Instruction[] = [
  ...BASE_INSTRUCTIONS, ...MEMORY_INSTRUCTIONS, ...FLOAT_INSTRUCTIONS, ...CHERI_INSTRUCTIONS,
  ...BITMANIP_INSTRUCTIONS,
];
export const OPERATIONS: readonly Operation[] = [
  ...BASE_OPERATIONS, ...MEMORY_OPERATIONS, ...FLOAT_OPERATIONS, ...CHERI_OPERATIONS,
  ...BITMANIP_OPERATIONS,
];
export { COMPRESSED_INSTRUCTIONS };
export type { CompressedInstruction, Instruction, Operation };
