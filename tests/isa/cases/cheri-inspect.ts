// Instructions that read a capability. CHERI ISAv9; none of them traps, sealed and untagged ones included.

const CAP = '0x80002010[GrwRW,0x80002000-0x80002100]';
const ALL = '0x5[*,0x0-0x10000000000000000]';

export const CHERI_INSPECT = `
## fields of a capability
cgetperm a0, ca1 | ca1=${CAP} | a0=0x3d
cgetperm a0, ca1 | ca1=${ALL} | a0=0x78fff
cgetperm a0, ca1 | ca1=0x0[0123,0x0-0x10] | a0=0x78000
cgetperm a0, ca1 | a1=0x1234 | a0=0
cgettype a0, ca1 | ca1=${CAP} | a0=-1
cgettype a0, ca1 | ca1=${CAP}:sentry | a0=-2
cgettype a0, ca1 | ca1=${CAP}:reserved3 | a0=-3
cgettype a0, ca1 | ca1=${CAP}:reserved4 | a0=-4
cgettype a0, ca1 | ca1=${CAP}:0x3fffb | a0=0x3fffb
cgettype a0, ca1 | ca1=${CAP}:7 | a0=7
cgetbase a0, ca1 | ca1=${CAP} | a0=0x80002000
cgetbase a0, ca1 | ca1=${ALL} | a0=0
cgetbase a0, ca1 | a1=0x1234 | a0=0
cgetlen a0, ca1 | ca1=${CAP} | a0=0x100
cgetlen a0, ca1 | ca1=${ALL} | a0=-1
cgetlen a0, ca1 | ca1=0x0[*,0x0-0x0] | a0=0
cgetlen a0, ca1 | a1=0x1234 | a0=-1
cgettop a0, ca1 | ca1=${CAP} | a0=0x80002100
cgettop a0, ca1 | ca1=${ALL} | a0=-1
cgettag a0, ca1 | ca1=${CAP} | a0=1
cgettag a0, ca1 | ca1=!${CAP} | a0=0
cgettag a0, ca1 | a1=1 | a0=0
cgetsealed a0, ca1 | ca1=${CAP} | a0=0
cgetsealed a0, ca1 | ca1=${CAP}:7 | a0=1
cgetsealed a0, ca1 | ca1=${CAP}:sentry | a0=1
cgetsealed a0, ca1 | ca1=!${CAP}:7 | a0=1
cgetoffset a0, ca1 | ca1=${CAP} | a0=0x10
cgetoffset a0, ca1 | ca1=0x80001ff8[rw,0x80002000-0x80002100] | a0=-8
cgetoffset a0, ca1 | a1=0x1234 | a0=0x1234
cgetflags a0, ca1 | ca1=${CAP} | a0=0
cgetflags a0, ca1 | ca1=${CAP}^ | a0=1
cgetaddr a0, ca1 | ca1=${CAP}:7 | a0=0x80002010
cgetaddr a0, ca1 | a1=0x1234 | a0=0x1234
cgethigh a0, ca1 | ca1=${ALL} | a0=0xffff000000000000
cgethigh a0, ca1 | a1=0x1234 | a0=0
cgettag a1, ca1 | ca1=${CAP} | a1=1
cgetperm zero, ca1 | ca1=${CAP} |

## c0 is the null capability
cgetbase a0, cnull || a0=0
cgetlen a0, cnull || a0=-1
cgettype a0, cnull || a0=-1

## comparing two capabilities
csub a0, ca1, ca2 | ca1=${CAP} a2=0x80002000 | a0=0x10
csub a0, ca1, ca2 | a1=1 a2=2 | a0=-1
cseqx a0, ca1, ca2 | ca1=${CAP} ca2=${CAP} | a0=1
cseqx a0, ca1, ca2 | ca1=${CAP} ca2=!${CAP} | a0=0
cseqx a0, ca1, ca2 | ca1=${CAP} ca2=${CAP}:7 | a0=0
cseqx a0, ca1, ca2 | ca1=${CAP} a2=0x80002010 | a0=0
cseqx a0, ca1, ca2 | a1=5 a2=5 | a0=1
cseqx a0, cnull, ca2 | a2=0 | a0=1
ctestsubset a0, ca1, ca2 | ca1=${ALL} ca2=${CAP} | a0=1
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=${CAP}:7 | a0=1
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=${ALL} | a0=0
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=0x80002010[GrwRWx,0x80002000-0x80002100] | a0=0
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=0x80002010[r,0x80002000-0x80002101] | a0=0
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=0x80002010[r,0x80001fff-0x80002100] | a0=0
ctestsubset a0, ca1, ca2 | ca1=${CAP} ca2=!${CAP} | a0=0
ctestsubset a0, ca1, ca2 | ca1=!${CAP} ca2=!${CAP} | a0=1
ctestsubset a0, cnull, ca2 | ca2=${CAP} | a0=1 # c0 means DDC
ctestsubset a0, cnull, ca2 | ca2=${CAP} ddc=0x80002000[r,0x80002000-0x80002100] | a0=0

## pointers relative to a capability
ctoptr a0, ca1, ca2 | ca1=${CAP} ca2=0x80002000[r,0x80002008-0x80002100] | a0=8
ctoptr a0, ca1, ca2 | ca1=!${CAP} ca2=${ALL} | a0=0
ctoptr a0, ca1, cnull | ca1=${CAP} ddc=0x80002000[r,0x80002000-0x80002100] | a0=0x10
cfromptr ca0, ca1, a2 | ca1=${CAP} a2=0x20 | ca0=0x80002020[GrwRW,0x80002000-0x80002100]
cfromptr ca0, ca1, a2 | ca1=${CAP} a2=0 | ca0=-
cfromptr ca0, ca1, a2 | ca1=${CAP}:7 a2=0x20 | ca0=!0x80002020[GrwRW,0x80002000-0x80002100]:7
cfromptr ca0, cnull, a2 | a2=0x20 ddc=0x80002000[r,0x80002000-0x80002100] | ca0=0x80002020[r,0x80002000-0x80002100]

## rounding of lengths
crrl a0, a1 | a1=0xfff | a0=0xfff
crrl a0, a1 | a1=0x1000 | a0=0x1000
crrl a0, a1 | a1=0x100001 | a0=0x100800
crrl a0, a1 | a1=0 | a0=0
crrl a0, a1 | a1=-1 | a0=0
cram a0, a1 | a1=0xfff | a0=-1
cram a0, a1 | a1=0x1000 | a0=0xfffffffffffffff8
cram a0, a1 | a1=0x100001 | a0=0xfffffffffffff800
`;
