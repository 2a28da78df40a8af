// Jumps through capabilities, CInvoke, auipcc and special capability registers. CHERI ISAv9.

const HERE = '[*,0x0-0x10000000000000000]';
const CODE = '[*,0x80001000-0x80001200]';
const DATA = '0x80002010[GrwRWI,0x80002000-0x80002100]';

/** CJALR and JALR.CAP check the target in the same order: tag, seal, Execute, bounds; traps happen at the jump. */
function ladder(flags: string, jump: string): string {
  return [
    ['!0x80001300[Gr,0x80001000-0x80001200]:7', 'tag'],
    ['0x80001300[Gr,0x80001000-0x80001200]:7', 'seal'],
    ['0x80001300[Gr,0x80001000-0x80001200]', 'execute'],
    ['0x80001200[*,0x80001000-0x80001200]', 'length'],
    ['0x800011ff[*,0x80001000-0x800011ff]', 'length'],
    ['0x80000ffe[*,0x80001000-0x80001200]', 'length'],
  ]
    .map(([target, check]) => `${flags}${jump} | ca1=${target} | capex ${check} ca1`)
    .join('\n');
}

export const CHERI_JUMP = `
## cjal links a sentry
cap: cjal ca0, 0x80001010 || ca0=0x80001004${HERE}:sentry^ pc=0x80001010
cap: cjal cnull, 0x80000ff0 || pc=0x80000ff0

## cjalr
cap: cjalr ca0, 0(ca1) | ca1=0x80001100${CODE}^ | ca0=0x80001004${HERE}:sentry^ pc=0x80001100 pcc=${CODE}^
cap: cjalr ca0, 0(ca1) | ca1=0x80001101${CODE} | ca0=0x80001004${HERE}:sentry^ pc=0x80001100 pcc=${CODE}
cap: cjalr ca1, -16(ca1) | ca1=0x80001100${CODE}^ | ca1=0x80001004${HERE}:sentry^ pc=0x800010f0 pcc=${CODE}^
cap: cjalr cnull, 0(ca1) | ca1=0x80001100${CODE}:sentry^ | pc=0x80001100 pcc=${CODE}^
cap: cjalr cnull, 16(ca1) | ca1=0x80001100${CODE}:sentry^ | capex seal ca1
cap: cjalr cnull, 0(ca1) | ca1=0x80001100[x,0x80001000-0x80001200]^ | pc=0x80001100 pcc=[x,0x80001000-0x80001200]^
cap: cjalr ca0, 0(ca1) | ca1=0x800011fe${CODE}^ | ca0=0x80001004${HERE}:sentry^ pc=0x800011fe pcc=${CODE}^
${ladder('cap: ', 'cjalr ca0, 0(ca1)')}

## jalr.cap in both modes
jalr.cap ca0, ca1 | ca1=0x80001100${CODE}^ | ca0=0x80001004${HERE}:sentry pc=0x80001100 pcc=${CODE}^
cap: jalr.cap ca0, ca1 | ca1=0x80001100${CODE} | ca0=0x80001004${HERE}:sentry^ pc=0x80001100 pcc=${CODE}
jalr.cap ca1, ca1 | ca1=0x80001100${CODE}:sentry | ca1=0x80001004${HERE}:sentry pc=0x80001100 pcc=${CODE}
${ladder('', 'jalr.cap ca0, ca1')}

## auipcc is pcc with another address
cap: auipcc ca0, 0 || ca0=0x80001000${HERE}^
cap: auipcc ca0, 1 || ca0=0x80002000${HERE}^
cap: auipcc ca0, 0xfffff || ca0=0x80000000${HERE}^
cap: auipcc cnull, 1 ||
cap: auipcc ca0, 0 | pcc=[rx,0x80001000-0x80001010]^ | ca0=0x80001000[rx,0x80001000-0x80001010]^

## cinvoke unseals a pair: code into pcc, data into c31
cinvoke ca1, ca2 | ca1=0x80001100[GxrI,0x80001000-0x80001200]:7 ca2=${DATA}:7 | pc=0x80001100 pcc=[GxrI,0x80001000-0x80001200] ct6=${DATA}
cinvoke ca1, ca2 | ca1=0x80001101[GxrI,0x80001000-0x80001200]:7^ ca2=${DATA}:7 | pc=0x80001100 pcc=[GxrI,0x80001000-0x80001200]^ ct6=${DATA}
cinvoke ct6, ct5 | ct6=0x80001100[xI,0x80001000-0x80001200]:7 ct5=${DATA}:7 | pc=0x80001100 pcc=[xI,0x80001000-0x80001200] ct6=${DATA}
# Tag, seal, type, CInvoke, execute, bounds: each rung with everything below it broken as well.
cinvoke ca1, ca2 | ca1=!0x80001300[r,0x80001000-0x80001200] ca2=!0x80002010[rx,0x80002000-0x80002100] | capex tag ca1
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200] ca2=!0x80002010[rx,0x80002000-0x80002100] | capex tag ca2
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200] ca2=0x80002010[rx,0x80002000-0x80002100] | capex seal ca1
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200]:sentry ca2=0x80002010[rx,0x80002000-0x80002100] | capex seal ca1
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200]:7 ca2=0x80002010[rx,0x80002000-0x80002100] | capex seal ca2
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200]:7 ca2=0x80002010[rx,0x80002000-0x80002100]:8 | capex type ca1
cinvoke ca1, ca2 | ca1=0x80001300[r,0x80001000-0x80001200]:7 ca2=0x80002010[rx,0x80002000-0x80002100]:7 | capex cinvoke ca1
cinvoke ca1, ca2 | ca1=0x80001300[rI,0x80001000-0x80001200]:7 ca2=0x80002010[rx,0x80002000-0x80002100]:7 | capex cinvoke ca2
cinvoke ca1, ca2 | ca1=0x80001300[rI,0x80001000-0x80001200]:7 ca2=0x80002010[rxI,0x80002000-0x80002100]:7 | capex execute ca1
cinvoke ca1, ca2 | ca1=0x80001300[xI,0x80001000-0x80001200]:7 ca2=0x80002010[rxI,0x80002000-0x80002100]:7 | capex execute ca2
cinvoke ca1, ca2 | ca1=0x80001300[xI,0x80001000-0x80001200]:7 ca2=${DATA}:7 | capex length ca1
`;

