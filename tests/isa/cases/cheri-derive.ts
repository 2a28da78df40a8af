// Instructions that make a capability out of another. CHERI ISAv9: authority never grows, illegal requests lose the tag,
// nothing traps. Out of two capabilities of the same register: sources are read before the result is written.

const CAP = '0x80002010[GrwRW,0x80002000-0x80002100]';
const ALL = '0x80002010[*,0x0-0x10000000000000000]';
const at = (address: string): string => `${address}[GrwRW,0x80002000-0x80002100]`;

export const CHERI_DERIVE = `
## copies
cmove ca0, ca1 | ca1=${CAP}:7 | ca0=${CAP}:7
cmove ca0, ca1 | ca1=!${CAP} | ca0=!${CAP}
cmove ca0, ca1 | a1=5 | a0=5
cmove ca1, ca1 | ca1=${CAP} | ca1=${CAP}
cmove cnull, ca1 | ca1=${CAP} |
cmove ca0, cnull || ca0=-
ccleartag ca0, ca1 | ca1=${CAP} | ca0=!${CAP}
ccleartag ca0, ca1 | ca1=${CAP}:sentry | ca0=!${CAP}:sentry
ccleartag cnull, ca1 | ca1=${CAP} |

## permissions and flags
candperm ca0, ca1, a2 | ca1=${CAP} a2=0x14 | ca0=0x80002010[rR,0x80002000-0x80002100]
candperm ca0, ca1, a2 | ca1=${CAP} a2=-1 | ca0=${CAP}
candperm ca0, ca1, a2 | ca1=${ALL} a2=0x78000 | ca0=0x80002010[0123,0x0-0x10000000000000000]
candperm ca0, ca1, a2 | ca1=${CAP}:7 a2=-1 | ca0=!${CAP}:7
candperm ca0, ca1, a2 | ca1=!${CAP} a2=4 | ca0=!0x80002010[r,0x80002000-0x80002100]
csetflags ca0, ca1, a2 | ca1=${CAP} a2=1 | ca0=${CAP}^
csetflags ca0, ca1, a2 | ca1=${CAP}^ a2=0xfffffffffffffffe | ca0=${CAP}
csetflags ca0, ca1, a2 | ca1=${CAP}:7 a2=1 | ca0=!${CAP}:7^

## addresses
csetaddr ca0, ca1, a2 | ca1=${CAP} a2=0x80002100 | ca0=${at('0x80002100')}
csetaddr ca0, ca1, a2 | ca1=${CAP} a2=0x80001fff | ca0=${at('0x80001fff')}
csetaddr ca0, ca1, a2 | ca1=${CAP}:7 a2=0x80002020 | ca0=!${at('0x80002020')}:7
csetaddr ca0, ca1, a2 | ca1=!${CAP} a2=0x80002020 | ca0=!${at('0x80002020')}
csetaddr ca0, ca1, a2 | ca1=${ALL} a2=-1 | ca0=0xffffffffffffffff[*,0x0-0x10000000000000000]
csetaddr ca0, ca1, a2 | a1=5 a2=7 | a0=7
csetoffset ca0, ca1, a2 | ca1=${CAP} a2=0x40 | ca0=${at('0x80002040')}
csetoffset ca0, ca1, a2 | ca1=${CAP} a2=-16 | ca0=${at('0x80001ff0')}
csetoffset ca0, ca1, a2 | ca1=${CAP}:sentry a2=0x40 | ca0=!${at('0x80002040')}:sentry
cincoffset ca0, ca1, a2 | ca1=${CAP} a2=0x40 | ca0=${at('0x80002050')}
cincoffset ca0, ca1, a2 | ca1=${CAP} a2=-32 | ca0=${at('0x80001ff0')}
cincoffset ca1, ca1, a2 | ca1=${CAP} a2=1 | ca1=${at('0x80002011')}
cincoffset ca0, ca1, a2 | ca1=${CAP}:7 a2=0 | ca0=!${CAP}:7
cincoffset ca0, ca1, a2 | a1=5 a2=7 | a0=12
cincoffsetimm ca0, ca1, 2047 | ca1=${ALL} | ca0=0x8000280f[*,0x0-0x10000000000000000]
cincoffsetimm ca0, ca1, -2048 | ca1=${ALL} | ca0=0x80001810[*,0x0-0x10000000000000000]
cincoffsetimm ca0, ca1, 0 | ca1=${CAP}:7 | ca0=!${CAP}:7
cincoffsetimm cnull, ca1, 1 | ca1=${CAP} |

## an address too far from the bounds loses the tag, and the bounds with it
csetaddr ca0, ca1, a2; cgettag a3, ca0; cgetaddr a4, ca0; addi a0, zero, 0 | ca1=${CAP} a2=0x90000000 | a0=0 a3=0 a4=0x90000000
cincoffset ca0, ca1, a2; cgettag a3, ca0; cgetaddr a4, ca0; addi a0, zero, 0 | ca1=${CAP} a2=0x10000000 | a0=0 a3=0 a4=0x90002010
csetoffset ca0, ca1, a2; cgettag a3, ca0; cgetaddr a4, ca0; addi a0, zero, 0 | ca1=${CAP} a2=0x10000000 | a0=0 a3=0 a4=0x90002000

## bounds
csetbounds ca0, ca1, a2 | ca1=${CAP} a2=0x20 | ca0=0x80002010[GrwRW,0x80002010-0x80002030]
csetbounds ca0, ca1, a2 | ca1=${CAP} a2=0xf0 | ca0=0x80002010[GrwRW,0x80002010-0x80002100]
csetbounds ca0, ca1, a2 | ca1=${CAP} a2=0xf1 | ca0=!0x80002010[GrwRW,0x80002010-0x80002101]
csetbounds ca0, ca1, a2 | ca1=${at('0x80001ff0')} a2=0x20 | ca0=!0x80001ff0[GrwRW,0x80001ff0-0x80002010]
csetbounds ca0, ca1, a2 | ca1=${CAP} a2=0 | ca0=0x80002010[GrwRW,0x80002010-0x80002010]
csetbounds ca0, ca1, a2 | ca1=${CAP}:7 a2=0x20 | ca0=!0x80002010[GrwRW,0x80002010-0x80002030]:7
csetbounds ca0, ca1, a2 | ca1=!${CAP} a2=0x20 | ca0=!0x80002010[GrwRW,0x80002010-0x80002030]
csetbounds ca0, ca1, a2 | ca1=0x80002001[*,0x0-0x10000000000000000] a2=0x1001 | ca0=0x80002001[*,0x80002000-0x80003008]
csetbounds ca0, ca1, a2 | ca1=0x0[*,0x0-0x10000000000000000] a2=-1 | ca0=0x0[*,0x0-0x10000000000000000]
csetboundsexact ca0, ca1, a2 | ca1=${CAP} a2=0x20 | ca0=0x80002010[GrwRW,0x80002010-0x80002030]
csetboundsexact ca0, ca1, a2 | ca1=0x80002001[*,0x0-0x10000000000000000] a2=0x1001 | ca0=!0x80002001[*,0x80002000-0x80003008]
csetboundsexact ca0, ca1, a2 | ca1=0x80002000[*,0x0-0x10000000000000000] a2=0x1008 | ca0=0x80002000[*,0x80002000-0x80003008]
csetboundsexact ca0, ca1, a2 | ca1=${CAP} a2=0x1000 | ca0=!0x80002010[GrwRW,0x80002010-0x80003010]
csetboundsimm ca0, ca1, 0x20 | ca1=${CAP} | ca0=0x80002010[GrwRW,0x80002010-0x80002030]
csetboundsimm ca0, ca1, 4095 | ca1=${ALL} | ca0=0x80002010[*,0x80002010-0x8000300f]
csetboundsimm ca0, ca1, 0x100 | ca1=${CAP} | ca0=!0x80002010[GrwRW,0x80002010-0x80002110]

## the raw high word
csethigh ca0, ca1, a2 | a1=5 a2=0xffff000000000000 | ca0=!0x5[*,0x0-0x10000000000000000]
csethigh ca0, ca1, a2 | ca1=${CAP} a2=0 | a0=0x80002010

## clearing registers
cclear 0, 0x06 || cra=- csp=-
cclear 1, 0xff || cs0=- cs1=- ca0=- ca1=- ca2=- ca3=- ca4=- ca5=-
cclear 3, 0x80 || ct6=-
cclear 0, 0x01 || ddc=-
cclear 2, 0 ||
`;

