// RV64GC, Zba, Zbb and Zbs bit patterns, typed from the RISC-V unprivileged and privileged manuals and kept apart from
// assembly/isa on purpose: the differential generator must not inherit a mistake of the table it tests.
//
// Fields: d s t u = rd rs1 rs2 rs3 (5 bits); D S T = the same from x8..x15 (3 bits); m = rounding mode;
// q l = aq rl; z = 5-bit zimm; p w = predecessor and successor sets; i[..] = immediate bits, most significant first.

export const PATTERNS = `
lui        i[31:12] d 0110111
auipc      i[31:12] d 0010111
jal        i[20|10:1|11|19:12] d 1101111
jalr       i[11:0] s 000 d 1100111
beq        i[12|10:5] t s 000 i[4:1|11] 1100011
bne        i[12|10:5] t s 001 i[4:1|11] 1100011
blt        i[12|10:5] t s 100 i[4:1|11] 1100011
bge        i[12|10:5] t s 101 i[4:1|11] 1100011
bltu       i[12|10:5] t s 110 i[4:1|11] 1100011
bgeu       i[12|10:5] t s 111 i[4:1|11] 1100011
lb         i[11:0] s 000 d 0000011
lh         i[11:0] s 001 d 0000011
lw         i[11:0] s 010 d 0000011
ld         i[11:0] s 011 d 0000011
lbu        i[11:0] s 100 d 0000011
lhu        i[11:0] s 101 d 0000011
lwu        i[11:0] s 110 d 0000011
sb         i[11:5] t s 000 i[4:0] 0100011
sh         i[11:5] t s 001 i[4:0] 0100011
sw         i[11:5] t s 010 i[4:0] 0100011
sd         i[11:5] t s 011 i[4:0] 0100011
addi       i[11:0] s 000 d 0010011
slti       i[11:0] s 010 d 0010011
sltiu      i[11:0] s 011 d 0010011
xori       i[11:0] s 100 d 0010011
ori        i[11:0] s 110 d 0010011
andi       i[11:0] s 111 d 0010011
slli       000000 i[5:0] s 001 d 0010011
srli       000000 i[5:0] s 101 d 0010011
srai       010000 i[5:0] s 101 d 0010011
add        0000000 t s 000 d 0110011
sub        0100000 t s 000 d 0110011
sll        0000000 t s 001 d 0110011
slt        0000000 t s 010 d 0110011
sltu       0000000 t s 011 d 0110011
xor        0000000 t s 100 d 0110011
srl        0000000 t s 101 d 0110011
sra        0100000 t s 101 d 0110011
or         0000000 t s 110 d 0110011
and        0000000 t s 111 d 0110011
addiw      i[11:0] s 000 d 0011011
slliw      0000000 i[4:0] s 001 d 0011011
srliw      0000000 i[4:0] s 101 d 0011011
sraiw      0100000 i[4:0] s 101 d 0011011
addw       0000000 t s 000 d 0111011
subw       0100000 t s 000 d 0111011
sllw       0000000 t s 001 d 0111011
srlw       0000000 t s 101 d 0111011
sraw       0100000 t s 101 d 0111011
fence      0000 p w 00000 000 00000 0001111
fence.tso  1000 0011 0011 00000 000 00000 0001111
fence.i    000000000000 00000 001 00000 0001111
ecall      000000000000 00000 000 00000 1110011
ebreak     000000000001 00000 000 00000 1110011
sret       000100000010 00000 000 00000 1110011
mret       001100000010 00000 000 00000 1110011
wfi        000100000101 00000 000 00000 1110011
sfence.vma 0001001 t s 000 00000 1110011
csrrw      i[11:0] s 001 d 1110011
csrrs      i[11:0] s 010 d 1110011
csrrc      i[11:0] s 011 d 1110011
csrrwi     i[11:0] z 101 d 1110011
csrrsi     i[11:0] z 110 d 1110011
csrrci     i[11:0] z 111 d 1110011
mul        0000001 t s 000 d 0110011
mulh       0000001 t s 001 d 0110011
mulhsu     0000001 t s 010 d 0110011
mulhu      0000001 t s 011 d 0110011
div        0000001 t s 100 d 0110011
divu       0000001 t s 101 d 0110011
rem        0000001 t s 110 d 0110011
remu       0000001 t s 111 d 0110011
mulw       0000001 t s 000 d 0111011
divw       0000001 t s 100 d 0111011
divuw      0000001 t s 101 d 0111011
remw       0000001 t s 110 d 0111011
remuw      0000001 t s 111 d 0111011
lr.w       00010 q l 00000 s 010 d 0101111
sc.w       00011 q l t s 010 d 0101111
amoswap.w  00001 q l t s 010 d 0101111
amoadd.w   00000 q l t s 010 d 0101111
amoxor.w   00100 q l t s 010 d 0101111
amoand.w   01100 q l t s 010 d 0101111
amoor.w    01000 q l t s 010 d 0101111
amomin.w   10000 q l t s 010 d 0101111
amomax.w   10100 q l t s 010 d 0101111
amominu.w  11000 q l t s 010 d 0101111
amomaxu.w  11100 q l t s 010 d 0101111
lr.d       00010 q l 00000 s 011 d 0101111
sc.d       00011 q l t s 011 d 0101111
amoswap.d  00001 q l t s 011 d 0101111
amoadd.d   00000 q l t s 011 d 0101111
amoxor.d   00100 q l t s 011 d 0101111
amoand.d   01100 q l t s 011 d 0101111
amoor.d    01000 q l t s 011 d 0101111
amomin.d   10000 q l t s 011 d 0101111
amomax.d   10100 q l t s 011 d 0101111
amominu.d  11000 q l t s 011 d 0101111
amomaxu.d  11100 q l t s 011 d 0101111
flw        i[11:0] s 010 d 0000111
fld        i[11:0] s 011 d 0000111
fsw        i[11:5] t s 010 i[4:0] 0100111
fsd        i[11:5] t s 011 i[4:0] 0100111
fmadd.s    u 00 t s m d 1000011
fmsub.s    u 00 t s m d 1000111
fnmsub.s   u 00 t s m d 1001011
fnmadd.s   u 00 t s m d 1001111
fmadd.d    u 01 t s m d 1000011
fmsub.d    u 01 t s m d 1000111
fnmsub.d   u 01 t s m d 1001011
fnmadd.d   u 01 t s m d 1001111
fadd.s     0000000 t s m d 1010011
fsub.s     0000100 t s m d 1010011
fmul.s     0001000 t s m d 1010011
fdiv.s     0001100 t s m d 1010011
fsqrt.s    0101100 00000 s m d 1010011
fadd.d     0000001 t s m d 1010011
fsub.d     0000101 t s m d 1010011
fmul.d     0001001 t s m d 1010011
fdiv.d     0001101 t s m d 1010011
fsqrt.d    0101101 00000 s m d 1010011
fsgnj.s    0010000 t s 000 d 1010011
fsgnjn.s   0010000 t s 001 d 1010011
fsgnjx.s   0010000 t s 010 d 1010011
fmin.s     0010100 t s 000 d 1010011
fmax.s     0010100 t s 001 d 1010011
fsgnj.d    0010001 t s 000 d 1010011
fsgnjn.d   0010001 t s 001 d 1010011
fsgnjx.d   0010001 t s 010 d 1010011
fmin.d     0010101 t s 000 d 1010011
fmax.d     0010101 t s 001 d 1010011
fcvt.s.d   0100000 00001 s m d 1010011
fcvt.d.s   0100001 00000 s m d 1010011
fle.s      1010000 t s 000 d 1010011
flt.s      1010000 t s 001 d 1010011
feq.s      1010000 t s 010 d 1010011
fle.d      1010001 t s 000 d 1010011
flt.d      1010001 t s 001 d 1010011
feq.d      1010001 t s 010 d 1010011
fcvt.w.s   1100000 00000 s m d 1010011
fcvt.wu.s  1100000 00001 s m d 1010011
fcvt.l.s   1100000 00010 s m d 1010011
fcvt.lu.s  1100000 00011 s m d 1010011
fcvt.w.d   1100001 00000 s m d 1010011
fcvt.wu.d  1100001 00001 s m d 1010011
fcvt.l.d   1100001 00010 s m d 1010011
fcvt.lu.d  1100001 00011 s m d 1010011
fcvt.s.w   1101000 00000 s m d 1010011
fcvt.s.wu  1101000 00001 s m d 1010011
fcvt.s.l   1101000 00010 s m d 1010011
fcvt.s.lu  1101000 00011 s m d 1010011
fcvt.d.w   1101001 00000 s m d 1010011
fcvt.d.wu  1101001 00001 s m d 1010011
fcvt.d.l   1101001 00010 s m d 1010011
fcvt.d.lu  1101001 00011 s m d 1010011
fmv.x.w    1110000 00000 s 000 d 1010011
fclass.s   1110000 00000 s 001 d 1010011
fmv.w.x    1111000 00000 s 000 d 1010011
fmv.x.d    1110001 00000 s 000 d 1010011
fclass.d   1110001 00000 s 001 d 1010011
fmv.d.x    1111001 00000 s 000 d 1010011
c.addi4spn 000 i[5:4|9:6|2|3] D 00
c.fld      001 i[5:3] S i[7:6] D 00
c.lw       010 i[5:3] S i[2|6] D 00
c.ld       011 i[5:3] S i[7:6] D 00
c.fsd      101 i[5:3] S i[7:6] T 00
c.sw       110 i[5:3] S i[2|6] T 00
c.sd       111 i[5:3] S i[7:6] T 00
c.addi     000 i[5] d i[4:0] 01
c.addiw    001 i[5] d i[4:0] 01
c.li       010 i[5] d i[4:0] 01
c.addi16sp 011 i[9] 00010 i[4|6|8:7|5] 01
c.lui      011 i[17] d i[16:12] 01
c.srli     100 i[5] 00 D i[4:0] 01
c.srai     100 i[5] 01 D i[4:0] 01
c.andi     100 i[5] 10 D i[4:0] 01
c.sub      100011 D 00 T 01
c.xor      100011 D 01 T 01
c.or       100011 D 10 T 01
c.and      100011 D 11 T 01
c.subw     100111 D 00 T 01
c.addw     100111 D 01 T 01
c.j        101 i[11|4|9:8|10|6|7|3:1|5] 01
c.beqz     110 i[8|4:3] S i[7:6|2:1|5] 01
c.bnez     111 i[8|4:3] S i[7:6|2:1|5] 01
c.slli     000 i[5] d i[4:0] 10
c.fldsp    001 i[5] d i[4:3|8:6] 10
c.lwsp     010 i[5] d i[4:2|7:6] 10
c.ldsp     011 i[5] d i[4:3|8:6] 10
c.jr       1000 s 00000 10
c.mv       1000 d t 10
c.ebreak   1001 00000 00000 10
c.jalr     1001 s 00000 10
c.add      1001 d t 10
c.fsdsp    101 i[5:3|8:6] t 10
c.swsp     110 i[5:2|7:6] t 10
c.sdsp     111 i[5:3|8:6] t 10
add.uw     0000100 t s 000 d 0111011
sh1add     0010000 t s 010 d 0110011
sh2add     0010000 t s 100 d 0110011
sh3add     0010000 t s 110 d 0110011
sh1add.uw  0010000 t s 010 d 0111011
sh2add.uw  0010000 t s 100 d 0111011
sh3add.uw  0010000 t s 110 d 0111011
slli.uw    000010 i[5:0] s 001 d 0011011
andn       0100000 t s 111 d 0110011
orn        0100000 t s 110 d 0110011
xnor       0100000 t s 100 d 0110011
min        0000101 t s 100 d 0110011
minu       0000101 t s 101 d 0110011
max        0000101 t s 110 d 0110011
maxu       0000101 t s 111 d 0110011
rol        0110000 t s 001 d 0110011
ror        0110000 t s 101 d 0110011
rolw       0110000 t s 001 d 0111011
rorw       0110000 t s 101 d 0111011
rori       011000 i[5:0] s 101 d 0010011
roriw      0110000 i[4:0] s 101 d 0011011
clz        0110000 00000 s 001 d 0010011
ctz        0110000 00001 s 001 d 0010011
cpop       0110000 00010 s 001 d 0010011
sext.b     0110000 00100 s 001 d 0010011
sext.h     0110000 00101 s 001 d 0010011
clzw       0110000 00000 s 001 d 0011011
ctzw       0110000 00001 s 001 d 0011011
cpopw      0110000 00010 s 001 d 0011011
zext.h     0000100 00000 s 100 d 0111011
rev8       011010 111000 s 101 d 0010011
orc.b      001010 000111 s 101 d 0010011
bclr       0100100 t s 001 d 0110011
bext       0100100 t s 101 d 0110011
binv       0110100 t s 001 d 0110011
bset       0010100 t s 001 d 0110011
bclri      010010 i[5:0] s 001 d 0010011
bexti      010010 i[5:0] s 101 d 0010011
binvi      011010 i[5:0] s 001 d 0010011
bseti      001010 i[5:0] s 001 d 0010011
`;
