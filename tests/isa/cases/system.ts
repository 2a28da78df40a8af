// CSR instructions, environment calls, returns from traps, delegation, fences. Privileged 1.12; N extension draft; ISAv9:
// CSRs need PCC.AccessSystemRegisters except counters and fcsr.

const HERE = '[*,0x0-0x10000000000000000]';
const NO_ASR = 'pcc=[GxrwRWLSIUC0123,0x0-0x10000000000000000]';
/** mstatus with FS dirty, SXL = UXL = 2, and some more bits. */
const status = (bits: number): string => `0x${(0x8000000a00006000n | BigInt(bits)).toString(16)}`;
// prettier-ignore
const MIE = 8, MPIE = 0x80, MPP_M = 0x1800, MPP_S = 0x800, SIE = 2, SPIE = 0x20, SPP = 0x100, UIE = 1, UPIE = 0x10, MPRV = 0x20000, TVM = 0x100000, TW = 0x200000, TSR = 0x400000;

export const SYSTEM = `
## csr instructions: old value out, new value in
csrrw a0, mscratch, a1 | mscratch=5 a1=6 | a0=5 mscratch=6
csrrw a1, mscratch, a1 | mscratch=5 a1=6 | a1=5 mscratch=6
csrrw zero, mscratch, a1 | ca1=0x80002000[rw,0x80002000-0x80002100] | mscratch=0x80002000
csrrs a0, mscratch, a1 | mscratch=5 a1=0xa | a0=5 mscratch=15
csrrs a0, mscratch, zero | mscratch=5 | a0=5
csrrc a0, mscratch, a1 | mscratch=15 a1=6 | a0=15 mscratch=9
csrrwi a0, mscratch, 31 | mscratch=5 | a0=5 mscratch=31
csrrsi a0, mscratch, 2 | mscratch=5 | a0=5 mscratch=7
csrrci a0, mscratch, 4 | mscratch=5 | a0=5 mscratch=1
csrrw a0, sscratch, a1 | priv=S sscratch=5 a1=6 | a0=5 sscratch=6

## a read-only csr cannot be written; a read of it may be spelled as a write of nothing
csrrs a0, mhartid, zero || a0=0
csrrw a0, mhartid, zero || trap 2
csrrs a0, mhartid, a1 | a1=0 | trap 2
csrrci a0, mhartid, 0 || a0=0
csrrw a0, cycle, zero || trap 2

## privilege, existence, AccessSystemRegisters: illegal comes first
csrrs a0, mscratch, zero | priv=S | trap 2
csrrs a0, mscratch, zero | priv=U | trap 2
csrrs a0, sscratch, zero | priv=U | trap 2
csrrs a0, 0x5c0, zero || trap 2
csrrs a0, 0x5c0, zero | ${NO_ASR} | trap 2
csrrs a0, mscratch, zero | ${NO_ASR} | capex asr pcc
csrrw zero, mscratch, a0 | ${NO_ASR} | capex asr pcc
csrrs a0, sscratch, zero | priv=S ${NO_ASR} | capex asr pcc
csrrs a0, mscratch, zero | priv=U ${NO_ASR} | trap 2
csrrs a0, fcsr, zero | priv=U ${NO_ASR} fcsr=0x61 | a0=0x61
csrrwi zero, frm, 1 | priv=U ${NO_ASR} | fcsr=0x20
csrrs a0, instret, zero | priv=U mcounteren=0 | trap 2
csrrs zero, instret, zero | priv=U mcounteren=4 scounteren=4 ${NO_ASR} |
csrrs a0, instret, zero | priv=U mcounteren=4 scounteren=0 | trap 2
csrrs zero, cycle, zero | priv=S mcounteren=1 |
csrrs a0, time, zero | priv=S mcounteren=1 | trap 2
csrrs a0, satp, zero | priv=S mstatus=${TVM} | trap 2
nos: csrrs a0, sscratch, zero || trap 2

## a view of status: S sees its own bits only
csrrs a0, sstatus, zero | mstatus=${MIE | MPIE | SIE | SPP | TVM} | a0=0x8000000200006102
csrrs zero, sstatus, a1 | a1=${MIE | SIE | TVM} | mstatus=${status(SIE)}
csrrw zero, sie, a1 | a1=0x222 mideleg=0x20 | mie=0x20

## tvec and epc are the addresses of tcc and epcc
csrrs a0, mtvec, zero || a0=0x80003000
csrrw zero, mtvec, a1 | a1=0x80001101 | mtcc=0x80001101${HERE}
csrrw zero, mtvec, a1 | a1=0x80001102 | mtcc=0x80001100${HERE}
csrrw zero, stvec, a1 | priv=S a1=0x80001100 | stcc=0x80001100${HERE}
csrrw zero, mtvec, a1 | mtcc=0x80001000[x,0x80001000-0x80001100]:7 a1=0x80001010 | mtcc=!0x80001010[x,0x80001000-0x80001100]:7
csrrs a0, mepc, zero | mepcc=0x80001003[*,0x80001000-0x80001100] | a0=0x80001002
csrrw zero, mepc, a1 | a1=0x80001235 | mepcc=0x80001235${HERE} # bit 0 goes when it is read
csrrw a0, sepc, a1 | priv=S a1=0x80001234 | a0=0 sepcc=0x80001234${HERE}

## calls and breakpoints
ecall || trap 11
ecall | priv=S | trap 9
ecall | priv=U | trap 8
ecall | mstatus=${MIE} | trap 11
ebreak || trap 3 tval=0x80001000
ebreak | priv=U | trap 3 tval=0x80001000
cap: ecall || trap 11

## delegation: down to S, never below the privilege that trapped
ecall | priv=U medeleg=0x100 | trap 8 to=S
ecall | priv=S medeleg=0x200 | trap 9 to=S
ecall | priv=S medeleg=0x100 | trap 9
ebreak | medeleg=8 | trap 3 tval=0x80001000
ebreak | priv=S medeleg=8 mstatus=${SIE} | trap 3 tval=0x80001000 to=S
.word 0 | priv=U medeleg=4 | trap 2 to=S
ld a0, 0(a1) | priv=U medeleg=0x20 a1=0x90000000 | trap 5 tval=0x90000000 to=S
cap: ld a0, 0(ca1) | priv=U medeleg=0x10000000 a1=0 | capex tag ca1 to=S

## delegation to U: what sedeleg passes on of medeleg; with wide sedeleg capability faults too
n: ecall | priv=U medeleg=0x100 sedeleg=0x100 | trap 8 to=U
n: ecall | priv=U medeleg=0x100 sedeleg=0x100 mstatus=${UIE} | trap 8 to=U
n: ecall | priv=U sedeleg=0x100 | trap 8
n: ecall | priv=U medeleg=0x100 | trap 8 to=S
n: ebreak | priv=S medeleg=8 sedeleg=8 | trap 3 tval=0x80001000 to=S
n: ebreak | priv=M medeleg=8 sedeleg=8 | trap 3 tval=0x80001000
n wide: ld.cap a0, (ca1) | priv=U medeleg=0x10000000 sedeleg=0x10000000 a1=0 | capex tag ca1 to=U
n: csrrw zero, sedeleg, a1 | a1=0x10000100 medeleg=0x10000100 | sedeleg=0x100
n wide: csrrw zero, sedeleg, a1 | a1=0x10000100 | sedeleg=0x10000100
n nos: ecall | priv=U medeleg=0x100 | trap 8 to=U

## returns
mret | mepcc=0x80001100${HERE} mstatus=${MPP_M | MPIE} | pc=0x80001100 mstatus=${status(MIE | MPIE)}
mret | mepcc=0x80001100${HERE} mstatus=${MPP_S | MPRV} | pc=0x80001100 priv=S mstatus=${status(MPIE)}
mret | mepcc=0x80001100${HERE} mstatus=${MPRV | MPP_M} | pc=0x80001100 mstatus=${status(MPIE | MPRV)}
mret | mepcc=0x80001101${HERE} | pc=0x80001100 priv=U mstatus=${status(MPIE)}
mret | mepcc=0x80001100[x,0x80001000-0x80001200]:sentry^ | pc=0x80001100 pcc=[x,0x80001000-0x80001200]^ priv=U mstatus=${status(MPIE)}
sret | priv=S sepcc=0x80001100${HERE} mstatus=${SPP | SPIE} | pc=0x80001100 mstatus=${status(SIE | SPIE)}
sret | priv=S sepcc=0x80001100${HERE} | pc=0x80001100 priv=U mstatus=${status(SPIE)}
sret | sepcc=0x80001100${HERE} mstatus=${SPP | MPRV} | pc=0x80001100 priv=S mstatus=${status(SPIE)}
n: uret | priv=U uepcc=0x80001100${HERE} mstatus=${UPIE} | pc=0x80001100 mstatus=${status(UIE | UPIE)}
n: uret | uepcc=0x80001100${HERE} mstatus=${MPRV} | pc=0x80001100 priv=U mstatus=${status(UPIE | MPRV)}
mret | priv=S | trap 2
mret | priv=U | trap 2
sret | priv=U | trap 2
sret | priv=S mstatus=${TSR} | trap 2
uret || trap 2
mret | ${NO_ASR} | capex asr pcc
sret | priv=S ${NO_ASR} | capex asr pcc
mret | priv=U ${NO_ASR} | trap 2
n: uret | priv=U ${NO_ASR} | capex asr pcc

## sfence.vma and wfi
sfence.vma zero, zero ||
sfence.vma a0, a1 | priv=S |
sfence.vma zero, zero | priv=U | trap 2
sfence.vma zero, zero | priv=S mstatus=${TVM} | trap 2
sfence.vma zero, zero | mstatus=${TVM} |
wfi | mie=2 mip=2 |
wfi | priv=S mideleg=2 mie=2 mip=2 |
wfi | priv=S mideleg=2 mie=2 mip=2 mstatus=${TW} | trap 2
`.replaceAll(/mstatus=(\d+)\b/g, (_, bits: string) => `mstatus=${status(Number(bits))}`);

