// Lines of prog, sv39, sv39q, reloc and utrap files: a whole machine state, a program, and the state at its first
// trap into machine mode. Protocol: tests/vectors/README.md, "prog / sv39 fields and the run protocol".
import { CAP_STATE, FCSR, STATE_TAG } from '../../../assembly/layout.ts';
import { ALMIGHTY_CAPABILITY, parseRaw } from '../capability.ts';
import type { RawCapability } from '../capability.ts';
import { InternalError, VectorError } from '../errors.ts';
import type { Machine } from '../machine.ts';
import type { MachineOptions } from '../machine-options.ts';
import { CSR_NUMBERS, fPointer, SCR_NAMES, X_NUMBERS, xPointer } from '../register-names.ts';
import { Comparison } from './difference.ts';
import { hexField, parseHex, textField } from './vector-file.ts';

type Fields = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

const CODE_PAGE = 0x8010_0000n;
const CODE_BYTES = 0x800;
const C_EBREAK = 0x9002;
const START = 0x8010_0ff0n;
const MRET = 0x30200073;
/** Where the CSpecialRW instructions lie that set and read special registers; a page that programs leave alone. */
const SPECIAL = 0x8010_0f00n;
const CSPECIALRW = 0x0200005b;
const SCR_NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries(SCR_NAMES).map(([number, name]) => [name, Number(number)]),
);
const MEMORY_PAGE_BYTES = 4096;
const GRANULES = 64;
const BUDGET = 1_000_000n;

const PAGE_TABLE_ROOT = 0x8030_0000n;
const PAGE_TABLE_MIDDLE = 0x8030_1000n;
const PAGE_TABLE_LEAF = 0x8030_2000n;
const LEAF_ENTRIES = 16;
const PTE_VALID = 1n;
const PTE_USER = 0x10n;
/** V R W X A D and the capability bits 63, 62 and 61 over the gigapage of RAM. */
const PTE_IDENTITY = 0xe000_0000_2000_00cfn;

const STATUS_MPIE = 1n << 7n;
const STATUS_FS = 3n << 13n;
const STATUS_MPP_SHIFT = 11n;
const MIE_MTIE = 1n << 7n;
const PMP_ALL = 0x1fn;

/**
 * Machine configuration that a line names. sv39q is told from sv39 by its id: the fields are the same. A line that
 * only one model confirms has that model's deviations. Both models had the bit-manipulation extensions.
 */
export function programMachineOptions(fields: Fields, hardwareAD: boolean): MachineOptions {
  const registers = fields.regs as Texts;
  return {
    memory: '64M',
    addressing: fields.relocation === 1 ? 'relocated' : 'absolute',
    sMode: fields.s_mode !== 0,
    userTraps: registers !== undefined && 'utcc' in registers,
    sedelegWide: fields.sedeleg_wide === 1,
    hardwareAD,
    bitManipulation: true,
    like: fields.verified === 'sail' || fields.verified === 'qemu' ? fields.verified : undefined,
    stopOnMachineTrap: true,
    tohost: null,
  };
}

/** Sets the machine up as the line says, runs to the first trap, compares everything. */
export function runProgramLine(machine: Machine, fields: Fields): Comparison {
  const comparison = new Comparison(machine);
  machine.reset();
  placeMemory(machine, fields);
  placePageTables(machine, fields);
  setRegisters(machine, fields);
  // An mret starts the program: it sets the privilege, unseals a sentry and puts the flag in force.
  machine.registers.setCapability('pcc', { ...ALMIGHTY_CAPABILITY, address: START });
  machine.runSync({ budget: 1 });
  const stop = machine.runSync({ budget: BUDGET });
  if (stop.reason === 'trap') compareState(machine, fields, comparison);
  else comparison.text('end', 'a trap into machine mode', stop.explain());
  return comparison;
}

function placeMemory(machine: Machine, fields: Fields): void {
  const code = new Uint8Array(CODE_BYTES);
  for (let at = 0; at < CODE_BYTES; at += 2) code.set([C_EBREAK & 0xff, C_EBREAK >> 8], at);
  const offset = Number(hexField(fields, 'prog_addr') - CODE_PAGE);
  const program = parseBytes(textField(fields, 'prog'));
  if (offset < 0 || offset + program.length > CODE_BYTES) throw new VectorError('the program lies outside its page');
  code.set(program, offset);
  machine.memory.write(CODE_PAGE, code);
  machine.memory.writeU32(START, MRET);
  const base = hexField(fields, 'mem_addr');
  machine.memory.fill(base, MEMORY_PAGE_BYTES);
  for (const [at, text] of Object.entries(objectField(fields, 'mem'))) {
    machine.memory.writeCapability(base + parseHex(at, 'mem'), parseCapability(text, `mem ${at}`));
  }
}

