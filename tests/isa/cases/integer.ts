// RV64I and M: computation. Results by hand from the Unprivileged manual, chapters 2, 5 and 7.

export const INTEGER = `
## lui and auipc sign-extend their 32-bit result
lui a0, 0x12345 || a0=0x12345000
lui a0, 0xfffff || a0=0xfffffffffffff000
lui zero, 1 ||
auipc a0, 0 || a0=0x80001000
auipc a0, 0x12345 || a0=0x92346000
auipc a0, 0xfffff || a0=0x80000000

## register-immediate operations
addi a0, a1, 2047 | a1=1 | a0=2048
addi a0, a1, -2048 | a1=0 | a0=0xfffffffffffff800
addi a0, a0, 1 | a0=0xffffffffffffffff | a0=0
addi zero, a1, 1 | a1=7 |
slti a0, a1, -1 | a1=0xfffffffffffffffe | a0=1
slti a0, a1, -1 | a1=0xffffffffffffffff | a0=0
sltiu a0, a1, -1 | a1=5 | a0=1
sltiu a0, a1, 1 | a1=0 | a0=1
sltiu a0, a1, 1 | a1=1 | a0=0
xori a0, a1, -1 | a1=0xff | a0=0xffffffffffffff00
ori a0, a1, 0x70f | a1=0x8000000000000000 | a0=0x800000000000070f
andi a0, a1, -16 | a1=0x123456789abcdef7 | a0=0x123456789abcdef0
slli a0, a1, 63 | a1=3 | a0=0x8000000000000000
srli a0, a1, 63 | a1=0x8000000000000000 | a0=1
srai a0, a1, 63 | a1=0x8000000000000000 | a0=-1
srai a0, a1, 4 | a1=0x7f0 | a0=0x7f

## register-register operations
add a0, a1, a2 | a1=0xffffffffffffffff a2=2 | a0=1
add a1, a1, a1 | a1=0x4000000000000000 | a1=0x8000000000000000
sub a0, a1, a2 | a1=1 a2=2 | a0=-1
sll a0, a1, a2 | a1=1 a2=64 | a0=1
sll a0, a1, a2 | a1=1 a2=0xffffffffffffffff | a0=0x8000000000000000
slt a0, a1, a2 | a1=-1 a2=0 | a0=1
slt a0, a1, a2 | a1=0 a2=-1 | a0=0
sltu a0, a1, a2 | a1=-1 a2=0 | a0=0
sltu a0, a1, a2 | a1=0 a2=-1 | a0=1
xor a0, a1, a2 | a1=0xff00 a2=0x0ff0 | a0=0xf0f0
srl a0, a1, a2 | a1=0x8000000000000000 a2=68 | a0=0x0800000000000000
sra a0, a1, a2 | a1=0x8000000000000000 a2=68 | a0=0xf800000000000000
or a0, a1, a2 | a1=0xff00 a2=0x0ff0 | a0=0xfff0
and a0, a1, a2 | a1=0xff00 a2=0x0ff0 | a0=0x0f00
add zero, a1, a2 | a1=1 a2=2 |

## word operations take the low halves and sign-extend
addiw a0, a1, 1 | a1=0x7fffffff | a0=0xffffffff80000000
addiw a0, a1, 0 | a1=0xdeadbeef00000001 | a0=1
slliw a0, a1, 31 | a1=1 | a0=0xffffffff80000000
srliw a0, a1, 4 | a1=0xffffffff80000000 | a0=0x08000000
srliw a0, a1, 0 | a1=0x80000000 | a0=0xffffffff80000000
sraiw a0, a1, 4 | a1=0x80000000 | a0=0xfffffffff8000000
addw a0, a1, a2 | a1=0x7fffffff a2=1 | a0=0xffffffff80000000
subw a0, a1, a2 | a1=0 a2=1 | a0=-1
subw a0, a1, a2 | a1=0x100000000 a2=1 | a0=-1
sllw a0, a1, a2 | a1=1 a2=63 | a0=0xffffffff80000000
srlw a0, a1, a2 | a1=0x80000000 a2=32 | a0=0xffffffff80000000
srlw a0, a1, a2 | a1=0xffffffff80000000 a2=31 | a0=1
sraw a0, a1, a2 | a1=0x80000000 a2=31 | a0=-1

## products
mul a0, a1, a2 | a1=0x123456789 a2=0x987654321 | a0=0xd77d742cce1833a9
mul a0, a1, a2 | a1=-1 a2=-1 | a0=1
mulh a0, a1, a2 | a1=-1 a2=-1 | a0=0
mulh a0, a1, a2 | a1=0x8000000000000000 a2=0x8000000000000000 | a0=0x4000000000000000
mulhsu a0, a1, a2 | a1=-1 a2=-1 | a0=-1
mulhsu a0, a1, a2 | a1=0x8000000000000000 a2=-1 | a0=0x8000000000000000
mulhu a0, a1, a2 | a1=-1 a2=-1 | a0=-2
mulw a0, a1, a2 | a1=0x10000 a2=0x8000 | a0=0xffffffff80000000

## divisions, by zero and with overflow
div a0, a1, a2 | a1=-20 a2=6 | a0=-3
div a0, a1, a2 | a1=20 a2=0 | a0=-1
div a0, a1, a2 | a1=0x8000000000000000 a2=-1 | a0=0x8000000000000000
divu a0, a1, a2 | a1=-20 a2=6 | a0=0x2aaaaaaaaaaaaaa7
divu a0, a1, a2 | a1=20 a2=0 | a0=-1
rem a0, a1, a2 | a1=-20 a2=6 | a0=-2
rem a0, a1, a2 | a1=-20 a2=0 | a0=-20
rem a0, a1, a2 | a1=0x8000000000000000 a2=-1 | a0=0
remu a0, a1, a2 | a1=-20 a2=6 | a0=2
remu a0, a1, a2 | a1=20 a2=0 | a0=20
divw a0, a1, a2 | a1=0xffffffff a2=1 | a0=-1
divw a0, a1, a2 | a1=0x80000000 a2=-1 | a0=0xffffffff80000000
divw a0, a1, a2 | a1=5 a2=0x100000000 | a0=-1
divuw a0, a1, a2 | a1=0xffffffff a2=1 | a0=-1
divuw a0, a1, a2 | a1=0xffffffff a2=2 | a0=0x7fffffff
divuw a0, a1, a2 | a1=5 a2=0 | a0=-1
remw a0, a1, a2 | a1=-7 a2=2 | a0=-1
remw a0, a1, a2 | a1=0x80000000 a2=-1 | a0=0
remw a0, a1, a2 | a1=0x180000000 a2=0 | a0=0xffffffff80000000
remuw a0, a1, a2 | a1=0xffffffff a2=16 | a0=15
remuw a0, a1, a2 | a1=0x80000000 a2=0 | a0=0xffffffff80000000

## an integer result leaves an untagged register behind, whatever was there
add ca0, ca0, zero | ca0=0x80002000[rw,0x80002000-0x80002100] | a0=0x80002000
addi a0, a1, 0 | ca1=0x80002000[rw,0x80002000-0x80002100] | a0=0x80002000

## fences retire and change nothing
fence ||
fence.i ||

## reserved encodings are illegal
.word 0 || trap 2
.word 0xffffffff || trap 2
.half 0 || trap 2
`;