const CODE = 'pcc=[*,0x80000000-0x80100000]';
const BOTH = `${CODE} ddc=0x80000000[*,0x80000000-0x80100000]`;

/** Code at 0x80001000 in a PCC from 0x80000000: its own pc is 0x1000. Data through DDC: address = DDC's address + offset. */
export const RELOCATED = `
## the program counter is an offset from PCC's base
rel: auipc a0, 0 | ${CODE} | a0=0x1000
rel: auipc a0, 0xfffff | ${CODE} | a0=0
rel: jal ra, 0x80001010 | ${CODE} | ra=0x1004 pc=0x80001010
rel: jalr ra, 4(a1) | ${CODE} a1=0x1101 | ra=0x1004 pc=0x80001104
rel: jalr.pcc a0, a1 | ${CODE} a1=0x1101 | a0=0x1004 pc=0x80001100
rel: c.jalr a1 | ${CODE} a1=0x1100 | ra=0x1002 pc=0x80001100
rel: jalr ra, 0(a1) | ${CODE} a1=0x100000 | capex length pcc
rel: beq zero, zero, 0x80000f00 | ${CODE} | pc=0x80000f00
rel: auipc a0, 0 | pcc=[*,0x0-0x10000000000000000] | a0=0x80001000

## integer addresses are offsets from DDC's address
rel: ld a0, 0(a1) | ${BOTH} a1=0x2040 m64[0x80002040]=7 | a0=7
rel: sd a2, 8(a1) | ${BOTH} a1=0x2000 a2=7 | m64[0x80002008]=7
rel: c.ld a0, 8(a1) | ${BOTH} a1=0x2038 m64[0x80002040]=7 | a0=7
rel: ld.ddc a0, (a1) | ${BOTH} a1=0x2040 m64[0x80002040]=7 | a0=7
rel: fld fa0, 0(a1) | ${BOTH} a1=0x2040 m64[0x80002040]=7 | fa0=7
rel: amoadd.d a0, a2, (a1) | ${BOTH} a1=0x2040 a2=1 m64[0x80002040]=7 | a0=7 m64[0x80002040]=8
rel: lr.d a0, (a1) | ${BOTH} a1=0x2040 m64[0x80002040]=7 | a0=7 reservation=held
rel: lc ca0, 0(a1) | ${BOTH} a1=0x2040 mc[0x80002040]=- | ca0=-
rel: ld a0, 0(a1) | ${CODE} ddc=0x80002020[rw,0x80002000-0x80002100] a1=0x20 m64[0x80002040]=7 | a0=7
rel: ld a0, 0(a1) | ${CODE} ddc=0x80002020[rw,0x80002000-0x80002100] a1=-32 m64[0x80002000]=7 | a0=7
rel: ld a0, 0(a1) | ${BOTH} a1=0x100000 | capex length ddc
rel: ld a0, 0(a1) | ${BOTH} a1=-8 | capex length ddc
rel: lr.d a0, (a1) | ${BOTH} a1=0x2041 | trap 4 tval=0x80002041
rel: ld a0, 0(a1) | ddc=0x80000000[*,0x0-0x10000000000000000] a1=0x10000000 | trap 5 tval=0x90000000
rel: ld.cap a0, (ca1) | ${BOTH} ca1=0x80002040[r,0x80002000-0x80002100] m64[0x80002040]=7 | a0=7
rel cap: ld a0, 0(ca1) | ${BOTH} ca1=0x80002040[r,0x80002000-0x80002100] m64[0x80002040]=7 | a0=7

## capabilities hold absolute addresses
rel: cspecialrw ca0, pcc, cnull | ${CODE} | ca0=0x80001000[*,0x80000000-0x80100000]
rel cap: auipcc ca0, 0 | ${CODE} | ca0=0x80001000[*,0x80000000-0x80100000]^
rel cap: cjal ca0, 0x80001010 | ${CODE} | ca0=0x80001004[*,0x80000000-0x80100000]:sentry^ pc=0x80001010
rel: jalr.cap ca0, ca1 | ${CODE} ca1=0x80001100[*,0x80001000-0x80001200] | ca0=0x80001004[*,0x80000000-0x80100000]:sentry pc=0x80001100 pcc=[*,0x80001000-0x80001200]
rel: cinvoke ca1, ca2 | ca1=0x80001100[xI,0x80001000-0x80001200]:7 ca2=0x80002000[rI,0x80002000-0x80002100]:7 | pc=0x80001100 pcc=[xI,0x80001000-0x80001200] ct6=0x80002000[rI,0x80002000-0x80002100]

## traps: epcc absolute, epc an offset
rel: ecall | ${CODE} | trap 11
rel: ebreak | ${CODE} | trap 3 tval=0x80001000
rel: csrrs a0, mepc, zero | mepcc=0x80001003[*,0x80001000-0x80001100] | a0=2
rel: csrrw zero, mepc, a1 | mepcc=0x80001000[*,0x80001000-0x80001100] a1=0x21 | mepcc=0x80001021[*,0x80001000-0x80001100]
rel: csrrs a0, mtvec, zero | mtcc=0x80001010[*,0x80001000-0x80001100] | a0=0x10
rel: csrrw zero, mtvec, a1 | mtcc=0x80001010[*,0x80001000-0x80001100] a1=0x20 | mtcc=0x80001020[*,0x80001000-0x80001100]
rel: mret | mepcc=0x80001010[*,0x80001000-0x80001100] mstatus=${status(MPP_M)} | pc=0x80001010 pcc=[*,0x80001000-0x80001100] mstatus=${status(MPIE)}
rel: cspecialrw cnull, mtcc, ca1 | ca1=0x80001012[*,0x80001002-0x80001100] |

## code may not start at an odd base
rel: addi a0, a0, 1 | pcc=[*,0x80000fff-0x80001100] | capex unalignedbase pcc
rel: jalr.cap ca0, ca1 | ca1=0x80001100[*,0x80000fff-0x80001200] | capex unalignedbase ca1
rel cap: cjalr ca0, 0(ca1) | ca1=0x80001100[*,0x80000fff-0x80001200]^ | capex unalignedbase ca1
`;
