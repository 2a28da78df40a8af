// LR, SC and AMOs in every size and form; capabilities in memory have atomics too. Unprivileged chapter 8; CHERI ISAv9.
import { FORMS } from './memory.ts';

type Form = (typeof FORMS)[number];
// prettier-ignore
const SIZES: readonly (readonly [letter: string, bytes: number])[] = [['b', 1], ['h', 2], ['w', 4], ['d', 8]];
const OLD = '0x8899aabbccddeeff';
const LOADED: Readonly<Record<string, string>> = { b: '-1', h: '0xffffffffffffeeff', w: '0xffffffffccddeeff', d: OLD };
/** Forms with the address in parentheses and no offset: mode-dependent ones and explicit ones. */
const plain = ({ suffix }: Form): boolean => suffix === '';
const operand = ({ authority }: Form): string => (authority === 'ddc' ? '(a1)' : '(ca1)');
const address = (form: Form, at: string, permissions = 'rwRWL'): string =>
  form.authority === 'ddc' ? `a1=${at}` : `ca1=${at}[${permissions},0x80002000-0x80002100]`;

function pairs(form: Form): string {
  const { flags, suffix } = form;
  const store = (size: string, where = operand(form)): string =>
    plain(form) ? `sc.${size} a2, a3, ${where}` : `sc.${size}${suffix} a3, ${where}`;
  const code = plain(form) ? 'a2' : 'a3'; // explicit forms answer in the register they stored
  return SIZES.flatMap(([size, bytes]) => [
    `${flags}lr.${size}${suffix} a0, ${operand(form)} | ${address(form, '0x80002040')} m64[0x80002040]=${OLD} | a0=${LOADED[size]} reservation=held`,
    `${flags}lr.${size}${suffix} zero, ${operand(form)} | ${address(form, '0x80002040')} | reservation=held`,
    `${flags}lr.${size}${suffix} a0, ${operand(form)}; ${store(size)} | ${address(form, '0x80002040')} a3=0x1122334455667788 m64[0x80002040]=${OLD} ` +
      `| a0=${LOADED[size]} ${code}=0 m${8 * bytes}[0x80002040]=0x1122334455667788`,
    `${flags}${store(size)} | ${address(form, '0x80002040')} | ${code}=1`,
    `${flags}lr.${size}${suffix} zero, ${operand(form)}; addi a1, a1, ${bytes}; ${form.authority === 'ddc' ? '' : 'cincoffsetimm ca1, ca4, 0; '}${store(size)} ` +
      `| ${address(form, '0x80002040')} ca4=0x80002050[rw,0x80002000-0x80002100] | ${form.authority === 'ddc' ? `a1=0x${(0x80002040 + bytes).toString(16)}` : 'ca1=0x80002050[rw,0x80002000-0x80002100]'} ${code}=1`,
    bytes > 1 &&
      `${flags}lr.${size}${suffix} a0, ${operand(form)} | ${address(form, '0x80002041')} | trap 4 tval=0x80002041`,
    bytes > 1 && `${flags}${store(size)} | ${address(form, '0x80002041')} | trap 6 tval=0x80002041`,
  ])
    .filter((line) => line !== false)
    .join('\n');
}

// prettier-ignore
const AMOS: readonly (readonly [name: string, w: readonly [string, string], d: readonly [string, string]])[] = [
  // Memory holds OLD; results for the operand 0x7000000080000001 as [w, d].
  ['amoswap', ['0x80000001', ''], ['0x7000000080000001', '']],
  ['amoadd', ['0x4cddef00', ''], ['0xf899aabc4cddef00', '']],
  ['amoxor', ['0x4cddeefe', ''], ['0xf899aabb4cddeefe', '']],
  ['amoor', ['0xccddeeff', ''], ['0xf899aabbccddeeff', '']],
  ['amoand', ['0x80000001', ''], ['0x0000000080000001', '']],
  ['amomin', ['0x80000001', ''], [OLD, '']],
  ['amomax', ['0xccddeeff', ''], ['0x7000000080000001', '']],
  ['amominu', ['0x80000001', ''], ['0x7000000080000001', '']],
  ['amomaxu', ['0xccddeeff', ''], [OLD, '']],
];