const NO_ASR = 'pcc=[GxrwRWLSIUC0123,0x0-0x10000000000000000]';
const VECTOR = '0x80003000[*,0x0-0x10000000000000000]';

/** Special registers above DDC need AccessSystemRegisters and enough privilege. */
function guarded(): string {
  // prettier-ignore
  const scrs: readonly (readonly [string, number, string])[] = [
    ['stcc', 12, 'S'], ['stdc', 13, 'S'], ['sscratchc', 14, 'S'], ['sepcc', 15, 'S'], ['mtcc', 28, 'M'], ['mtdc', 29, 'M'], ['mscratchc', 30, 'M'], ['mepcc', 31, 'M'],
  ];
  return scrs
    .flatMap(([name, number, level]) => [
      `cspecialrw ca0, ${name}, cnull | ${NO_ASR} | capex asr scr${number}`,
      `cspecialrw ca0, ${name}, cnull | priv=U | trap 2`,
      `cspecialrw ca0, ${name}, ca1 | priv=U ${NO_ASR} | trap 2`,
      level === 'M'
        ? `cspecialrw ca0, ${name}, cnull | priv=S | trap 2`
        : `cspecialrw ca0, ${name}, cnull | priv=S ${NO_ASR} | capex asr scr${number}`,
    ])
    .join('\n');
}

