// Runs one case of case.ts on an engine and returns where the outcome differs from what the case says.
import { MTCC, STCC, UTCC } from '../../assembly/layout.ts';
import { formatRaw, type Machine, type MachineOptions, type RawCapability } from '../../src/host/index.ts';
import {
  F_NAMES,
  F_NUMBERS,
  X_NAMES,
  X_NUMBERS,
  CAPABILITY_POINTERS,
  CSR_NUMBERS,
} from '../../src/host/register-names.ts';
import { assemble } from '../helpers/assembler.ts';
import { parseCapability, isCapabilityText } from '../helpers/capability-text.ts';
import type { Engine } from '../helpers/engines.ts';
import { parseFloatRegister } from '../helpers/float-text.ts';
import { CODE, type Assignment, type Case } from './case.ts';
import { comparedCsrs, DATA, DATA_BYTES, differences, snapshot, type State } from './state.ts';

const FS_DIRTY = 0x6000n;
/** Trap vectors of the three modes; nothing is ever executed there. */
const VECTORS = { M: 0x8000_3000n, S: 0x8000_3100n, U: 0x8000_3200n };
const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

export function machineOptions(flags: ReadonlySet<string>): MachineOptions {
  return {
    memory: '1M',
    stopOnMachineTrap: true,
    addressing: flags.has('rel') ? 'relocated' : 'absolute',
    userTraps: flags.has('n'),
    bitManipulation: flags.has('bits'),
    cheri: !flags.has('nocheri'),
    hardwareAD: !flags.has('software'),
    sedelegWide: flags.has('wide'),
    sMode: !flags.has('nos'),
  };
}

/** Registers and memory full of tagged capabilities, so that anything touched by mistake shows. */
function fillState(machine: Machine, flags: ReadonlySet<string>): void {
  const { registers, memory } = machine;
  const junk = (address: bigint): RawCapability => ({
    tag: !flags.has('nocheri'),
    high: flags.has('nocheri') ? 0n : 0xffff_0000_0000_0000n,
    address,
  });
  for (let r = 1; r < 32; r++) registers.setCapability(`c${r}`, junk(0x1111_0000n * BigInt(r) + 5n));
  for (let r = 0; r < 32; r++) registers.setF(r, 0x7ff8_0000_0000_0000n + BigInt(r));
  for (let at = DATA; at < DATA + BigInt(DATA_BYTES); at += 16n) {
    if (flags.has('nocheri'))
      memory.write(
        at,
        Uint8Array.from({ length: 16 }, (_, i) => (i * 17 + Number(at & 255n)) & 255),
      );
    else memory.writeCapability(at, junk(0x1122_3344_5566_7780n + (at - DATA)));
  }
  registers.set('mstatus', FS_DIRTY);
  // Without a PMP entry S and U may access nothing.
  registers.set('pmpaddr0', (1n << 54n) - 1n);
  registers.set('pmpcfg0', 0x1fn);
  const vectors: [string, bigint][] = [
    ['mtcc', VECTORS.M],
    ['stcc', VECTORS.S],
    ...(flags.has('n') ? [['utcc', VECTORS.U] as [string, bigint]] : []),
  ];
  for (const [name, address] of vectors) {
    if (!(flags.has('nos') && name === 'stcc'))
      registers.setCapability(name, { tag: true, high: 0xffff_0000_0000_0000n, address });
  }
}

const memoryKey = /^m(8|16|32|64|c)\[(0x[\da-f]+)\]$/;

