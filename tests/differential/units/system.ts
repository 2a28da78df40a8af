// Units of the privileged architecture: CSRs and their legal values, environment calls, privilege changes, interrupts.
import { CSR_NUMBERS, csrNumber } from '../memory-map.ts';
import { pairedDelegation, UNDUMPED_CSRS } from '../differences.ts';
import {
  instruction,
  anyRegister,
  destination,
  loadConstant,
  rawInstruction,
  sizeOf,
  target,
  type Context,
  type Instruction,
  type Privilege,
  type Unit,
} from '../snippet.ts';
import { integer } from '../values.ts';

// Bits of mstatus.
const SIE = 1n << 1n,
  MIE = 1n << 3n,
  SPIE = 1n << 5n,
  MPIE = 1n << 7n,
  SPP = 1n << 8n,
  MPP = 3n << 11n,
  FS = 3n << 13n;
const SUM = 1n << 18n,
  MXR = 1n << 19n,
  TVM = 1n << 20n,
  TW = 1n << 21n,
  TSR = 1n << 22n;
const SSTATUS_BITS = [SIE, SPIE, SPP, FS, FS, 1n << 13n, SUM, MXR];
const MSTATUS_BITS = [...SSTATUS_BITS, MPIE, TVM, TW, TSR];

/** CSRs any value may be written to, and the bits of it that both machines define. */
const WRITABLE: Readonly<Record<string, bigint>> = {
  mscratch: ~0n,
  sscratch: ~0n,
  mepc: ~1n,
  sepc: ~1n,
  mtval: ~0n,
  stval: ~0n,
  mcause: ~0n,
  scause: ~0n,
  medeleg: 0xb1ffn,
  mideleg: 0x222n,
  mie: 0xaaan,
  sie: 0x222n,
  mcounteren: 7n,
  scounteren: 7n,
};

const OPERATIONS = ['csrrw', 'csrrs', 'csrrc'];
const csr = (name: string, d: number, s: number, number: number): Instruction => instruction(name, { d, s, i: number });

/** Any of the six instructions on a CSR whose bits are compared afterwards. */
export function access(context: Context): Unit {
  const { random } = context;
  const name = random.pick(Object.keys(WRITABLE));
  const s = target(context);
  const d = target(context);
  const bits = integer(random) & (WRITABLE[name] as bigint);
  const value = name === 'medeleg' ? pairedDelegation(bits) : bits;
  if (name !== 'medeleg' && random.chance(0.25)) {
    const z = Number(value & 31n);
    return [instruction(`${random.pick(OPERATIONS)}i`, { d: destination(context), z, i: csrNumber(name) })];
  }
  const source = random.chance(0.15) ? 0 : s;
  return [...loadConstant(s, value), csr(random.pick(OPERATIONS), d, source, csrNumber(name))];
}

/** Sets or clears status bits; MPP is moved through legal values only. */
export function status(context: Context): Unit {
  const { random } = context;
  const supervisor = random.chance(0.5);
  const s = target(context);
  const d = destination(context);
  const number = csrNumber(supervisor ? 'sstatus' : 'mstatus');
  const bits = random.pick(supervisor ? SSTATUS_BITS : MSTATUS_BITS) | random.pick([0n, SUM, MXR, FS, FS]);
  const change = [...loadConstant(s, bits), csr(random.pick(['csrrs', 'csrrc', 'csrrs']), d === s ? 0 : d, s, number)];
  // Of FS only Off is compared: see differences.ts.
  if (d !== 0 && d !== s) change.push(...loadConstant(s, ~((1n << 63n) | FS)), instruction('and', { d, s: d, t: s }));
  if (supervisor || random.chance(0.6)) return change;
  const mode = random.pick([0n, 1n, 3n]);
  return [
    ...loadConstant(s, MPP),
    csr('csrrc', 0, s, number),
    ...loadConstant(s, mode << 11n),
    csr('csrrs', 0, s, number),
  ];
}

/** Does a read (or a write of a read-only CSR) trap? The value is thrown away. */
export function existence(context: Context): Unit {
  const { random } = context;
  const number = random.chance(0.6) ? random.pick(Object.values(CSR_NUMBERS)) : random.below(0x1000);
  if (UNDUMPED_CSRS.some(([low, high]) => number >= low && number <= high)) return status(context);
  if (number >>> 10 === 3 && random.chance(0.3)) return [csr('csrrw', 0, anyRegister(context), number)];
  return [csr(random.pick(['csrrs', 'csrrc']), 0, 0, number)];
}