function placePageTables(machine: Machine, fields: Fields): void {
  if (fields.satp === undefined) return;
  const { memory } = machine;
  memory.fill(PAGE_TABLE_ROOT, 3 * MEMORY_PAGE_BYTES);
  memory.writeU64(PAGE_TABLE_ROOT + 16n, PTE_IDENTITY | (fields.priv === 0 ? PTE_USER : 0n));
  if (fields.pte_l0 === undefined) return;
  memory.writeU64(PAGE_TABLE_ROOT + 8n, tablePointer(PAGE_TABLE_MIDDLE));
  memory.writeU64(PAGE_TABLE_MIDDLE, tablePointer(PAGE_TABLE_LEAF));
  leafEntries(fields).forEach((entry, index) => memory.writeU64(PAGE_TABLE_LEAF + BigInt(index * 8), entry));
}

const tablePointer = (table: bigint): bigint => ((table >> 12n) << 10n) | PTE_VALID;

const leafEntries = (fields: Fields): bigint[] =>
  (fields.pte_l0 as { pte: string[] }).pte.map((text) => parseHex(text, 'pte_l0'));

function setRegisters(machine: Machine, fields: Fields): void {
  const { core } = machine;
  const csr = (name: string, value: bigint): void => core.exports.csrSet(CSR_NUMBERS.get(name)!, value);
  const optional = (name: string): void => {
    if (fields[name] !== undefined) csr(name, hexField(fields, name));
  };
  csr('pmpaddr0', (1n << 54n) - 1n);
  csr('pmpcfg0', PMP_ALL);
  const userStatus = fields.ustatus === undefined ? 0n : hexField(fields, 'ustatus');
  csr('mstatus', STATUS_MPIE | STATUS_FS | (BigInt(Number(fields.priv)) << STATUS_MPP_SHIFT) | userStatus);
  for (const name of ['medeleg', 'mideleg', 'sedeleg', 'sideleg', 'sscratch', 'uscratch', 'satp']) optional(name);
  csr('mie', MIE_MTIE | (fields.mideleg === undefined ? 0n : hexField(fields, 'mideleg') & 1n));
  core.writeU32(FCSR, Number(fields.fcsr));
  (fields.f as string[]).forEach((bits, index) => core.writeU64(fPointer(index), parseHex(bits, `f${index}`)));
  const { special, general } = registerFields(fields);
  setGeneral(
    machine,
    special.map(([, text], index): [string, string] => [`x${index + 1}`, text]),
  );
  runSpecial(
    machine,
    special.map(([name], index) => specialWord(name === 'pcc' ? 'mepcc' : name, 0, index + 1)),
  );
  setGeneral(machine, general);
}

/** Registers of a line: x1 to x31, and the special ones, which only CSpecialRW reaches. */
function registerFields(fields: Fields): { special: [string, string][]; general: [string, string][] } {
  const entries = Object.entries(objectField(fields, 'regs'));
  const isGeneral = ([name]: [string, string]): boolean => X_NUMBERS.has(name);
  return { general: entries.filter(isGeneral), special: entries.filter((entry) => !isGeneral(entry)) };
}

function setGeneral({ core }: Machine, registers: readonly (readonly [string, string])[]): void {
  for (const [name, text] of registers) {
    const value = parseCapability(text, name);
    core.exports.capSet(xPointer(X_NUMBERS.get(name)!), value.high, value.address, value.tag ? 1 : 0);
  }
  core.exports.synchronize();
}

/** Word of `cspecialrw cd, scr, cs1`. */
function specialWord(name: string, destination: number, source: number): number {
  const number = SCR_NUMBERS.get(name);
  if (number === undefined) throw new VectorError(`unknown register ${JSON.stringify(name)}`);
  return (CSPECIALRW | (number << 20) | (source << 15) | (destination << 7)) >>> 0;
}

/** Executes CSpecialRW instructions in machine mode under an almighty PCC: they legalise what they write and read. */
function runSpecial(machine: Machine, words: readonly number[]): void {
  words.forEach((word, index) => machine.memory.writeU32(SPECIAL + BigInt(index * 4), word));
  machine.registers.setCapability('pcc', { ...ALMIGHTY_CAPABILITY, address: SPECIAL });
  const stop = machine.runSync({ budget: words.length });
  if (stop.reason !== 'budget') throw new InternalError(`conform: cannot set special registers: ${stop.explain()}`);
}