function amos(form: Form): string {
  const place = operand(form);
  return AMOS.flatMap(([name, [word], [double]]) => [
    `${form.flags}${name}.w a0, a3, ${place} | ${address(form, '0x80002040')} a3=0x7000000080000001 m64[0x80002040]=${OLD} | a0=${LOADED.w} m32[0x80002040]=${word}`,
    `${form.flags}${name}.d a0, a3, ${place} | ${address(form, '0x80002040')} a3=0x7000000080000001 m64[0x80002040]=${OLD} | a0=${OLD} m64[0x80002040]=${double}`,
    `${form.flags}${name}.d.aqrl zero, zero, ${place} | ${address(form, '0x80002040')} m64[0x80002040]=0 | m64[0x80002040]=0`,
    `${form.flags}${name}.w a0, a3, ${place} | ${address(form, '0x80002042')} | trap 6 tval=0x80002042`,
    `${form.flags}${name}.d a0, a3, ${place} | ${address(form, '0x80002044')} | trap 6 tval=0x80002044`,
    `${form.flags}${name}.w a0, a3, ${place} | ${authority(form, '!0x80002040[rw,0x80002000-0x80002100]')} | capex tag ${form.authority}`,
    `${form.flags}${name}.w a0, a3, ${place} | ${authority(form, '0x80002040[rw,0x80002000-0x80002100]:7')} | capex seal ${form.authority}`,
    `${form.flags}${name}.w a0, a3, ${place} | ${authority(form, '0x80002040[w,0x80002000-0x80002100]')} | capex load ${form.authority}`,
    `${form.flags}${name}.d a0, a3, ${place} | ${authority(form, '0x80002040[r,0x80002000-0x80002100]')} | capex store ${form.authority}`,
    `${form.flags}${name}.d a0, a3, ${place} | ${authority(form, '0x80002040[rw,0x80002000-0x80002047]')} | capex length ${form.authority}`,
  ]).join('\n');
}

/** `capability` as authority, its own address as the address. */
function authority(form: Form, capability: string): string {
  return form.authority === 'ddc'
    ? `ddc=${capability} a1=${capability.replace('!', '').split('[')[0]}`
    : `ca1=${capability}`;
}

/** Capability checks of LR and SC come before alignment, and of SC before the reservation is looked at. */
function checks(form: Form): string {
  const { flags, suffix } = form;
  return SIZES.flatMap(([size, bytes]) => {
    const store = plain(form) ? `sc.${size} a2, a3, ${operand(form)}` : `sc.${size}${suffix} a3, ${operand(form)}`;
    const load = `lr.${size}${suffix} a0, ${operand(form)}`;
    const top = `0x${(0x80002040 + bytes - 1).toString(16)}`;
    const rungs: readonly (readonly [text: string, capability: string, check: string])[] = [
      [load, '!0x80002041[,0x80002000-0x80002010]:7', 'tag'],
      [load, '0x80002041[,0x80002000-0x80002010]:7', 'seal'],
      [load, '0x80002041[w,0x80002000-0x80002010]', 'load'],
      [load, `0x80002040[r,0x80002000-${top}]`, 'length'],
      [store, '!0x80002041[,0x80002000-0x80002010]:7', 'tag'],
      [store, '0x80002041[,0x80002000-0x80002010]:7', 'seal'],
      [store, '0x80002041[r,0x80002000-0x80002010]', 'store'],
      [store, `0x80002040[w,0x80002000-${top}]`, 'length'],
    ];
    return rungs.map(
      ([text, capability, check]) =>
        `${flags}${text} | ${authority(form, capability)} | capex ${check} ${form.authority}`,
    );
  }).join('\n');
}

const CAPABILITY = '0x80002010[GrwxRW,0x80002000-0x80002100]';
const LOCAL = '0x80002010[rwxRW,0x80002000-0x80002100]';

