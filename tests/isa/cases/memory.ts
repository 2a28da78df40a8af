// Loads and stores of data through DDC, through a capability register, and in capability mode: values, tags cleared by
// stores, misaligned accesses, and each rung of the check ladder (ISAv9: tag, seal, permission, bounds).

// m64[0x80002040] is set to this; loads read it, also misaligned.
const VALUE = '0x8899aabbccddeeff';
const BYTES = [0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88];

// prettier-ignore
const LOADS: readonly (readonly [name: string, size: number, signed: boolean])[] = [
  ['lb', 1, true], ['lh', 2, true], ['lw', 4, true], ['ld', 8, true], ['lbu', 1, false], ['lhu', 2, false], ['lwu', 4, false],
];
const STORES: readonly (readonly [name: string, size: number])[] = [
  ['sb', 1],
  ['sh', 2],
  ['sw', 4],
  ['sd', 8],
];

function loaded(size: number, signed: boolean, offset = 0): string {
  const little = BYTES.slice(offset, offset + size).reduce((sum, byte, i) => sum | (BigInt(byte) << BigInt(8 * i)), 0n);
  return `0x${BigInt.asUintN(64, signed ? BigInt.asIntN(8 * size, little) : little).toString(16)}`;
}

/** The four ways to name an address, as [flags, suffix of the name, operand, register holding the authority]. */
type Form = {
  flags: string;
  suffix: string;
  operand: (offset: number) => string;
  authority: 'ddc' | 'ca1';
  base: string;
};
const IMMEDIATE =
  (register: string) =>
  (offset: number): string =>
    `${offset}(${register})`;
export const FORMS: readonly Form[] = [
  { flags: '', suffix: '', operand: IMMEDIATE('a1'), authority: 'ddc', base: 'a1=' },
  { flags: '', suffix: '.ddc', operand: () => '(a1)', authority: 'ddc', base: 'a1=' },
  { flags: 'cap: ', suffix: '.ddc', operand: () => '(a1)', authority: 'ddc', base: 'a1=' },
  { flags: '', suffix: '.cap', operand: () => '(ca1)', authority: 'ca1', base: 'ca1=' },
  { flags: 'cap: ', suffix: '.cap', operand: () => '(ca1)', authority: 'ca1', base: 'ca1=' },
  { flags: 'cap: ', suffix: '', operand: IMMEDIATE('ca1'), authority: 'ca1', base: 'ca1=' },
];

const address = (form: Form, at: string): string =>
  form.authority === 'ddc' ? `a1=${at}` : `ca1=${at}[rw,0x80002000-0x80002100]`;

function values(form: Form): string {
  const withOffset = form.operand(8) !== form.operand(0);
  const loads = LOADS.flatMap(([name, size, signed]) => [
    `${form.flags}${name}${form.suffix} a0, ${form.operand(0)} | ${address(form, '0x80002040')} m64[0x80002040]=${VALUE} | a0=${loaded(size, signed)}`,
    withOffset &&
      `${form.flags}${name} a0, ${form.operand(-16)} | ${address(form, '0x80002050')} m64[0x80002040]=${VALUE} | a0=${loaded(size, signed)}`,
    size < 8 &&
      `${form.flags}${name}${form.suffix} a0, ${form.operand(0)} | ${address(form, '0x80002041')} m64[0x80002040]=${VALUE} | a0=${loaded(size, signed, 1)}`,
    `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${address(form, '0x80002040')} |`,
  ]);
  const stores = STORES.flatMap(([name, size]) => [
    `${form.flags}${name}${form.suffix} a2, ${form.operand(0)} | ${address(form, '0x80002010')} a2=${VALUE} | m${8 * size}[0x80002010]=${VALUE}`,
    withOffset &&
      `${form.flags}${name} a2, ${form.operand(24)} | ${address(form, '0x80002010')} a2=${VALUE} | m${8 * size}[0x80002028]=${VALUE}`,
    `${form.flags}${name}${form.suffix} a2, ${form.operand(0)} | ${address(form, '0x8000201d')} a2=${VALUE} | m${8 * size}[0x8000201d]=${VALUE}`,
    `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${address(form, '0x80002010')} | m${8 * size}[0x80002010]=0`,
  ]);
  return [...loads, ...stores].filter((line) => line !== false).join('\n');
}

/** A capability for the authority that lets everything pass but one thing. */
// prettier-ignore
const AUTHORITY: readonly (readonly [broken: string, capability: string, load: string, store: string])[] = [
  ['untagged', '!0x80002010[rw,0x80002000-0x80002100]', 'tag', 'tag'],
  ['sealed', '0x80002010[rw,0x80002000-0x80002100]:7', 'seal', 'seal'],
  ['a sentry', '0x80002010[rw,0x80002000-0x80002100]:sentry', 'seal', 'seal'],
  ['without permissions', '0x80002010[x,0x80002000-0x80002100]', 'load', 'store'],
  ['below', '0x80002010[rw,0x80002011-0x80002100]', 'length', 'length'],
  ['above', '0x80002010[rw,0x80002000-0x80002010]', 'length', 'length'],
];

/** Untagged beats sealed beats permissions beats bounds: every rung with all rungs below it broken as well. */
const LADDER: readonly (readonly [string, string, string])[] = [
  ['!0x80002010[,0x80002000-0x80002010]:7', 'tag', 'tag'],
  ['0x80002010[,0x80002000-0x80002010]:7', 'seal', 'seal'],
  ['0x80002010[,0x80002000-0x80002010]', 'load', 'store'],
];

