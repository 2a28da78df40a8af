// Branches and jumps in integer and capability mode. Unprivileged 2.5; CHERI ISAv9 CJAL, CJALR.

const TAKEN: Readonly<Record<string, readonly [string, string]>> = {
  beq: ['a1=5 a2=5', 'a1=5 a2=6'],
  bne: ['a1=5 a2=6', 'a1=5 a2=5'],
  blt: ['a1=-1 a2=0', 'a1=0 a2=-1'],
  bge: ['a1=0 a2=-1', 'a1=-1 a2=0'],
  bltu: ['a1=0 a2=-1', 'a1=-1 a2=0'],
  bgeu: ['a1=-1 a2=0', 'a1=0 a2=-1'],
};

/** Taken forward and backward, not taken, and equal operands. Targets are absolute: the code lies at 0x80001000. */
function branches(): string {
  return Object.entries(TAKEN)
    .map(
      ([name, [taken, not]]) => `
${name} a1, a2, 0x80001ffe | ${taken} | pc=0x80001ffe
${name} a1, a2, 0x80000000 | ${taken} | pc=0x80000000
${name} a1, a2, 0x80001100 | ${not} |
${name} a1, a1, 0x80001100 | a1=7 | ${['beq', 'bge', 'bgeu'].includes(name) ? 'pc=0x80001100' : ''}
cap: ${name} a1, a2, 0x80001ffe | ${taken} | pc=0x80001ffe`,
    )
    .join('\n');
}

export const CONTROL = `
## branches
${branches()}

## a branch out of PCC traps at the branch, if it is taken
beq zero, zero, 0x80001100 | pcc=[*,0x80001000-0x80001100] | capex length pcc
beq zero, zero, 0x800010fe | pcc=[*,0x80001000-0x80001100] | pc=0x800010fe
bne zero, zero, 0x80001100 | pcc=[*,0x80001000-0x80001100] |
jal a0, 0x80001100 | pcc=[*,0x80001000-0x80001100] | capex length pcc
cap: cjal ca0, 0x80001100 | pcc=[*,0x80001000-0x80001100]^ | capex length pcc

## jal links the next instruction
jal ra, 0x80001008 || ra=0x80001004 pc=0x80001008
jal zero, 0x80000ffe || pc=0x80000ffe
jal a0, 0x80000000 || a0=0x80001004 pc=0x80000000

## jalr clears bit 0 of the target and reads its base before it writes the link
jalr ra, 0(a1) | a1=0x80001101 | ra=0x80001004 pc=0x80001100
jalr a1, -2(a1) | a1=0x80001101 | a1=0x80001004 pc=0x800010fe
jalr zero, 0(a1) | a1=0x80001200 | pc=0x80001200
jalr ra, 0(a1) | a1=0x80001200 pcc=[*,0x80001000-0x80001100] | capex length pcc
jalr ra, 0(ca1) | ca1=0x80001200[rw,0x80001200-0x80001300] | ra=0x80001004 pc=0x80001200

## jalr.pcc jumps inside PCC in both modes
jalr.pcc a0, a1 | a1=0x80001201 | a0=0x80001004 pc=0x80001200
cap: jalr.pcc a0, a1 | a1=0x80001200 | a0=0x80001004 pc=0x80001200
jalr.pcc a0, a1 | a1=0x80001200 pcc=[*,0x80001000-0x80001100] | capex length pcc

## a fetch needs a tagged, unsealed, executable PCC and stays inside of it
addi a0, a0, 1 | pcc=![*,0x80001000-0x80001100] | capex tag pcc
addi a0, a0, 1 | pcc=[*,0x80001000-0x80001100]:7 | capex seal pcc
addi a0, a0, 1 | pcc=[GrwRW,0x80001000-0x80001100] | capex execute pcc
addi a0, a0, 1 | pcc=[*,0x80001100-0x80001200] | capex length pcc
addi a0, a0, 1 | pcc=[*,0x80001000-0x80001002] | capex length pcc
c.addi a0, 1 | pcc=[*,0x80001000-0x80001002] a0=1 | a0=2
addi a0, a1, 1 | pcc=[*,0x80001000-0x80001004] a1=1 | a0=2
addi a0, a1, 1 | at=0x80001ffe a1=1 | a0=2
addi a0, a1, 1 | at=0x800fffe0 a1=1 | a0=2
`;
