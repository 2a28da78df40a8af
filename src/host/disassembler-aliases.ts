// Pseudo-instructions of the assembler manual that a disassembly shows instead of the base instruction.
// An alias names the operands that are left to print; the first that applies wins.
import type { Decoded } from './decode.ts';

export interface Alias {
  readonly mnemonic: string;
  readonly operands: readonly string[];
}

interface Rule extends Alias {
  /** Of the 32-bit instruction. */
  readonly name: string;
  readonly when: (decoded: Decoded) => boolean;
}

const rules = new Map<string, Rule[]>();

function alias(name: string, mnemonic: string, operands: string, when: (decoded: Decoded) => boolean): void {
  const list = rules.get(name) ?? [];
  rules.set(name, list);
  list.push({ name, mnemonic, operands: operands === '' ? [] : operands.split(' '), when });
}

const sameSource = ({ rs1, rs2 }: Decoded): boolean => rs1 === rs2;

alias('addi', 'nop', '', ({ rd, rs1, immediate }) => rd === 0 && rs1 === 0 && immediate === 0);
alias('addi', 'li', 'rd imm', ({ rs1 }) => rs1 === 0);
alias('addi', 'mv', 'rd rs1', ({ immediate, compressed }) => immediate === 0 && compressed === undefined);
alias('add', 'mv', 'rd rs2', ({ rs1, compressed }) => rs1 === 0 && compressed !== undefined);
alias('addiw', 'sext.w', 'rd rs1', ({ immediate }) => immediate === 0);
alias('xori', 'not', 'rd rs1', ({ immediate }) => immediate === -1);
alias('andi', 'zext.b', 'rd rs1', ({ immediate }) => immediate === 255);
alias('sub', 'neg', 'rd rs2', ({ rs1 }) => rs1 === 0);
alias('subw', 'negw', 'rd rs2', ({ rs1 }) => rs1 === 0);
alias('sltiu', 'seqz', 'rd rs1', ({ immediate }) => immediate === 1);
alias('sltu', 'snez', 'rd rs2', ({ rs1 }) => rs1 === 0);
alias('slt', 'sltz', 'rd rs1', ({ rs2 }) => rs2 === 0);
alias('slt', 'sgtz', 'rd rs2', ({ rs1 }) => rs1 === 0);
alias('beq', 'beqz', 'rs1 offset', ({ rs2 }) => rs2 === 0);
alias('bne', 'bnez', 'rs1 offset', ({ rs2 }) => rs2 === 0);
alias('bge', 'blez', 'rs2 offset', ({ rs1 }) => rs1 === 0);
alias('bge', 'bgez', 'rs1 offset', ({ rs2 }) => rs2 === 0);
alias('blt', 'bltz', 'rs1 offset', ({ rs2 }) => rs2 === 0);
alias('blt', 'bgtz', 'rs2 offset', ({ rs1 }) => rs1 === 0);
alias('jal', 'j', 'offset', ({ rd }) => rd === 0);
alias('jal', 'jal', 'offset', ({ rd }) => rd === 1);
alias('cjal', 'cj', 'offset', ({ rd }) => rd === 0);
alias('cjal', 'cjal', 'offset', ({ rd }) => rd === 1);
alias('jalr', 'ret', '', ({ rd, rs1, immediate }) => rd === 0 && rs1 === 1 && immediate === 0);
alias('jalr', 'jr', 'rs1', ({ rd, immediate }) => rd === 0 && immediate === 0);
alias('jalr', 'jr', 'imm(rs1)', ({ rd }) => rd === 0);
alias('jalr', 'jalr', 'rs1', ({ rd, immediate }) => rd === 1 && immediate === 0);
alias('jalr', 'jalr', 'imm(rs1)', ({ rd }) => rd === 1);
alias('cjalr', 'cret', '', ({ rd, rs1, immediate }) => rd === 0 && rs1 === 1 && immediate === 0);
alias('cjalr', 'cjr', 'cs1', ({ rd, immediate }) => rd === 0 && immediate === 0);
alias('cjalr', 'cjalr', 'cs1', ({ rd, immediate }) => rd === 1 && immediate === 0);
alias('cspecialrw', 'cspecialr', 'cd scr', ({ rs1 }) => rs1 === 0);
alias('cspecialrw', 'cspecialw', 'scr cs1', ({ rd }) => rd === 0);
alias('fence', 'fence.tso', '', ({ raw }) => raw >>> 20 === 0x833);
alias('fence', 'fence', '', ({ raw }) => ((raw >>> 20) & 0xff) === 0xff);
alias('sfence.vma', 'sfence.vma', '', ({ rs1, rs2 }) => rs1 === 0 && rs2 === 0);
alias('sfence.vma', 'sfence.vma', 'rs1', ({ rs2 }) => rs2 === 0);
alias('csrrw', 'unimp', '', ({ rd, rs1, immediate }) => rd === 0 && rs1 === 0 && immediate === 0xc00);
alias('csrrw', 'csrw', 'csr rs1', ({ rd }) => rd === 0);
alias('csrrs', 'rdcycle', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 0xc00);
alias('csrrs', 'rdtime', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 0xc01);
alias('csrrs', 'rdinstret', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 0xc02);
alias('csrrs', 'frflags', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 1);
alias('csrrs', 'frrm', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 2);
alias('csrrs', 'frcsr', 'rd', ({ rs1, immediate }) => rs1 === 0 && immediate === 3);
alias('csrrs', 'csrr', 'rd csr', ({ rs1 }) => rs1 === 0);
alias('csrrs', 'csrs', 'csr rs1', ({ rd }) => rd === 0);
alias('csrrc', 'csrc', 'csr rs1', ({ rd }) => rd === 0);
alias('csrrwi', 'csrwi', 'csr zimm', ({ rd }) => rd === 0);
alias('csrrsi', 'csrsi', 'csr zimm', ({ rd }) => rd === 0);
alias('csrrci', 'csrci', 'csr zimm', ({ rd }) => rd === 0);
for (const letter of ['s', 'd']) {
  alias(`fsgnj.${letter}`, `fmv.${letter}`, 'fd fs1', sameSource);
  alias(`fsgnjn.${letter}`, `fneg.${letter}`, 'fd fs1', sameSource);
  alias(`fsgnjx.${letter}`, `fabs.${letter}`, 'fd fs1', sameSource);
}

/** The pseudo-instruction to show for `decoded`, if there is one. */
export function findAlias(decoded: Decoded): Alias | undefined {
  return rules.get(decoded.instruction.name)?.find((rule) => rule.when(decoded));
}