function capabilities(form: Form): string {
  const { flags, suffix } = form;
  const store = plain(form) ? `sc.c a2, ca3, ${operand(form)}` : `sc.c${suffix} ca3, ${operand(form)}`;
  const code = plain(form) ? 'a2' : 'a3';
  const at = address(form, '0x80002040');
  const swap = `amoswap.c ca0, ca3, ${operand(form)}`;
  const lines = [
    `${flags}lr.c${suffix} ca0, ${operand(form)} | ${at} mc[0x80002040]=${CAPABILITY} | ca0=${CAPABILITY} reservation=held`,
    `${flags}lr.c${suffix} ca0, ${operand(form)}; ${store} | ${at} ca3=${CAPABILITY} mc[0x80002040]=0x0[*,0x0-0x10] | ca0=0x0[*,0x0-0x10] ${code}=0 mc[0x80002040]=${CAPABILITY}`,
    `${flags}${store} | ${at} | ${code}=1`,
    `${flags}lr.c${suffix} ca0, ${operand(form)} | ${address(form, '0x80002048')} | trap 4 tval=0x80002048`,
    `${flags}${store} | ${address(form, '0x80002048')} | trap 6 tval=0x80002048`,
    // Without LoadCap the tag is lost; without StoreCap (StoreLocalCap) only untagged (global) ones can be stored.
    `${flags}lr.c${suffix} ca0, ${operand(form)} | ${authority(form, '0x80002040[r,0x80002000-0x80002100]')} mc[0x80002040]=${CAPABILITY} | ca0=!${CAPABILITY} reservation=held`,
    `${flags}${store} | ${authority(form, '0x80002040[w,0x80002000-0x80002100]')} ca3=${CAPABILITY} | capex storecap ${form.authority}`,
    `${flags}${store} | ${authority(form, '0x80002040[wW,0x80002000-0x80002100]')} ca3=${LOCAL} | capex storelocal ${form.authority}`,
    `${flags}${store} | ${authority(form, '0x80002040[w,0x80002000-0x80002100]')} ca3=!${CAPABILITY} | ${code}=1`,
    `${flags}${store} | ${authority(form, '0x80002040[wWL,0x80002000-0x8000204f]')} | capex length ${form.authority}`,
  ];
  if (plain(form))
    lines.push(
      `${flags}${swap} | ${at} ca3=${CAPABILITY} mc[0x80002040]=${LOCAL} | ca0=${LOCAL} mc[0x80002040]=${CAPABILITY}`,
      `${flags}${swap} | ${at} a3=5 | ca0=0x11223344556677c0[*,0x0-0x10000000000000000] mc[0x80002040]=5`,
      `${flags}${swap} | ${address(form, '0x80002048')} | trap 6 tval=0x80002048`,
      `${flags}${swap} | ${authority(form, '0x80002040[rw,0x80002000-0x80002100]')} ca3=${CAPABILITY} | capex storecap ${form.authority}`,
      `${flags}${swap} | ${authority(form, '0x80002040[rwRW,0x80002000-0x80002100]')} ca3=${LOCAL} | capex storelocal ${form.authority}`,
      `${flags}${swap} | ${authority(form, '0x80002040[wRW,0x80002000-0x80002100]')} ca3=${CAPABILITY} | capex load ${form.authority}`,
      `${flags}${swap} | ${authority(form, '0x80002040[rRW,0x80002000-0x80002100]')} ca3=${CAPABILITY} | capex store ${form.authority}`,
      `${flags}${swap} | ${authority(form, '0x80002040[rwW,0x80002000-0x80002100]')} ca3=${CAPABILITY} mc[0x80002040]=${LOCAL} | ca0=!${LOCAL} mc[0x80002040]=${CAPABILITY}`,
    );
  return lines.join('\n');
}

const title = ({ flags, suffix, authority: by }: Form): string => `${flags}*${suffix} through ${by}`;

export const ATOMIC = `
${FORMS.map((form) => `## lr and sc, ${title(form)}\n${pairs(form)}\n## lr and sc checks, ${title(form)}\n${checks(form)}`).join('\n')}
${FORMS.filter(plain)
  .map((form) => `## amos, ${title(form)}\n${amos(form)}`)
  .join('\n')}
${FORMS.map((form) => `## capabilities, ${title(form)}\n${capabilities(form)}`).join('\n')}

## a second sc finds no reservation
lr.d a0, (a1); sc.d zero, zero, (a1); sc.d a2, zero, (a1) | a1=0x80002040 m64[0x80002040]=7 | a0=7 a2=1 m64[0x80002040]=0

## the answer of sc wins over its operand when they are one register
lr.d zero, (a1); sc.d a3, a3, (a1) | a1=0x80002040 a3=9 | a3=0 m64[0x80002040]=9

## atomics need memory
lr.d a0, (a1) | a1=0x90000000 | trap 5 tval=0x90000000
amoadd.d a0, a2, (a1) | a1=0x90000000 | trap 7 tval=0x90000000
amoadd.w a0, a2, (a1) | a1=0x10000000 | trap 7 tval=0x10000000
`;
