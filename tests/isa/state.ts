// Everything of a machine that one instruction could change, by name, for exact comparison before and after.
import { FCSR, RESERVATION, STATE_TAG, CAP_STATE } from '../../assembly/layout.ts';
import { formatRaw, type Machine, type RawCapability } from '../../src/host/index.ts';
import { CAPABILITY_POINTERS, fPointer, SCR_NAMES, X_NAMES, F_NAMES, xPointer } from '../../src/host/register-names.ts';

export type State = Map<string, string>;

/** Data memory of a case: all of it is compared, tags included. */
export const DATA = 0x8000_2000n;
export const DATA_BYTES = 0x80;

const CSRS = (
  'mstatus medeleg mideleg mie mip mcause mtval mscratch mcounteren mcountinhibit scause stval sscratch satp scounteren sedeleg sideleg ' +
  'ucause utval uscratch sccsr menvcfg pmpcfg0 pmpaddr0 pmpaddr1'
).split(' ');
const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** The 128 bits and tag of a register struct. */
export function rawOf(machine: Machine, pointer: number): RawCapability {
  const { core } = machine;
  return {
    tag: (core.readU32(pointer + CAP_STATE) & STATE_TAG) !== 0,
    high: BigInt.asUintN(64, core.exports.capHigh(pointer)),
    address: core.readU64(pointer),
  };
}

/** CSRs of this machine that are compared; fcsr is apart, since it can be read without FS. */
export function comparedCsrs(machine: Machine): string[] {
  return CSRS.filter((name) => {
    try {
      machine.registers.get(name);
      return true;
    } catch {
      return false;
    }
  });
}

export function snapshot(machine: Machine, csrs: readonly string[]): State {
  const { core, registers, memory } = machine;
  const state: State = new Map();
  for (let r = 1; r < 32; r++) state.set(X_NAMES[r] as string, formatRaw(rawOf(machine, xPointer(r))));
  for (let r = 0; r < 32; r++) state.set(F_NAMES[r] as string, hex(core.readU64(fPointer(r))));
  for (const name of Object.values(SCR_NAMES))
    state.set(name, formatRaw(rawOf(machine, CAPABILITY_POINTERS.get(name) as number)));
  // The address of PCC is the pc, compared apart.
  state.set('pcc', formatRaw({ ...rawOf(machine, CAPABILITY_POINTERS.get('pcc') as number), address: 0n }));
  for (const name of csrs) state.set(name, hex(registers.get(name)));
  state.set('fcsr', hex(BigInt(core.readU32(FCSR))));
  state.set('reservation', core.readU64(RESERVATION) === 0n ? 'none' : 'held');
  state.set('pc', hex(registers.pc));
  state.set('priv', registers.privilege);
  state.set('instret', String(machine.instructions));
  for (let at = DATA; at < DATA + BigInt(DATA_BYTES); at += 16n) state.set(hex(at), formatRaw(memory.readRaw(at)));
  return state;
}

/** `name: expected X got Y`, for every name where the states differ. */
export function differences(expected: State, actual: State): string[] {
  return [...expected]
    .filter(([name, value]) => actual.get(name) !== value)
    .map(([name, value]) => `${name}: expected ${value} got ${actual.get(name)}`);
}
