// The C extension and its capability-mode forms: each behaves as the instruction it stands for. Unprivileged chapter 16.

const VALUE = '0x8899aabbccddeeff';
const CAPABILITY = '0x80002010[GrwRW,0x80002000-0x80002100]';
const AUTHORITY = '[*,0x80001e00-0x80002400]';

/** Accesses relative to a register: through DDC with integers, through the register in capability mode. */
const MEMORY = ['', 'cap: ']
  .flatMap((mode) => {
    const c = mode === '' ? '' : 'c';
    const base = (register: string, at: string): string =>
      mode === '' ? `${register}=${at}` : `c${register}=${at}${AUTHORITY}`;
    return [
      `${mode}c.lw a0, 4(${c}a1) | ${base('a1', '0x8000203c')} m64[0x80002040]=${VALUE} | a0=0xffffffffccddeeff`,
      `${mode}c.lw s0, 124(${c}a5) | ${base('a5', '0x80001fc4')} m64[0x80002040]=5 | s0=5`,
      `${mode}c.ld a0, 8(${c}a1) | ${base('a1', '0x80002038')} m64[0x80002040]=${VALUE} | a0=${VALUE}`,
      `${mode}c.ld a1, 248(${c}a1) | ${base('a1', '0x80001f48')} m64[0x80002040]=${VALUE} | a1=${VALUE}`,
      `${mode}c.sw a2, 64(${c}a1) | ${base('a1', '0x80001fd0')} a2=${VALUE} | m32[0x80002010]=0xccddeeff`,
      `${mode}c.sd a2, 16(${c}a1) | ${base('a1', '0x80002000')} a2=${VALUE} | m64[0x80002010]=${VALUE}`,
      `${mode}c.lwsp a0, 252(${c}sp) | ${base('sp', '0x80001f44')} m64[0x80002040]=${VALUE} | a0=0xffffffffccddeeff`,
      `${mode}c.ldsp t6, 504(${c}sp) | ${base('sp', '0x80001e48')} m64[0x80002040]=${VALUE} | t6=${VALUE}`,
      `${mode}c.swsp t6, 4(${c}sp) | ${base('sp', '0x8000200c')} t6=${VALUE} | m32[0x80002010]=0xccddeeff`,
      `${mode}c.sdsp t6, 8(${c}sp) | ${base('sp', '0x80002008')} t6=${VALUE} | m64[0x80002010]=${VALUE}`,
    ];
  })
  .join('\n');