export const CHERI_SEAL = `
## cseal
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[S,0x0-0x10] | ca0=${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x3fffb[*,0x0-0x10000000000000000] | ca0=${CAP}:0x3fffb
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x3fffc[*,0x0-0x10000000000000000] | ca0=!${CAP}:reserved4
cseal ca0, ca1, ca2 | ca1=!${CAP} ca2=0x7[S,0x0-0x10] | ca0=!${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP}:3 ca2=0x7[S,0x0-0x10] | ca0=!${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=!0x7[S,0x0-0x10] | ca0=!${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[S,0x0-0x10]:3 | ca0=!${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[U,0x0-0x10] | ca0=!${CAP}:7
cseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x10[S,0x0-0x10] | ca0=!${CAP}:16

## cunseal
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x7[UG,0x0-0x10] | ca0=${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x7[U,0x0-0x10] | ca0=0x80002010[rwRW,0x80002000-0x80002100]
cunseal ca0, ca1, ca2 | ca1=!${CAP}:7 ca2=0x7[UG,0x0-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[UG,0x0-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x6[UG,0x0-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x7[SG,0x0-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=!0x7[UG,0x0-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x7[UG,0x0-0x10]:7 | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:7 ca2=0x7[UG,0x8-0x10] | ca0=!${CAP}
cunseal ca0, ca1, ca2 | ca1=${CAP}:sentry ca2=0x3fffe[*,0x0-0x10000000000000000] | ca0=!${CAP}

## sentries
csealentry ca0, ca1 | ca1=${CAP} | ca0=${CAP}:sentry
csealentry ca0, ca1 | ca1=${CAP}:7 | ca0=!${CAP}:sentry
csealentry ca0, ca1 | ca1=!${CAP} | ca0=!${CAP}:sentry

## ccseal: seals, or passes on what cannot be sealed
ccseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[S,0x0-0x10] | ca0=${CAP}:7
ccseal ca0, ca1, ca2 | ca1=${CAP} ca2=0xffffffffffffffff[*,0x0-0x10000000000000000] | ca0=${CAP}
ccseal ca0, ca1, ca2 | ca1=${CAP} a2=7 | ca0=${CAP}
ccseal ca0, ca1, ca2 | ca1=${CAP}:3 ca2=0x7[S,0x0-0x10] | ca0=${CAP}:3
ccseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x11[S,0x0-0x10] | ca0=${CAP}
ccseal ca0, ca1, ca2 | ca1=${CAP} ca2=0x7[U,0x0-0x10] | ca0=!${CAP}:7

## ccopytype
ccopytype ca0, ca1, ca2 | ca1=0x0[S,0x0-0x100] ca2=${CAP}:7 | ca0=0x7[S,0x0-0x100]
ccopytype ca0, ca1, ca2 | ca1=0x0[*,0x0-0x10000000000000000] ca2=${CAP} | ca0=!0xffffffffffffffff[*,0x0-0x10000000000000000]
ccopytype ca0, ca1, ca2 | ca1=0x0[*,0x0-0x10000000000000000] ca2=${CAP}:sentry | ca0=!0xfffffffffffffffe[*,0x0-0x10000000000000000]
ccopytype ca0, ca1, ca2 | ca1=0x0[S,0x0-0x100]:3 ca2=${CAP}:7 | ca0=!0x7[S,0x0-0x100]:3

## cbuildcap: any bits, if the authority covers them
cbuildcap ca0, ca1, ca2 | ca1=${ALL} ca2=!${CAP} | ca0=${CAP}
cbuildcap ca0, ca1, ca2 | ca1=${CAP} ca2=!0x80002020[r,0x80002010-0x80002030] | ca0=0x80002020[r,0x80002010-0x80002030]
cbuildcap ca0, ca1, ca2 | ca1=${CAP} ca2=!0x80002020[rx,0x80002010-0x80002030] | ca0=!0x80002020[rx,0x80002010-0x80002030]
cbuildcap ca0, ca1, ca2 | ca1=${CAP} ca2=!0x80002020[r,0x80002010-0x80002130] | ca0=!0x80002020[r,0x80002010-0x80002130]
cbuildcap ca0, ca1, ca2 | ca1=!${ALL} ca2=!${CAP} | ca0=!${CAP}
cbuildcap ca0, ca1, ca2 | ca1=${ALL}:7 ca2=!${CAP} | ca0=!${CAP}
cbuildcap ca0, ca1, ca2 | ca1=${ALL} ca2=!${CAP}:7 | ca0=${CAP}
cbuildcap ca0, ca1, ca2 | ca1=${ALL} ca2=!${CAP}:sentry | ca0=${CAP}:sentry
cbuildcap ca0, cnull, ca2 | ca2=!${CAP} | ca0=${CAP}
cbuildcap ca0, cnull, ca2 | ca2=!${CAP} ddc=0x0[*,0x0-0x100] | ca0=!${CAP}
`;