export const BITS = `
## Zba
bits: add.uw a0, a1, a2 | a1=0xffffffff80000000 a2=1 | a0=0x80000001
bits: sh1add a0, a1, a2 | a1=0x8000000000000001 a2=1 | a0=3
bits: sh2add a0, a1, a2 | a1=3 a2=1 | a0=13
bits: sh3add a0, a1, a2 | a1=3 a2=1 | a0=25
bits: sh1add.uw a0, a1, a2 | a1=0xffffffffffffffff a2=1 | a0=0x1ffffffff
bits: sh2add.uw a0, a1, a2 | a1=0xffffffff00000001 a2=1 | a0=5
bits: sh3add.uw a0, a1, a2 | a1=0xffffffffffffffff a2=8 | a0=0x800000000
bits: slli.uw a0, a1, 4 | a1=0xffffffffffffffff | a0=0xffffffff0

## Zbb
bits: andn a0, a1, a2 | a1=0xff a2=0x0f | a0=0xf0
bits: orn a0, a1, a2 | a1=1 a2=-4 | a0=3
bits: xnor a0, a1, a2 | a1=5 a2=5 | a0=-1
bits: min a0, a1, a2 | a1=-1 a2=1 | a0=-1
bits: minu a0, a1, a2 | a1=-1 a2=1 | a0=1
bits: max a0, a1, a2 | a1=-1 a2=1 | a0=1
bits: maxu a0, a1, a2 | a1=-1 a2=1 | a0=-1
bits: rol a0, a1, a2 | a1=0x8000000000000001 a2=65 | a0=3
bits: ror a0, a1, a2 | a1=3 a2=1 | a0=0x8000000000000001
bits: rolw a0, a1, a2 | a1=0x40000000 a2=1 | a0=0xffffffff80000000
bits: rorw a0, a1, a2 | a1=1 a2=33 | a0=0xffffffff80000000
bits: rori a0, a1, 4 | a1=0x123456789abcdef0 | a0=0x0123456789abcdef
bits: roriw a0, a1, 4 | a1=0x12345678 | a0=0xffffffff81234567
bits: clz a0, a1 | a1=0 | a0=64
bits: clz a0, a1 | a1=1 | a0=63
bits: ctz a0, a1 | a1=0 | a0=64
bits: ctz a0, a1 | a1=0x8000000000000000 | a0=63
bits: cpop a0, a1 | a1=-1 | a0=64
bits: clzw a0, a1 | a1=0xffffffff00000000 | a0=32
bits: ctzw a0, a1 | a1=0xffffffff00000000 | a0=32
bits: cpopw a0, a1 | a1=0xf0f0f0f0f0f0f0f0 | a0=16
bits: sext.b a0, a1 | a1=0x180 | a0=0xffffffffffffff80
bits: sext.h a0, a1 | a1=0x18000 | a0=0xffffffffffff8000
bits: zext.h a0, a1 | a1=0x18000 | a0=0x8000
bits: rev8 a0, a1 | a1=0x0102030405060708 | a0=0x0807060504030201
bits: orc.b a0, a1 | a1=0x0100000010008000 | a0=0xff000000ff00ff00

## Zbs
bits: bclr a0, a1, a2 | a1=0xff a2=64 | a0=0xfe
bits: bclri a0, a1, 7 | a1=0xff | a0=0x7f
bits: bset a0, a1, a2 | a1=0 a2=63 | a0=0x8000000000000000
bits: bseti a0, a1, 1 | a1=1 | a0=3
bits: binv a0, a1, a2 | a1=1 a2=0 | a0=0
bits: binvi a0, a1, 63 | a1=1 | a0=0x8000000000000001
bits: bext a0, a1, a2 | a1=0x8000000000000000 a2=127 | a0=1
bits: bexti a0, a1, 3 | a1=8 | a0=1

## illegal where they are not configured
add.uw a0, a1, a2 || trap 2
clz a0, a1 || trap 2
bseti a0, a1, 1 || trap 2
`;