/** Writes an odd value to a CSR the runtime needs, reads it back, and restores it. */
export function legalised(context: Context): Unit {
  const { random, privilege } = context;
  const [saved, value, read] = [target(context), target(context), target(context)];
  if (new Set([saved, value, read]).size < 3 || privilege !== 3) return access(context);
  const [name, bits] = random.pick<[string, bigint]>([
    ['mtvec', integer(random) & ~2n],
    ['stvec', integer(random) & ~2n],
    ['mcountinhibit', integer(random) & 5n],
    ['satp', (random.pick([0n, 8n, 1n, 2n, 7n, 12n, 15n]) << 60n) | (random.u64() & 0xfff_ffff_ffffn)],
  ]);
  const number = csrNumber(name);
  return [
    ...loadConstant(value, bits),
    csr('csrrs', saved, 0, number),
    csr('csrrw', 0, value, number),
    csr('csrrs', read, 0, number),
    csr('csrrw', 0, saved, number),
  ];
}

export function environment(context: Context): Unit {
  return [instruction(context.random.pick(['ecall', 'ebreak', 'c.ebreak', 'ecall']))];
}

/** sfence.vma, fence in all its forms, fence.i, and the privileged instructions where they are illegal. */
export function fences(context: Context): Unit {
  const { random, privilege } = context;
  const t = random.pick([0, anyRegister(context)]);
  const s = random.pick([0, anyRegister(context)]);
  return [
    random.weighted([
      [3, () => instruction('sfence.vma', { s, t })],
      [2, () => instruction('fence', { p: random.below(16), w: random.below(16) })],
      [1, () => instruction('fence.tso')],
      [1, () => instruction('fence.i')],
      [1, () => rawInstruction(0x0100_000f, 4, 'pause')],
      [1, () => (privilege === 3 ? instruction('fence') : instruction('mret'))],
      [1, () => (privilege === 0 ? instruction('sret') : instruction('fence.i'))],
    ])(),
  ];
}

/** To a lower (or the same) privilege by mret or sret; the instructions that follow run there. */
export function descend(context: Context): Unit {
  const { random, privilege, translated } = context;
  if (privilege === 0) return environment(context);
  const machine = privilege === 3;
  const [status, epc, leave] = machine ? ['mstatus', 'mepc', 'mret'] : ['sstatus', 'sepc', 'sret'];
  const s = target(context);
  // Under translation the pages of the code belong to one privilege, so only that one can go on.
  const mode = machine ? random.pick(translated ? [3n] : [0n, 1n, 3n]) : translated ? 1n : random.pick([0n, 1n]);
  context.privilege = Number(mode) as Privilege;
  const field = machine ? MPP : SPP;
  const unit = [
    ...loadConstant(s, field),
    csr('csrrc', 0, s, csrNumber(status as string)),
    ...loadConstant(s, machine ? mode << 11n : mode << 8n),
    csr('csrrs', 0, s, csrNumber(status as string)),
  ];
  const tail = [csr('csrrw', 0, s, csrNumber(epc as string)), instruction(leave as string)];
  return [
    ...unit,
    instruction('auipc', { d: s, i: 0 }),
    instruction('addi', { d: s, s, i: 8 + sizeOf(tail) }),
    ...tail,
  ];
}

/** One interrupt: made pending, enabled, taken at once (or not, if the mode masks it). */
export function interrupt(context: Context): Unit {
  const { random, privilege } = context;
  const s = target(context);
  if (privilege === 0) return environment(context);
  const [ip, ie, st, enable] =
    privilege === 3 ? ['mip', 'mie', 'mstatus', random.pick([MIE, SIE])] : ['sip', 'sie', 'sstatus', SIE];
  const bits = privilege === 3 ? random.pick([2n, 0x20n, 0x200n]) : 2n;
  const steps: Instruction[][] = [
    [...loadConstant(s, bits), csr('csrrs', 0, s, csrNumber(ip as string))],
    [...loadConstant(s, bits), csr('csrrs', 0, s, csrNumber(ie as string))],
    [...loadConstant(s, enable as bigint), csr('csrrs', 0, s, csrNumber(st as string))],
  ];
  const off = [
    ...loadConstant(s, bits),
    csr('csrrc', 0, s, csrNumber(ip as string)),
    ...loadConstant(s, enable as bigint),
    csr('csrrc', 0, s, csrNumber(st as string)),
  ];
  return [...random.shuffle(steps).flat(), ...off];
}

/** Counts retired instructions between two reads; nothing in between may trap. */
export function retired(context: Context): Unit {
  const { random } = context;
  const first = target(context);
  const second = target(context, first);
  if (context.privilege !== 3) return environment(context);
  const number = random.pick([csrNumber('minstret'), csrNumber('instret')]);
  const inside = Array.from({ length: random.between(0, 9) }, () =>
    instruction(random.pick(['c.addi', 'addi']), { d: second, s: second, i: 1 }),
  );
  return [
    csr('csrrs', first, 0, number),
    ...inside,
    csr('csrrs', second, 0, number),
    instruction('sub', { d: second, s: second, t: first }),
    instruction('addi', { d: first, s: 0, i: 0 }),
  ];
}
