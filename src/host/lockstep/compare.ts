// Differences between two cores that should have the same state: registers and CSRs by name, then RAM and tags.
import { INSTRET, PC, PRIV, RAM_POINTER, RAM_SIZE } from '../../../assembly/layout.ts';
import { formatRaw } from '../capability.ts';
import type { Core } from '../core.ts';
import { RAM_BASE } from '../memory.ts';
import { CAPABILITY_POINTERS, F_NUMBERS, X_NUMBERS } from '../register-names.ts';
import { Registers } from '../registers.ts';
import { Snapshot } from '../trace/snapshot.ts';

/** Lines of a report at most; one difference tends to bring others along. */
const MOST = 8;
const GRANULE = 16;
const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
const line = (what: string, translate: string, interp: string): string =>
  `${what.padEnd(8)} translate ${translate}, interp ${interp}`;

const first = new Snapshot();
const second = new Snapshot();

/** What differs between the registers and cells of two cores, in words. */
export function compareRegisters(translator: Core, interpreter: Core): string[] {
  const found: string[] = [];
  const cell = (name: string, pointer: number): void => {
    const [a, b] = [translator.readU64(pointer), interpreter.readU64(pointer)];
    if (a !== b) found.push(line(name, hex(a), hex(b)));
  };
  cell('pc', PC);
  cell('instret', INSTRET);
  if (translator.readU32(PRIV) !== interpreter.readU32(PRIV)) cell('priv', PRIV);
  first.take(translator);
  second.take(interpreter);
  const [a, b] = [new Registers(translator), new Registers(interpreter)];
  const names = [...first.changedRegisters(second), ...first.changedCapabilities(second)];
  for (const name of names) {
    const isCapability = CAPABILITY_POINTERS.has(name) && !X_NUMBERS.has(name) && !F_NUMBERS.has(name);
    const text = (registers: Registers): string =>
      isCapability ? formatRaw(registers.capability(name)) : hex(registers.get(name));
    found.push(line(name, text(a), text(b)));
  }
  const others = new Map(second.changedCsrs(first));
  for (const [name, value] of first.changedCsrs(second))
    found.push(line(name, hex(value), hex(others.get(name) ?? 0n)));
  return found.slice(0, MOST);
}

/** Addresses where RAM or tags differ, in words, given that the hashes of the two states differ. */
export function compareMemory(translator: Core, interpreter: Core): string[] {
  const found: string[] = [];
  const sizeBytes = Number(translator.readU64(RAM_SIZE));
  const [a, b] = [translator.readU32(RAM_POINTER), interpreter.readU32(RAM_POINTER)];
  for (let at = 0; at < sizeBytes && found.length < MOST; at += 4) {
    const [left, right] = [translator.readU32(a + at), interpreter.readU32(b + at)];
    if (left !== right) found.push(line(`memory ${hex(RAM_BASE + BigInt(at))}`, hex(BigInt(left)), hex(BigInt(right))));
  }
  for (let at = 0; at < sizeBytes && found.length < MOST; at += GRANULE) {
    const [left, right] = [translator.exports.readTag(a + at), interpreter.exports.readTag(b + at)];
    if (left !== right) found.push(line(`tag of ${hex(RAM_BASE + BigInt(at))}`, String(left), String(right)));
  }
  return found.length > 0 ? found : ['state    the hashes differ in cells that have no name'];
}
