// Shorthand for match/mask pairs of the base formats (Unprivileged 2.2), so that rows read like the manual's tables.

export interface Pattern {
  readonly match: number;
  readonly mask: number;
}

export const OPCODE = {
  LOAD: 0x03, LOAD_FP: 0x07, MISC_MEM: 0x0f, OP_IMM: 0x13, AUIPC: 0x17, OP_IMM_32: 0x1b,
  STORE: 0x23, STORE_FP: 0x27, AMO: 0x2f, OP: 0x33, LUI: 0x37, OP_32: 0x3b,
  MADD: 0x43, MSUB: 0x47, NMSUB: 0x4b, NMADD: 0x4f, OP_FP: 0x53, CHERI: 0x5b,
  BRANCH: 0x63, JALR: 0x67, JAL: 0x6f, SYSTEM: 0x73,
} as const;

const unsigned = (value: number): number => value >>> 0;

/** Only the opcode is fixed (U, J). */
export const op = (opcode: number): Pattern => ({ match: opcode, mask: 0x7f });
/** Opcode and funct3 are fixed (I, S, B). */
export const f3 = (opcode: number, funct3: number): Pattern => ({ match: opcode | (funct3 << 12), mask: 0x707f });
/** Opcode, funct3 and funct7 are fixed (R). */
export const f7 = (opcode: number, funct3: number, funct7: number): Pattern => ({
  match: unsigned(opcode | (funct3 << 12) | (funct7 << 25)),
  mask: 0xfe00707f,
});
/** R with the rs2 field fixed too. */
export const f7rs2 = (opcode: number, funct3: number, funct7: number, rs2: number): Pattern => ({
  match: unsigned(opcode | (funct3 << 12) | (funct7 << 25) | (rs2 << 20)),
  mask: 0xfff0707f,
});
/** R with the rd field fixed (funct7 0x7c, 0x7e of CHERI). */
export const f7rd = (opcode: number, funct7: number, rd: number): Pattern => ({
  match: unsigned(opcode | (funct7 << 25) | (rd << 7)),
  mask: 0xfe007fff,
});
/** Shift by a 6-bit immediate. */
export const shift6 = (opcode: number, funct3: number, funct6: number): Pattern => ({
  match: unsigned(opcode | (funct3 << 12) | (funct6 << 26)),
  mask: 0xfc00707f,
});
/** Floating point with a rounding mode: funct3 is free. */
export const fp = (funct7: number): Pattern => ({ match: unsigned(OPCODE.OP_FP | (funct7 << 25)), mask: 0xfe00007f });
/** Floating point with a rounding mode and a fixed rs2 field. */
export const fpRs2 = (funct7: number, rs2: number): Pattern => ({
  match: unsigned(OPCODE.OP_FP | (funct7 << 25) | (rs2 << 20)),
  mask: 0xfff0007f,
});
/** Fused multiply-add: opcode and the format bits 26:25. */
export const r4 = (opcode: number, format: number): Pattern => ({ match: unsigned(opcode | (format << 25)), mask: 0x0600007f });
/** AMO: aq and rl are free. */
export const amo = (funct5: number, width: number): Pattern => ({
  match: unsigned(OPCODE.AMO | (width << 12) | (funct5 << 27)),
  mask: 0xf800707f,
});
/** The whole word is fixed. */
export const word = (match: number): Pattern => ({ match: unsigned(match), mask: 0xffffffff });