function compareState(machine: Machine, fields: Fields, comparison: Comparison): void {
  const expect = fields.expect as Fields;
  const { core } = machine;
  const csr = (name: string): bigint => BigInt.asUintN(64, core.exports.csrGet(CSR_NUMBERS.get(name)!));
  comparison.number('mcause', BigInt(Number(expect.mcause)), csr('mcause'));
  if (typeof expect.mtval === 'string') comparison.number('mtval', parseHex(expect.mtval, 'mtval'), csr('mtval'));
  comparison.number('mstatus', hexField(expect, 'mstatus'), csr('mstatus'));
  comparison.number('fcsr', BigInt(Number(expect.fcsr)), BigInt(core.readU32(FCSR)));
  if (expect.mepc !== undefined) comparison.number('mepc', hexField(expect, 'mepc'), csr('mepc'));
  compareFloats(machine, fields, expect, comparison);
  compareMemory(machine, fields, expect, comparison);
  comparePageTable(machine, fields, expect, comparison);
  for (const [name, text] of Object.entries((expect.csr ?? {}) as Record<string, string | null>)) {
    if (text === null) continue;
    const actual = name === 'mip_usip' ? csr('mip') & 1n : name === 'mie_usie' ? csr('mie') & 1n : csr(name);
    comparison.number(name, parseHex(text, name), actual);
  }
  compareRegisters(machine, fields, expect, comparison);
}

/** Whatever `expect` does not list has its initial value. Reads the special registers last: into x registers. */
function compareRegisters(machine: Machine, fields: Fields, expect: Fields, comparison: Comparison): void {
  const expected = { ...objectField(fields, 'regs'), ...objectField(expect, 'regs') };
  const { general, special } = registerFields({ regs: expected });
  for (const [name, text] of general) {
    comparison.capability(name, parseCapability(text, name), readCapability(machine, X_NUMBERS.get(name)!));
  }
  const readable = special.filter(([name]) => name !== 'pcc');
  runSpecial(
    machine,
    readable.map(([name], index) => specialWord(name, index + 1, 0)),
  );
  readable.forEach(([name, text], index) => {
    comparison.capability(name, parseCapability(text, name), readCapability(machine, index + 1));
  });
}

function compareFloats(machine: Machine, fields: Fields, expect: Fields, comparison: Comparison): void {
  const changed = objectField(expect, 'f');
  (fields.f as string[]).forEach((initial, index) => {
    comparison.number(
      `f${index}`,
      parseHex(changed[index] ?? initial, `f${index}`),
      machine.core.readU64(fPointer(index)),
    );
  });
}

function compareMemory(machine: Machine, fields: Fields, expect: Fields, comparison: Comparison): void {
  const expected: Texts = { ...objectField(fields, 'mem'), ...objectField(expect, 'mem') };
  const base = hexField(fields, 'mem_addr');
  for (let index = 0; index < GRANULES; index++) {
    const at = (index * 16).toString(16);
    const value =
      expected[at] === undefined ? { tag: false, high: 0n, address: 0n } : parseCapability(expected[at], `mem ${at}`);
    comparison.capability(`mem+${at}`, value, machine.memory.readRaw(base + BigInt(index * 16)));
  }
}

function comparePageTable(machine: Machine, fields: Fields, expect: Fields, comparison: Comparison): void {
  if (fields.pte_l0 === undefined) return;
  const changed = (expect.pte ?? {}) as Texts;
  const initial = leafEntries(fields);
  for (let index = 0; index < LEAF_ENTRIES; index++) {
    const expected = changed[index] === undefined ? initial[index] : parseHex(changed[index], `pte ${index}`);
    comparison.number(`pte[${index}]`, expected, machine.memory.readU64(PAGE_TABLE_LEAF + BigInt(index * 8)));
  }
}

function readCapability({ core }: Machine, register: number): RawCapability {
  const pointer = xPointer(register);
  return {
    tag: (core.readU32(pointer + CAP_STATE) & STATE_TAG) !== 0,
    high: BigInt.asUintN(64, core.exports.capHigh(pointer)),
    address: core.readU64(pointer),
  };
}

function parseCapability(text: string, name: string): RawCapability {
  try {
    return parseRaw(text);
  } catch {
    throw new VectorError(`${name} is not a capability: ${JSON.stringify(text)}`);
  }
}

function objectField(fields: Fields, name: string): Texts {
  const value = fields[name];
  if (typeof value === 'object' && value !== null) return value as Texts;
  throw new VectorError(`field ${JSON.stringify(name)} is missing`);
}

function parseBytes(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new VectorError('field "prog" is not hexadecimal bytes');
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}