function applyGiven(machine: Machine, assignments: readonly Assignment[]): void {
  const { registers, memory } = machine;
  for (const { key, value } of assignments) {
    const place = memoryKey.exec(key);
    if (place?.[1] === 'c') memory.writeCapability(BigInt(place[2] as string), parseCapability(value));
    else if (place !== null)
      memory.write(BigInt(place[2] as string), littleEndian(BigInt(value), Number(place[1]) / 8));
    else if (key === 'priv' || key === 'pcc' || key === 'at') continue;
    else if (F_NUMBERS.has(key)) registers.setF(F_NUMBERS.get(key) as number, parseFloatRegister(value));
    else if (isCapabilityText(value)) registers.setCapability(key, parseCapability(value));
    else registers.set(key, BigInt(value));
  }
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** PCC and privilege last: they decide how everything before would have been seen. */
function enter(machine: Machine, { given, flags }: Case, code: bigint): void {
  const find = (key: string): string | undefined => given.find((one) => one.key === key)?.value;
  const pcc = find('pcc');
  const raw = pcc === undefined ? { tag: true, high: 0xffff_0000_0000_0000n, address: code } : parsePcc(pcc, code);
  const flag = flags.has('cap') ? 1n << 45n : 0n;
  if (!flags.has('nocheri')) machine.registers.setCapability('pcc', { ...raw, high: raw.high | flag });
  machine.registers.pc = code;
  const privilege = find('priv');
  if (privilege !== undefined) machine.registers.privilege = privilege as 'U' | 'S' | 'M';
}

/** PCC is written with its own address or, if it has none, the code's. */
function parsePcc(text: string, code: bigint): RawCapability {
  return parseCapability(/^!?\[/.test(text) ? text.replace('[', `${hex(code)}[`) : text);
}

/** A capability, or an integer as a register holds it. */
function registerText(value: string): string {
  return isCapabilityText(value)
    ? formatRaw(parseCapability(value))
    : formatRaw({ tag: false, high: 0n, address: BigInt.asUintN(64, BigInt(value)) });
}

/** Canonical name of an x or c register, or undefined. */
function xName(key: string): string | undefined {
  const number =
    X_NUMBERS.get(key) ??
    (CAPABILITY_POINTERS.has(key) && /^c/.test(key)
      ? (X_NUMBERS.get(key.slice(1)) ?? X_NUMBERS.get(`x${key.slice(1)}`))
      : undefined);
  return number === undefined ? undefined : X_NAMES[number];
}

function applyExpected(expected: State, machine: Machine, changes: readonly Assignment[], code: bigint): void {
  const bytes = machine.memory.read(DATA, DATA_BYTES);
  // The pc first: it is the address of a PCC that changes too.
  for (const { key, value } of [...changes].sort((a, b) => Number(b.key === 'pc') - Number(a.key === 'pc'))) {
    const place = memoryKey.exec(key);
    const x = xName(key);
    if (place !== null) expectMemory(expected, bytes, place[1] as string, BigInt(place[2] as string), value);
    else if (key === 'pc')
      expected.set(
        'pc',
        hex(value.startsWith('+') || value.startsWith('-') ? code + BigInt(value.replace('+', '')) : BigInt(value)),
      );
    else if (key === 'pcc')
      expected.set('pcc', formatRaw({ ...parsePcc(value, BigInt(expected.get('pc') ?? '0')), address: 0n }));
    else if (key === 'reservation' || key === 'priv') expected.set(key, value);
    else if (F_NUMBERS.has(key))
      expected.set(F_NAMES[F_NUMBERS.get(key) as number] as string, hex(parseFloatRegister(value)));
    else if (x !== undefined) expected.set(x, registerText(value));
    else if (CAPABILITY_POINTERS.has(key)) expected.set(key, registerText(value));
    else if (CSR_NUMBERS.has(key)) expected.set(key, hex(BigInt(value)));
    else throw new Error(`unknown key '${key}'`);
  }
}

function expectMemory(expected: State, before: Uint8Array, size: string, address: bigint, value: string): void {
  if (size === 'c') {
    expected.set(hex(address), registerText(value));
    return;
  }
  const at = Number(address - DATA);
  before.set(littleEndian(BigInt(value), Number(size) / 8), at);
  const view = new DataView(before.buffer, before.byteOffset);
  for (let granule = at & ~15; granule < at + Number(size) / 8; granule += 16) {
    expected.set(
      hex(DATA + BigInt(granule)),
      formatRaw({ tag: false, high: view.getBigUint64(granule + 8, true), address: view.getBigUint64(granule, true) }),
    );
  }
}

/** State after a trap: only the trap's own registers change. */
function expectTrap(
  expected: State,
  machine: Machine,
  { cause, tval, to }: { cause: bigint; tval: bigint; to: 'M' | 'S' | 'U' },
  code: bigint,
): void {
  const letter = to.toLowerCase();
  const privilege = { U: 0n, S: 1n, M: 3n }[machine.registers.privilege];
  const status = BigInt(expected.get('mstatus') ?? '0');
  expected.set(`${letter}cause`, hex(cause));
  expected.set(`${letter}tval`, hex(tval));
  const pcc = (expected.get('pcc') as string).split(' ');
  expected.set(`${letter}epcc`, `${pcc[0]} ${pcc[1]} ${code.toString(16).padStart(16, '0')}`);
  const vector = { M: MTCC, S: STCC, U: UTCC }[to];
  expected.set('pc', hex(machine.core.readU64(vector) & ~3n));
  const raw = expected.get(`${letter}tcc`)?.split(' ') ?? [];
  expected.set('pcc', `${raw[0]} ${raw[1]} ${'0'.repeat(16)}`);
  expected.set('priv', to);
  expected.set('mstatus', hex(statusAfterTrap(status, to, privilege)));
  expected.set('reservation', 'none');
}

/** xPIE = xIE, xIE = 0, xPP = previous privilege. */
function statusAfterTrap(status: bigint, to: 'M' | 'S' | 'U', privilege: bigint): bigint {
  const bit = { U: 0n, S: 1n, M: 3n }[to];
  const enabled = (status >> bit) & 1n;
  let next = status & ~((1n << bit) | (1n << (bit + 4n)));
  next |= enabled << (bit + 4n);
  if (to === 'M') next = (next & ~(3n << 11n)) | (privilege << 11n);
  if (to === 'S') next = (next & ~(1n << 8n)) | ((privilege & 1n) << 8n);
  return next;
}

/** A jump to the case from elsewhere, and a loop behind it that the run ends in. */
const APPROACH = CODE - 0x100n;
const LOOPS = 30;

/** Surroundings would get in the way of cases about PCC, other places, or jumps. */
function hasSurroundings(engine: Engine, { given, expectation }: Case): boolean {
  if (engine.needsSurroundings !== true || given.some(({ key }) => key === 'pcc' || key === 'at')) return false;
  return expectation.kind === 'trap' || !expectation.changes.some(({ key }) => key === 'pc' || key === 'priv');
}

function surround(machine: Machine, code: bigint, sizeBytes: number): void {
  machine.memory.write(APPROACH, assemble(`j ${code}`, { base: APPROACH }).bytes);
  machine.memory.write(code + BigInt(sizeBytes), assemble('here: j here', { base: code + BigInt(sizeBytes) }).bytes);
  machine.registers.pc = APPROACH;
}

/** Differences between what the case says and what the engine did; empty if it passes. */
export function runCase(machine: Machine, engine: Engine, test: Case): string[] {
  machine.reset();
  fillState(machine, test.flags);
  const code = BigInt(test.given.find(({ key }) => key === 'at')?.value ?? CODE);
  const mode = test.flags.has('cap') ? 'cap' : 'int';
  const { bytes } = assemble(test.instruction.replaceAll(';', '\n'), { base: code, mode });
  machine.memory.write(code, bytes);
  applyGiven(machine, test.given);
  enter(machine, test, code);
  const csrs = comparedCsrs(machine);
  const expected = snapshot(machine, csrs);
  const surrounded = hasSurroundings(engine, test);
  const traps = test.expectation.kind === 'trap';
  if (surrounded) surround(machine, code, bytes.length);
  const count = Math.max(test.rows.length, 1); // data directives stand for one instruction
  const ahead = surrounded ? 1 : 0;
  const behind = surrounded && !traps ? LOOPS : 0;
  const retired = machine.instructions + BigInt(ahead + count + behind - (traps ? 1 : 0));
  expected.set('pc', hex(code + BigInt(bytes.length)));
  expected.set('instret', String(retired));
  if (test.expectation.kind === 'changes') applyExpected(expected, machine, test.expectation.changes, code);
  else expectTrap(expected, machine, test.expectation, code + BigInt(bytes.length - lastSize(test)));
  engine.execute(machine, ahead + count + behind + (surrounded && traps ? LOOPS : 0));
  return differences(expected, snapshot(machine, csrs));
}

/** Of the last instruction of the case, which is the one that traps. */
function lastSize({ rows, instruction }: Case): number {
  const last = rows.at(-1);
  if (last === undefined) return instruction.startsWith('.half') ? 2 : 4;
  return 'expansion' in last ? 2 : 4;
}
