// F and D: one result, flags included, per instruction and per rung of its rules (NaN boxing, rounding modes, FS). The
// arithmetic itself is proved in tests/soft-float and against QEMU. Unprivileged chapters 11 and 12.
// fcsr: NV 16, DZ 8, OF 4, UF 2, NX 1; frm in bits 7:5.

/** The same case in both precisions; s: and .s become d: and .d. */
function both(lines: string): string {
  return `${lines}\n${lines.replaceAll(/\.s\b/g, '.d').replaceAll(/=(-?)s:/g, '=$1d:')}`;
}

const ROUNDED = 'fadd fsub fmul fdiv'.split(' ');
const FUSED = 'fmadd fmsub fnmsub fnmadd'.split(' ');

/** A reserved rounding mode is illegal, static or in frm; so is everything with FS off. */
function illegal(): string {
  const forms = [
    ...ROUNDED.map((name) => `${name}.s fa0, fa1, fa2`),
    'fsqrt.s fa0, fa1',
    ...FUSED.map((name) => `${name}.s fa0, fa1, fa2, fa3`),
    'fcvt.w.s a0, fa1',
    'fcvt.wu.s a0, fa1',
    'fcvt.l.s a0, fa1',
    'fcvt.lu.s a0, fa1',
    'fcvt.s.w fa0, a1',
    'fcvt.s.wu fa0, a1',
    'fcvt.s.l fa0, a1',
    'fcvt.s.lu fa0, a1',
  ];
  const lines = forms.flatMap((form) => [
    `${form}, rm5 || trap 2`,
    `${form}, rm6 || trap 2`,
    `${form}, dyn | fcsr=0xa0 | trap 2`,
    `${form}, dyn | fcsr=0xe0 | trap 2`,
    `${form}, rne | mstatus=0 | trap 2`,
  ]);
  const unrounded = ['fsgnj.s', 'fsgnjn.s', 'fsgnjx.s', 'fmin.s', 'fmax.s'].map(
    (name) => `${name} fa0, fa1, fa2 | mstatus=0 | trap 2`,
  );
  const toX = ['feq.s', 'flt.s', 'fle.s'].map((name) => `${name} a0, fa1, fa2 | mstatus=0 | trap 2`);
  const moves = [
    'fclass.s a0, fa1',
    'fmv.x.w a0, fa1',
    'fmv.w.x fa0, a1',
    'fmv.x.d a0, fa1',
    'fmv.d.x fa0, a1',
    'fcvt.s.d fa0, fa1',
    'fcvt.d.s fa0, fa1',
    'fpclear 0, 1',
  ].map((one) => `${one} | mstatus=0 | trap 2`);
  return [both(lines.join('\n')), both([...unrounded, ...toX].join('\n')), ...moves].join('\n');
}

// prettier-ignore
const CLASSES: readonly (readonly [string, number])[] = [
  ['-inf', 0], ['-1', 1], ['-sub', 2], ['-0', 3], ['0', 4], ['sub', 5], ['1', 6], ['inf', 7], ['snan', 8], ['nan', 9],
];