export const COMPRESSED = `
## arithmetic on one register
c.nop 0 ||
c.nop 17 ||
c.addi a0, -32 | a0=0 | a0=-32
c.addi t6, 31 | t6=1 | t6=32
c.addi a0, 0 | a0=7 | a0=7
c.addiw a0, 1 | a0=0x7fffffff | a0=0xffffffff80000000
c.addiw a0, 0 | a0=0x100000001 | a0=1
c.li a0, -1 || a0=-1
c.li zero, 5 ||
c.lui a0, 1 || a0=0x1000
c.lui a0, 0xfffe0 || a0=0xfffffffffffe0000
c.lui zero, 1 ||
c.addi16sp sp, 496 | sp=16 | sp=512
c.addi16sp sp, -512 | sp=512 | sp=0
c.addi4spn a0, sp, 1020 | sp=4 | a0=1024
c.addi4spn s1, sp, 4 | sp=4 | s1=8
c.srli a0, 63 | a0=-1 | a0=1
c.srai a0, 63 | a0=0x8000000000000000 | a0=-1
c.andi a0, -2 | a0=7 | a0=6
c.slli a0, 63 | a0=3 | a0=0x8000000000000000
c.slli zero, 3 ||

## arithmetic on two registers
c.sub a0, a1 | a0=1 a1=2 | a0=-1
c.xor a0, a1 | a0=5 a1=3 | a0=6
c.or a0, a1 | a0=5 a1=3 | a0=7
c.and a0, a1 | a0=5 a1=3 | a0=1
c.subw a0, a1 | a0=0 a1=1 | a0=-1
c.addw a0, a1 | a0=0x7fffffff a1=1 | a0=0xffffffff80000000
c.mv a0, t6 | t6=9 | a0=9
c.mv a0, t6 | ct6=${CAPABILITY} | a0=0x80002010
c.mv zero, t6 ||
c.add a0, t6 | a0=1 t6=2 | a0=3
c.add zero, t6 ||

## loads and stores
${MEMORY}
c.fld fa0, 8(a1) | a1=0x80002038 m64[0x80002040]=${VALUE} | fa0=${VALUE}
c.fsd fs0, 248(a1) | a1=0x80001f18 fs0=${VALUE} | m64[0x80002010]=${VALUE}
c.fldsp ft11, 8(sp) | sp=0x80002038 m64[0x80002040]=${VALUE} | ft11=${VALUE}
c.fsdsp ft11, 504(sp) | sp=0x80001e18 ft11=${VALUE} | m64[0x80002010]=${VALUE}
c.fld fa0, 8(a1) | a1=0x80002038 mstatus=0 | trap 2
c.fsdsp fa0, 8(sp) | sp=0x80002008 mstatus=0 | trap 2
c.lw a0, 0(a1) | a1=0x80002010 ddc=0x80002000[r,0x80002000-0x80002010] |capex length ddc

## jumps and branches
c.j 0x800017fe ||pc=0x800017fe
c.j 0x80000800 ||pc=0x80000800
cap: c.j 0x80001010 ||pc=0x80001010
c.beqz a0, 0x80001010 | a0=0 | pc=0x80001010
c.beqz a0, 0x80000f00 | a0=0 | pc=0x80000f00
c.beqz a0, 0x80001010 | a0=1 |
c.bnez a0, 0x800010fe | a0=1 | pc=0x800010fe
c.bnez a0, 0x80001010 | a0=0 |
cap: c.bnez a0, 0x80001010 | a0=1 | pc=0x80001010
c.jr a0 | a0=0x80001101 | pc=0x80001100
c.jalr a0 | a0=0x80001100 | ra=0x80001002 pc=0x80001100
c.jalr ra | ra=0x80001100 | ra=0x80001002 pc=0x80001100
c.ebreak || trap 3 tval=0x80001000
c.jr a0 | a0=0x80001100 pcc=[*,0x80001000-0x80001100] | capex length pcc

## capability mode: other meanings of the same encodings
cap: c.cincoffset4cspn ca0, csp, 1020 | csp=0x80002000[rw,0x80002000-0x80002400] | ca0=0x800023fc[rw,0x80002000-0x80002400]
cap: c.cincoffset16csp csp, -16 | csp=0x80002010[rw,0x80002000-0x80002100] | csp=0x80002000[rw,0x80002000-0x80002100]
cap: c.clc ca0, 16(ca1) | ca1=0x80002000${AUTHORITY} mc[0x80002010]=${CAPABILITY} | ca0=${CAPABILITY}
cap: c.clc ca0, 496(ca1) | ca1=0x80001e50${AUTHORITY} mc[0x80002040]=${CAPABILITY} | ca0=${CAPABILITY}
cap: c.csc ca0, 0(ca1) | ca1=0x80002000${AUTHORITY} ca0=${CAPABILITY} | mc[0x80002000]=${CAPABILITY}
cap: c.clcsp ct6, 16(csp) | csp=0x80002000${AUTHORITY} mc[0x80002010]=${CAPABILITY} | ct6=${CAPABILITY}
cap: c.cscsp ct6, 16(csp) | csp=0x80002000${AUTHORITY} ct6=${CAPABILITY} | mc[0x80002010]=${CAPABILITY}
cap: c.cjr ca1 | ca1=0x80001101[*,0x80001000-0x80001200]^ | pc=0x80001100 pcc=[*,0x80001000-0x80001200]^
cap: c.cjalr ca1 | ca1=0x80001100[*,0x80001000-0x80001200]^ | cra=0x80001002[*,0x0-0x10000000000000000]:sentry^ pc=0x80001100 pcc=[*,0x80001000-0x80001200]^
cap: c.cjr ca1 | a1=0x80001100 | capex tag ca1
cap: c.clc ca0, 16(ca1) | a1=0x80002000 | capex tag ca1
cap: c.clcsp ct6, 16(csp) | csp=0x80002008${AUTHORITY} | trap 4 tval=0x80002018

## reserved encodings are illegal; hints are not
.half 0x0004 || trap 2 # c.addi4spn with 0
.half 0x2001 || trap 2 # c.addiw x0
.half 0x6101 || trap 2 # c.addi16sp with 0
.half 0x6281 || trap 2 # c.lui with 0
.half 0x4002 || trap 2 # c.lwsp x0
.half 0x6002 || trap 2 # c.ldsp x0
.half 0x8002 || trap 2 # c.jr x0
.half 0x9c41 || trap 2
.half 0x9c61 || trap 2
.half 0x8000 || trap 2
c.srli a0, 0 | a0=5 | a0=5
c.slli a0, 0 | a0=5 | a0=5
`;
