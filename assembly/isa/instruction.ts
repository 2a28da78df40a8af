// What a row of the instruction table is. Plain data: the generator, the disassembler, the assembler of the
// tests and (later) the translator read the same rows. Manuals: RISC-V Unprivileged 20191213, Privileged 1.12,
// CHERI ISAv9 (UCAM-CL-TR-987).

/** Where the immediate comes from. `none` gives 0. */
export type ImmediateFormat = "none" | "I" | "S" | "B" | "U" | "J" | "shamt5" | "shamt6" | "uimm12" | "csr" | "rm" | "rm+rs3";

/** In which mode of PCC.flag the encoding exists. */
export type Mode = "any" | "int" | "cap";

/**
 * What an operation does. Expressions are Wasm instructions in functional notation over the operands
 * rs1, rs2, imm (i64), pc (architectural, i64), fs1, fs2, fs3 (raw f registers), rm.
 */
export type Semantics =
  /** rd := expression */
  | { kind: "alu"; value: string }
  /** if expression (i32) then pc += imm */
  | { kind: "branch"; taken: string }
  | { kind: "jal" }
  | { kind: "jalr" }
  /** Plain load: `access` is the Wasm load, e.g. i64.load8_s. f4/f8/c write an f register or a capability. */
  | { kind: "load"; access: string; sizeLog2: number; to: "x" | "f4" | "f8" | "c"; authority: "ddc" | "cap" }
  | { kind: "store"; sizeLog2: number; from: "x" | "f" | "c"; authority: "ddc" | "cap" }
  /** Floating point: destination register file, expression over soft-float calls, whether rm is used. */
  | { kind: "float"; value: string; to: "x" | "f4" | "f8"; rounds: boolean; flags: boolean }
  /** rd := old memory; memory := expression over old and rs2 */
  | { kind: "amo"; value: string; sizeLog2: number; authority: "ddc" | "cap" }
  /** An AssemblyScript function `name(record)` in `module`; see assembly/README.md for what each effect may do. */
  | { kind: "call"; function: string; module: string; effect: "plain" | "state" | "jump" }
  | { kind: "nop" };

/** A semantic operation: one case of the interpreter (with twins for lengths 2 and 4). */
export interface Operation {
  readonly name: string;
  readonly semantics: Semantics;
}

/** A 32-bit encoding. */
export interface Instruction {
  readonly name: string;
  /** Assembler operands: rd rs1 rs2 rs3 (x), fd fs1 fs2 fs3 (f), cd cs1 cs2 (capabilities), imm, offset (pc-relative), csr, zimm, shamt, rm, scr ... */
  readonly syntax: string;
  readonly match: number;
  readonly mask: number;
  readonly mode: Mode;
  readonly immediate: ImmediateFormat;
  /** Name of the operation it runs. */
  readonly operation: string;
  /** Manual section. */
  readonly section: string;
  /** Exists only on machines configured with it. */
  readonly extension?: "B";
}

/** One field of a 16-bit encoding's immediate: bits [from, from+width) of the parcel land at bit `to`. */
export type Scatter = readonly (readonly [from: number, width: number, to: number])[];

/** Register operand of a 16-bit encoding: a fixed number or a field. p = the 3-bit fields x8..x15. */
export type CompressedRegister = number | "rd" | "rs2" | "rdp" | "rs1p" | "rs2p";

/** A 16-bit encoding and the 32-bit instruction it stands for. */
export interface CompressedInstruction {
  readonly name: string;
  readonly syntax: string;
  readonly match: number;
  readonly mask: number;
  readonly mode: Mode;
  /** Name of the 32-bit instruction (looked up in the same mode). */
  readonly expansion: string;
  readonly rd?: CompressedRegister;
  readonly rs1?: CompressedRegister;
  readonly rs2?: CompressedRegister;
  readonly scatter?: Scatter;
  readonly signed?: boolean;
  /** With a zero immediate it is a hint: it retires and writes nothing, not even a tag. */
  readonly hintIfZero?: boolean;
  /** Encodings of this shape that are reserved. */
  readonly reservedIf?: readonly ("rd=0" | "rs2=0" | "imm=0")[];
  readonly section: string;
}