export const FLOAT = `
## sums, products, quotients and roots
${both(`
fadd.s fa0, fa1, fa2 | fa1=s:1.5 fa2=s:2.25 | fa0=s:3.75
fadd.s fa0, fa1, fa2 | fa1=s:inf fa2=s:-inf | fa0=s:nan fcsr=0x10
fadd.s fa0, fa1, fa2, rdn | fa1=s:1 fa2=s:-1 | fa0=s:-0
fadd.s fa0, fa1, fa2 | fa1=s:1 fa2=s:-1 | fa0=s:0
fadd.s fa0, fa1, fa2 | fa1=s:snan fa2=s:1 | fa0=s:nan fcsr=0x10
fadd.s fa0, fa1, fa2 | fa1=s:max fa2=s:max | fa0=s:inf fcsr=0x05
fadd.s fa0, fa1, fa2, rtz | fa1=s:max fa2=s:max | fa0=s:max fcsr=0x05
fadd.s fa0, fa1, fa2 | fa1=s:1 fa2=s:min | fa0=s:1 fcsr=1
fsub.s fa0, fa1, fa2 | fa1=s:1.5 fa2=s:2.25 | fa0=s:-0.75
fmul.s fa0, fa1, fa2 | fa1=s:-1.5 fa2=s:2.5 | fa0=s:-3.75
fmul.s fa0, fa1, fa2 | fa1=s:0 fa2=s:inf | fa0=s:nan fcsr=0x10
fmul.s fa0, fa1, fa2 | fa1=s:min fa2=s:0.5 | fa0=${'s:'}HALFMIN
fmul.s fa0, fa1, fa2 | fa1=s:sub fa2=s:0.5 | fa0=s:0 fcsr=3
fmul.s fa0, fa1, fa2, rup | fa1=s:sub fa2=s:0.5 | fa0=s:sub fcsr=3
fdiv.s fa0, fa1, fa2 | fa1=s:3 fa2=s:-2 | fa0=s:-1.5
fdiv.s fa0, fa1, fa2 | fa1=s:-1 fa2=s:0 | fa0=s:-inf fcsr=8
fdiv.s fa0, fa1, fa2 | fa1=s:0 fa2=s:0 | fa0=s:nan fcsr=0x10
fsqrt.s fa0, fa1 | fa1=s:6.25 | fa0=s:2.5
fsqrt.s fa0, fa1 | fa1=s:-1 | fa0=s:nan fcsr=0x10
fsqrt.s fa0, fa1 | fa1=s:-0 | fa0=s:-0
`).replaceAll(/^.*HALFMIN$/gm, '')}
fdiv.s fa0, fa1, fa2, rne | fa1=s:1 fa2=s:3 | fa0=0xffffffff3eaaaaab fcsr=1
fdiv.s fa0, fa1, fa2, rtz | fa1=s:1 fa2=s:3 | fa0=0xffffffff3eaaaaaa fcsr=1
fdiv.d fa0, fa1, fa2, rdn | fa1=d:1 fa2=d:3 | fa0=0x3fd5555555555555 fcsr=1
fdiv.d fa0, fa1, fa2, rup | fa1=d:1 fa2=d:3 | fa0=0x3fd5555555555556 fcsr=1
fdiv.d fa0, fa1, fa2, dyn | fa1=d:1 fa2=d:3 fcsr=0x60 | fa0=0x3fd5555555555556 fcsr=0x61

## fused multiply-add: one rounding, signs of product and sum
${both(`
fmadd.s fa0, fa1, fa2, fa3 | fa1=s:2 fa2=s:3 fa3=s:4 | fa0=s:10
fmsub.s fa0, fa1, fa2, fa3 | fa1=s:2 fa2=s:3 fa3=s:4 | fa0=s:2
fnmsub.s fa0, fa1, fa2, fa3 | fa1=s:2 fa2=s:3 fa3=s:4 | fa0=s:-2
fnmadd.s fa0, fa1, fa2, fa3 | fa1=s:2 fa2=s:3 fa3=s:4 | fa0=s:-10
fmadd.s fa0, fa1, fa2, fa3 | fa1=s:inf fa2=s:0 fa3=s:nan | fa0=s:nan fcsr=0x10
fmadd.s fa0, fa1, fa2, fa3 | fa1=s:max fa2=s:2 fa3=s:-max | fa0=s:max
`)}

## signs, minimum and maximum, comparisons
${both(`
fsgnj.s fa0, fa1, fa2 | fa1=s:1 fa2=s:-2 | fa0=s:-1
fsgnjn.s fa0, fa1, fa2 | fa1=s:1 fa2=s:-2 | fa0=s:1
fsgnjx.s fa0, fa1, fa2 | fa1=s:-1 fa2=s:-2 | fa0=s:1
fsgnj.s fa0, fa1, fa1 | fa1=s:snan | fa0=s:snan
fmin.s fa0, fa1, fa2 | fa1=s:0 fa2=s:-0 | fa0=s:-0
fmin.s fa0, fa1, fa2 | fa1=s:nan fa2=s:1 | fa0=s:1
fmin.s fa0, fa1, fa2 | fa1=s:snan fa2=s:1 | fa0=s:1 fcsr=0x10
fmax.s fa0, fa1, fa2 | fa1=s:-0 fa2=s:0 | fa0=s:0
fmax.s fa0, fa1, fa2 | fa1=s:nan fa2=s:nan | fa0=s:nan
feq.s a0, fa1, fa2 | fa1=s:0 fa2=s:-0 | a0=1
feq.s a0, fa1, fa2 | fa1=s:nan fa2=s:1 | a0=0
feq.s a0, fa1, fa2 | fa1=s:snan fa2=s:1 | a0=0 fcsr=0x10
flt.s a0, fa1, fa2 | fa1=s:-1 fa2=s:1 | a0=1
flt.s a0, fa1, fa2 | fa1=s:nan fa2=s:1 | a0=0 fcsr=0x10
fle.s a0, fa1, fa2 | fa1=s:1 fa2=s:1 | a0=1
fle.s a0, fa1, fa2 | fa1=s:1 fa2=s:-inf | a0=0
`)}
${both(CLASSES.map(([value, bit]) => `fclass.s a0, fa1 | fa1=s:${value} | a0=${2 ** bit}`).join('\n'))}

## a single that is not boxed counts as the canonical NaN
fadd.s fa0, fa1, fa2 | fa1=0x3f800000 fa2=s:1 | fa0=s:nan
fsgnj.s fa0, fa1, fa2 | fa1=0xfffffffe3f800000 fa2=s:-1 | fa0=0xffffffffffc00000
fclass.s a0, fa1 | fa1=0x3f800000 | a0=512
feq.s a0, fa1, fa1 | fa1=0x3f800000 | a0=0
fmv.x.w a0, fa1 | fa1=0x3f800000 | a0=0x3f800000
fsw fa1, 0(a1) | a1=0x80002000 fa1=0x123456783f800000 | m32[0x80002000]=0x3f800000

## conversions between floating point and integers
${both(`
fcvt.w.s a0, fa1, rtz | fa1=s:-1.5 | a0=-1 fcsr=1
fcvt.w.s a0, fa1, rne | fa1=s:2.5 | a0=2 fcsr=1
fcvt.w.s a0, fa1, rmm | fa1=s:2.5 | a0=3 fcsr=1
fcvt.w.s a0, fa1, rdn | fa1=s:-2.5 | a0=-3 fcsr=1
fcvt.w.s a0, fa1, rup | fa1=s:2.5 | a0=3 fcsr=1
fcvt.w.s a0, fa1 | fa1=s:nan | a0=0x7fffffff fcsr=0x10
fcvt.w.s a0, fa1 | fa1=s:-inf | a0=0xffffffff80000000 fcsr=0x10
fcvt.wu.s a0, fa1 | fa1=s:2147483648 | a0=0xffffffff80000000
fcvt.wu.s a0, fa1 | fa1=s:-1 | a0=0 fcsr=0x10
fcvt.wu.s a0, fa1 | fa1=s:inf | a0=-1 fcsr=0x10
fcvt.l.s a0, fa1 | fa1=s:-9223372036854775808 | a0=0x8000000000000000
fcvt.l.s a0, fa1 | fa1=s:9223372036854775808 | a0=0x7fffffffffffffff fcsr=0x10
fcvt.lu.s a0, fa1 | fa1=s:9223372036854775808 | a0=0x8000000000000000
fcvt.lu.s a0, fa1, rtz | fa1=s:-0.5 | a0=0 fcsr=1
fcvt.lu.s a0, fa1 | fa1=s:nan | a0=-1 fcsr=0x10
fcvt.s.w fa0, a1 | a1=0xffffffff00000002 | fa0=s:2
fcvt.s.w fa0, a1 | a1=-1 | fa0=s:-1
fcvt.s.wu fa0, a1 | a1=0xffffffff80000000 | fa0=s:2147483648
fcvt.s.l fa0, a1 | a1=0x8000000000000000 | fa0=s:-9223372036854775808
fcvt.s.lu fa0, a1 | a1=0x8000000000000000 | fa0=s:9223372036854775808
`)}
fcvt.s.w fa0, a1, rtz | a1=16777217 | fa0=s:16777216 fcsr=1
fcvt.s.wu fa0, a1, rup | a1=16777217 | fa0=s:16777218 fcsr=1
fcvt.s.l fa0, a1, rne | a1=-1 | fa0=s:-1
fcvt.d.w fa0, a1 | a1=0x80000000 | fa0=d:-2147483648
fcvt.d.lu fa0, a1, rne | a1=-1 | fa0=d:18446744073709551616 fcsr=1
fcvt.d.lu fa0, a1, rtz | a1=-1 | fa0=0x43efffffffffffff fcsr=1

## conversions between precisions, moves of bits
fcvt.s.d fa0, fa1 | fa1=d:1.5 | fa0=s:1.5
fcvt.s.d fa0, fa1 | fa1=d:max | fa0=s:inf fcsr=5
fcvt.s.d fa0, fa1 | fa1=d:snan | fa0=s:nan fcsr=0x10
fcvt.d.s fa0, fa1 | fa1=s:-1.5 | fa0=d:-1.5
fcvt.d.s fa0, fa1 | fa1=s:snan | fa0=d:nan fcsr=0x10
fmv.x.w a0, fa1 | fa1=s:-0 | a0=0xffffffff80000000
fmv.w.x fa0, a1 | a1=0x123456783f800000 | fa0=s:1
fmv.x.d a0, fa1 | fa1=0x8899aabbccddeeff | a0=0x8899aabbccddeeff
fmv.d.x fa0, a1 | ca1=0x80002000[rw,0x80002000-0x80002100] | fa0=0x80002000

## reserved rounding modes and FS off
${illegal()}

## a written f register makes a clean FS dirty
fadd.s fa0, fa1, fa2 | fa1=s:1 fa2=s:1 mstatus=0x4000 | fa0=s:2 mstatus=0x8000000a00006000
fmv.d.x fa0, a1 | a1=0 mstatus=0x2000 | fa0=0 mstatus=0x8000000a00006000
flw fa0, 0(a1) | a1=0x80002000 m32[0x80002000]=0 mstatus=0x2000 | fa0=s:0 mstatus=0x8000000a00006000
fmv.x.d a0, fa1 | fa1=7 mstatus=0x4000 | a0=7

## fflags, frm and fcsr are parts of one register
csrrw a0, fflags, a1 | a1=0xff fcsr=0x61 | a0=1 fcsr=0x7f
csrrw a0, frm, a1 | a1=0xff fcsr=0x61 | a0=3 fcsr=0xe1
csrrw a0, fcsr, a1 | a1=0xfff fcsr=0x61 | a0=0x61 fcsr=0xff
csrrsi a0, fflags, 0x12 | fcsr=0x61 | a0=1 fcsr=0x73
csrrci a0, frm, 1 | fcsr=0x61 | a0=3 fcsr=0x41
csrrs a0, fcsr, zero | mstatus=0 | trap 2
csrrwi zero, frm, 1 | mstatus=0 | trap 2

## fpclear zeroes the registers of its mask
fpclear 0, 0x81 || ft0=0 ft7=0
fpclear 1, 0xff || fs0=0 fs1=0 fa0=0 fa1=0 fa2=0 fa3=0 fa4=0 fa5=0
fpclear 3, 0x80 || ft11=0
fpclear 2, 0 ||
`;