function traps(form: Form): string {
  const given = (capability: string): string =>
    form.authority === 'ddc' ? `ddc=${capability} a1=0x80002010` : `ca1=${capability}`;
  const rungs = [...AUTHORITY.map(([, ...rest]) => rest), ...LADDER];
  const lines = rungs.flatMap(([capability, load, store]) => [
    ...LOADS.map(
      ([name]) =>
        `${form.flags}${name}${form.suffix} a0, ${form.operand(0)} | ${given(capability)} | capex ${load} ${form.authority}`,
    ),
    ...STORES.map(
      ([name]) =>
        `${form.flags}${name}${form.suffix} a2, ${form.operand(0)} | ${given(capability)} | capex ${store} ${form.authority}`,
    ),
  ]);
  return lines.join('\n');
}

/** The last byte of an access must be inside too; one permission does not stand for the other. */
function edges(form: Form): string {
  const given = (top: number, permissions: string): string => {
    const text = `0x80002010[${permissions},0x80002000-0x${(0x80002010 + top).toString(16)}]`;
    return form.authority === 'ddc' ? `ddc=${text} a1=0x80002010` : `ca1=${text}`;
  };
  return [
    ...LOADS.flatMap(([name, size]) => [
      `${form.flags}${name}${form.suffix} a0, ${form.operand(0)} | ${given(size - 1, 'r')} | capex length ${form.authority}`,
      `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${given(size, 'r')} |`,
      `${form.flags}${name}${form.suffix} a0, ${form.operand(0)} | ${given(size, 'w')} | capex load ${form.authority}`,
    ]),
    ...STORES.flatMap(([name, size]) => [
      `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${given(size - 1, 'w')} | capex length ${form.authority}`,
      `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${given(size, 'w')} | m${8 * size}[0x80002010]=0`,
      `${form.flags}${name}${form.suffix} zero, ${form.operand(0)} | ${given(size, 'r')} | capex store ${form.authority}`,
    ]),
  ].join('\n');
}

const formName = ({ flags, suffix, authority }: Form): string => `${flags}l*${suffix} and s*${suffix} (${authority})`;

const FLOAT_FORMS = [FORMS[0], FORMS[5]] as const;

function floats(form: Form): string {
  const f = form.flags;
  return `
${f}flw fa0, ${form.operand(0)} | ${address(form, '0x80002040')} m64[0x80002040]=${VALUE} | fa0=0xffffffffccddeeff
${f}flw fa0, ${form.operand(-3)} | ${address(form, '0x80002043')} m64[0x80002040]=0x3f800000 | fa0=s:1
${f}fld fa0, ${form.operand(0)} | ${address(form, '0x80002040')} m64[0x80002040]=${VALUE} | fa0=${VALUE}
${f}fsw fa0, ${form.operand(4)} | ${address(form, '0x80002010')} fa0=0x1122334455667788 | m32[0x80002014]=0x55667788
${f}fsd fa0, ${form.operand(1)} | ${address(form, '0x80002010')} fa0=${VALUE} | m64[0x80002011]=${VALUE}
${f}flw fa0, ${form.operand(0)} | ${address(form, '0x80002040')} mstatus=0 | trap 2
${f}fld fa0, ${form.operand(0)} | ${address(form, '0x80002040')} mstatus=0 | trap 2
${f}fsw fa0, ${form.operand(0)} | ${address(form, '0x80002040')} mstatus=0 | trap 2
${f}fsd fa0, ${form.operand(0)} | ${address(form, '0x80002040')} mstatus=0 | trap 2`;
}

function floatTraps(form: Form): string {
  return AUTHORITY.flatMap(([, capability, load, store]) => {
    const given = form.authority === 'ddc' ? `ddc=${capability} a1=0x80002010` : `ca1=${capability}`;
    return [
      ['flw', load],
      ['fld', load],
      ['fsw', store],
      ['fsd', store],
    ].map(
      ([name, check]) => `${form.flags}${name} fa0, ${form.operand(0)} | ${given} | capex ${check} ${form.authority}`,
    );
  }).join('\n');
}

const UNMAPPED = '0x90000000';

export const MEMORY = `
${FORMS.map((form) => `## ${formName(form)}: values\n${values(form)}`).join('\n')}
${FORMS.map((form) => `## ${formName(form)}: checks\n${traps(form)}`).join('\n')}
${FORMS.map((form) => `## ${formName(form)}: bounds and permissions\n${edges(form)}`).join('\n')}
${FLOAT_FORMS.map((form) => `## ${(form as Form).flags}flw, fld, fsw, fsd\n${floats(form as Form)}\n${floatTraps(form as Form)}`).join('\n')}

## where nothing is, an access fault with the address
ld a0, 0(a1) | a1=${UNMAPPED} | trap 5 tval=${UNMAPPED}
ld a0, 8(a1) | a1=${UNMAPPED} | trap 5 tval=0x90000008
lb a0, 0(a1) | a1=0x7fffffff | trap 5 tval=0x7fffffff
sd a0, 0(a1) | a1=${UNMAPPED} | trap 7 tval=${UNMAPPED}
fld fa0, 0(a1) | a1=${UNMAPPED} | trap 5 tval=${UNMAPPED}
fsw fa0, 0(a1) | a1=${UNMAPPED} | trap 7 tval=${UNMAPPED}
lw a0, 0(a1) | a1=0x800ffffe | trap 5 tval=0x80100000
sw a0, 0(a1) | a1=0x800ffffe | trap 7 tval=0x80100000
ld a0, 0(a1) | a1=0x800ffff8 |a0=0

## a load replaces a capability by an integer
lb a1, 0(a1) | a1=0x80002040 m64[0x80002040]=${VALUE} | a1=-1
cap: lbu a1, 0(ca1) | ca1=0x80002040[rw,0x80002000-0x80002100] m64[0x80002040]=${VALUE} | a1=0xff
`;
