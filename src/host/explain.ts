// Readable reports of why a machine stopped: what was executing, through which capability, and which rung of the
// check ladder (tag, seal, permission, bounds) refused it.
import { DDC } from '../../assembly/layout.ts';
import { formatCapability, hex, PERMISSION } from './capability.ts';
import type { Capability } from './capability.ts';
import { decodeInstruction, instructionSize } from './decode.ts';
import type { Decoded } from './decode.ts';
import { formatInstruction } from './disassembler.ts';
import type { Machine } from './machine.ts';
import { memoryAccess } from './memory-access.ts';
import type { MemoryAccess } from './memory-access.ts';
import { C_NAMES, SCR_NAMES, scrPointer, xPointer } from './register-names.ts';
import type { Privilege } from './registers.ts';
import type { Stop } from './stop.ts';
import { trapRegisters } from './trap-state.ts';
import { capabilityCauseName, capabilityCheck, CAUSE_CHERI, isInterrupt, trapName } from './trap-names.ts';

const REGNUM_PCC = 32;
const REGNUM_DDC = 33;

/** The report for `stop`; `machine` must not have run since. */
export function explainStop(machine: Machine, stop: Stop): string {
  const place = describePlace(machine, stop.pc);
  switch (stop.reason) {
    case 'exit':
      return `exit with code ${stop.exitCode}`;
    case 'reset':
      return 'the guest asked for a reset';
    case 'budget':
      return `budget used up at ${place}`;
    case 'until':
      return `reached ${place}`;
    case 'idle':
      return `idle: waits at ${place} for an interrupt that nothing can raise`;
    case 'aborted':
      return `aborted at ${place}`;
    case 'request':
      return `stopped on request at ${place}`;
    default:
      return explainTrap(machine, stop);
  }
}

function describePlace(machine: Machine, address: bigint): string {
  const symbol = machine.symbols.describe(address);
  return symbol === '' ? hex(address) : `${hex(address)} ${symbol}`;
}

function explainTrap(machine: Machine, stop: Stop): string {
  const cause = stop.cause ?? 0n;
  const tval = stop.tval ?? 0n;
  const decoded = decodeAt(machine, stop);
  const lines: [string, string][] = [];
  lines.push(['at', `${describePlace(machine, stop.pc)} in ${stop.privilege}-mode`]);
  if (decoded !== undefined) lines.push(['instruction', instructionText(decoded, modeOf(machine), stop.pc)]);
  lines.push(['cause', `${hex(cause)} (${trapName(cause)}), tval ${hex(tval)}`]);
  if (cause === BigInt(CAUSE_CHERI)) lines.push(...explainCapability(machine, stop, decoded));
  else if (!isInterrupt(cause)) lines.push(...explainPlain(machine, Number(cause), tval, decoded));
  lines.push(['handler', handlerText(machine, stop)]);
  const body = lines.map(([label, text]) => `  ${label.padEnd(12)}${text}`);
  return [`${headline(stop, cause, tval)}`, ...body].join('\n');
}

function headline(stop: Stop, cause: bigint, tval: bigint): string {
  const name =
    cause === BigInt(CAUSE_CHERI) ? `CHERI fault, ${capabilityCauseName(Number(tval & 31n))}` : trapName(cause);
  return stop.reason === 'trap-loop' ? `trap loop: the trap handler itself traps (${name})` : `trap: ${name}`;
}

function handlerText(machine: Machine, stop: Stop): string {
  const vector = machine.registers.capabilityAt(trapRegisters(machine.core).tcc);
  const where = describePlace(machine, vector.address & ~3n);
  if (stop.reason === 'trap-loop') return `${where} cannot run`;
  return machine.memory.contains(vector.address) ? where : `none: the trap vector is ${hex(vector.address)}`;
}

/** What the ladder of checks says of the capability that the fault names. */
function explainCapability(machine: Machine, stop: Stop, decoded: Decoded | undefined): [string, string][] {
  const code = Number((stop.tval ?? 0n) & 31n);
  const register = Number((stop.tval ?? 0n) >> 5n) & 63;
  const lines: [string, string][] = [
    ['check', `${capabilityCauseName(code)}: ${capabilityCheck(code)} of ${registerName(register, code)}`],
  ];
  if (code === 0x18) return lines;
  const capability = faultingCapability(machine, register);
  if (capability === undefined) return lines;
  lines.push(['capability', formatCapability(capability)]);
  const access = decoded === undefined || register === REGNUM_PCC ? undefined : memoryAccess(machine.core, decoded);
  if (access !== undefined) lines.push(['access', `${accessText(access)}${outsideText(access, capability)}`]);
  lines.push(['state', stateText(capability)]);
  return lines;
}