export const CHERI_SPECIAL = `
## ddc and pcc need no permission
cspecialrw ca0, ddc, cnull | ddc=${DATA} | ca0=${DATA}
cspecialrw ca0, ddc, ca1 | ca1=${DATA} | ca0=0x0${HERE} ddc=${DATA}
cspecialrw ca1, ddc, ca1 | ca1=${DATA} | ca1=0x0${HERE} ddc=${DATA}
cspecialrw cnull, ddc, ca1 | ca1=${DATA}:7 | ddc=${DATA}:7
cspecialrw ca0, ddc, ca1 | priv=U ${NO_ASR} a1=0 | ca0=0x0${HERE} ddc=-
cspecialrw ca0, pcc, cnull || ca0=0x80001000${HERE}
cap: cspecialrw ca0, pcc, cnull || ca0=0x80001000${HERE}^
cspecialrw ca0, pcc, ca1 || trap 2
cspecialrw ca0, pcc, cnull | priv=U ${NO_ASR} | ca0=0x80001000[GxrwRWLSIUC0123,0x0-0x10000000000000000]

## trap registers
cspecialrw ca0, mtcc, cnull || ca0=${VECTOR}
cspecialrw ca0, mtcc, ca1 | ca1=0x80001100${CODE} | ca0=${VECTOR} mtcc=0x80001100${CODE}
cspecialrw cnull, mtcc, ca1 | ca1=0x80001101${CODE} | mtcc=0x80001101${CODE}
cspecialrw cnull, mtcc, ca1 | ca1=0x80001102${CODE} | mtcc=0x80001100${CODE}
cspecialrw cnull, stcc, ca1 | ca1=0x80001100${CODE}:7 | stcc=!0x80001100${CODE}:7
cspecialrw ca0, mtdc, ca1 | ca1=${DATA} | ca0=- mtdc=${DATA}
cspecialrw ca0, mscratchc, ca1 | ca1=${DATA} mscratchc=${DATA}:7 | ca0=${DATA}:7 mscratchc=${DATA}
cspecialrw ca0, sscratchc, ca1 | ca1=${DATA} | ca0=- sscratchc=${DATA}
cspecialrw ca0, stdc, ca1 | priv=S ca1=${DATA} | ca0=- stdc=${DATA}
cspecialrw ca0, mepcc, cnull | mepcc=0x80001101${CODE} | ca0=0x80001100${CODE}
cspecialrw ca0, mepcc, cnull | mepcc=0x80001101${CODE}:7 | ca0=!0x80001100${CODE}:7
cspecialrw cnull, mepcc, ca1 | ca1=0x80001101${CODE} | mepcc=0x80001101${CODE}
cspecialrw ca0, sepcc, ca1 | ca1=0x80001100${CODE} sepcc=0x80001000${CODE} | ca0=0x80001000${CODE} sepcc=0x80001100${CODE}
n: cspecialrw ca0, utcc, ca1 | priv=U ca1=0x80001100${CODE} | ca0=0x80003200${HERE} utcc=0x80001100${CODE}
n: cspecialrw ca0, utdc, ca1 | priv=U ca1=${DATA} | ca0=- utdc=${DATA}
n: cspecialrw ca0, uscratchc, ca1 | priv=U ca1=${DATA} | ca0=- uscratchc=${DATA}
n: cspecialrw ca0, uepcc, ca1 | priv=U ca1=0x80001100${CODE} uepcc=0x80001001${CODE} | ca0=0x80001000${CODE} uepcc=0x80001100${CODE}
n: cspecialrw ca0, utcc, cnull | priv=U ${NO_ASR} | capex asr scr4
cspecialrw ca0, utcc, cnull || trap 2

## who may access them
${guarded()}
cspecialrw ca0, 2, cnull || trap 2
cspecialrw ca0, 16, cnull || trap 2
nos: cspecialrw ca0, stcc, cnull || trap 2

## without CHERI its encodings are illegal
nocheri: cgettag a0, ca1 || trap 2
nocheri: cincoffsetimm ca0, ca1, 1 || trap 2
nocheri: lc ca0, 0(a1) || trap 2
nocheri: sc ca0, 0(a1) || trap 2
nocheri: lr.c ca0, (a1) || trap 2
nocheri: lr.b a0, (a1) || trap 2
nocheri: cspecialrw ca0, ddc, cnull || trap 2
`;
