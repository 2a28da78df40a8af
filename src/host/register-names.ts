// Names of registers: ABI names of x, f and capability registers (RISC-V psABI), special capability registers
// (CHERI ISAv9) and CSRs (Privileged 1.12, N extension draft).
import * as csrNumbers from '../../assembly/riscv/csr-numbers.ts';
import {
  DDC,
  F,
  MEPCC,
  MSCRATCHC,
  MTCC,
  MTDC,
  PCC,
  SCR,
  SEPCC,
  SSCRATCHC,
  STCC,
  STDC,
  UEPCC,
  USCRATCHC,
  UTCC,
  UTDC,
  X,
} from '../../assembly/layout.ts';

export const X_NAMES: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');

export const F_NAMES: readonly string[] = (
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ' +
  'ft8 ft9 ft10 ft11'
).split(' ');

export const C_NAMES: readonly string[] = X_NAMES.map((name, index) => (index === 0 ? 'cnull' : `c${name}`));

/** Special capability registers by CSpecialRW number. */
export const SCR_NAMES: Readonly<Record<number, string>> = {
  0: 'pcc',
  1: 'ddc',
  4: 'utcc',
  5: 'utdc',
  6: 'uscratchc',
  7: 'uepcc',
  12: 'stcc',
  13: 'stdc',
  14: 'sscratchc',
  15: 'sepcc',
  28: 'mtcc',
  29: 'mtdc',
  30: 'mscratchc',
  31: 'mepcc',
};

const SCR_POINTERS: Readonly<Record<string, number>> = {
  pcc: PCC,
  ddc: DDC,
  utcc: UTCC,
  utdc: UTDC,
  uscratchc: USCRATCHC,
  uepcc: UEPCC,
  stcc: STCC,
  stdc: STDC,
  sscratchc: SSCRATCHC,
  sepcc: SEPCC,
  mtcc: MTCC,
  mtdc: MTDC,
  mscratchc: MSCRATCHC,
  mepcc: MEPCC,
};

/** Linear pointers of the structs of x/c registers, special capability registers; f registers apart. */
export const CAPABILITY_POINTERS: ReadonlyMap<string, number> = buildCapabilityPointers();
export const X_NUMBERS: ReadonlyMap<string, number> = numbering('x', X_NAMES, [['fp', 8]]);
export const F_NUMBERS: ReadonlyMap<string, number> = numbering('f', F_NAMES, []);

function numbering(letter: string, names: readonly string[], extra: [string, number][]): Map<string, number> {
  return new Map([
    ...names.map((_, index): [string, number] => [`${letter}${index}`, index]),
    ...names.map((name, index): [string, number] => [name, index]),
    ...extra,
  ]);
}

function buildCapabilityPointers(): Map<string, number> {
  const pointers = new Map<string, number>(Object.entries(SCR_POINTERS));
  for (let index = 0; index < 32; index++) {
    pointers.set(`c${index}`, X + index * 64);
    pointers.set(C_NAMES[index], X + index * 64);
  }
  pointers.set('cfp', X + 8 * 64);
  return pointers;
}

/** Linear pointer of x register `index`. */
export const xPointer = (index: number): number => X + index * 64;
export const fPointer = (index: number): number => F + index * 8;
export const scrPointer = (number: number): number => SCR + number * 64;

/** CSR numbers by name; the core's list, with its arrays of counters and PMP entries spelled out. */
export const CSR_NUMBERS: ReadonlyMap<string, number> = new Map(csrList());
export const CSR_NAMES: ReadonlyMap<number, string> = new Map([...CSR_NUMBERS].map(([name, number]) => [number, name]));

function csrList(): [string, number][] {
  const list = new Map<string, number>();
  for (const [name, number] of Object.entries(csrNumbers)) {
    if (/^CSR_/.test(name) && typeof number === 'number') list.set(name.slice(4).toLowerCase(), number);
  }
  for (const prefix of ['hpmcounter', 'mhpmcounter', 'mhpmevent']) {
    const first = list.get(`${prefix}3`);
    for (let index = 3; first !== undefined && index <= 31; index++) list.set(`${prefix}${index}`, first + index - 3);
  }
  for (let index = 0; index < 16; index++) list.set(`pmpaddr${index}`, csrNumbers.CSR_PMPADDR0 + index);
  return [...list];
}