function registerName(register: number, code: number): string {
  if (register < 32) return `c${register} (${C_NAMES[register]})`;
  if (code === 0x18 && register !== REGNUM_PCC) return `pcc, for ${SCR_NAMES[register - 32] ?? 'a special register'}`;
  if (register === REGNUM_PCC) return 'pcc';
  return register === REGNUM_DDC ? 'ddc' : (SCR_NAMES[register - 32] ?? `register ${register}`);
}

/** A faulting instruction changes no register, so the capability is still there; PCC was saved. */
function faultingCapability(machine: Machine, register: number): Capability | undefined {
  if (register === REGNUM_PCC) return machine.registers.capabilityAt(trapRegisters(machine.core).epcc);
  if (register === REGNUM_DDC) return machine.registers.capabilityAt(DDC);
  if (register < 32) return machine.registers.capabilityAt(xPointer(register));
  return SCR_NAMES[register - 32] === undefined ? undefined : machine.registers.capabilityAt(scrPointer(register - 32));
}

function accessText(access: MemoryAccess): string {
  const verb = { load: 'load of', store: 'store of', amo: 'atomic access to' }[access.kind];
  const what = access.capability ? 'a capability' : `${access.sizeBytes} byte${access.sizeBytes === 1 ? '' : 's'}`;
  return `${verb} ${what} at ${hex(access.address)}`;
}

function outsideText(access: MemoryAccess, capability: Capability): string {
  const end = access.address + BigInt(access.sizeBytes);
  if (access.address >= capability.base && end <= capability.top) return '';
  if (access.address < capability.base) return `, ${capability.base - access.address} bytes below the bounds`;
  return `, ${end - capability.top} bytes past the bounds`;
}

function stateText(capability: Capability): string {
  const names = Object.entries(PERMISSION).filter(([, bit]) => (capability.permissions & bit) !== 0);
  const seal = capability.sealed ? `sealed with otype ${hex(capability.otype)}` : 'unsealed';
  return `${capability.tag ? 'tagged' : 'untagged'}, ${seal}, permissions ${names.map(([name]) => name).join(' ') || 'none'}`;
}

function explainPlain(machine: Machine, cause: number, tval: bigint, decoded: Decoded | undefined): [string, string][] {
  if (cause >= 8 && cause <= 11)
    return [['call', `a7 = ${machine.registers.x(17)}, a0 = ${hex(machine.registers.x(10))}`]];
  if (cause === 2) return [];
  const access = decoded === undefined ? undefined : memoryAccess(machine.core, decoded);
  const isDataFault = (cause >= 4 && cause <= 7) || cause === 13 || cause === 15 || cause === 26 || cause === 27;
  if (isDataFault && access !== undefined) return [['access', accessText({ ...access, address: tval })]];
  return [];
}

/** Mode in which the trapping instruction ran: the flag of the saved PCC. */
const modeOf = (machine: Machine): 'int' | 'cap' =>
  machine.registers.capabilityAt(trapRegisters(machine.core).epcc).flag === 1 ? 'cap' : 'int';

function instructionText(decoded: Decoded, mode: 'int' | 'cap', address: bigint): string {
  const word = decoded.raw.toString(16).padStart(decoded.sizeBytes * 2, '0');
  return `${formatInstruction(decoded.raw, { mode, address })}  (0x${word})`;
}

/** The instruction that trapped, if its address can still be read with the privilege it ran in. */
function decodeAt(machine: Machine, stop: Stop): Decoded | undefined {
  const raw = fetchWord(machine, stop.pc, stop.privilege);
  return raw === undefined ? undefined : decodeInstruction(raw, modeOf(machine));
}

/** Instruction word at a virtual address as the guest would fetch it. */
export function fetchWord(machine: Machine, address: bigint, privilege: Privilege): number | undefined {
  const low = fetchParcel(machine, address, privilege);
  if (low === undefined || instructionSize(low) === 2) return low;
  const high = fetchParcel(machine, address + 2n, privilege);
  return high === undefined ? undefined : ((high << 16) | low) >>> 0;
}

function fetchParcel(machine: Machine, address: bigint, privilege: Privilege): number | undefined {
  const physical = machine.memory.translate(address, privilege);
  if (physical === undefined || !machine.memory.contains(physical, 2)) return undefined;
  return machine.memory.readU16(physical);
}
