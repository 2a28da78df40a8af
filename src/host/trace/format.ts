// Text and JSON forms of trace events. The text follows the Sail model's: an instruction line, then what it did.
//   [12] [M]: 0x0000000080000030 (0x00b50023) sb a1,0(a0)
//   mem[W,0x0000000080001000] <- 0x41
import { formatCapability, formatRaw } from '../capability.ts';
import { isInterrupt, trapName } from '../trap-names.ts';
import type { MemoryEvent, TraceEvent } from './event.ts';
import type { Concern } from './event.ts';

const word = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** Lines of one event, each ended by a newline. */
export function formatText(event: TraceEvent, concerns: ReadonlySet<Concern>): string {
  const lines: string[] = [];
  if (concerns.has('instructions')) lines.push(instructionLine(event));
  for (const access of event.memory) lines.push(memoryLine(access));
  for (const { name, value, capability } of event.registers) {
    lines.push(`${name} <- ${capability === undefined ? word(value!) : formatCapability(capability)}`);
  }
  for (const [name, value] of event.csrs) lines.push(`CSR ${name} <- ${word(value)}`);
  if (event.trap !== undefined) {
    const { from, to, cause, tval, handler } = event.trap;
    const kind = isInterrupt(cause) ? 'interrupt' : 'exception';
    lines.push(
      `${kind} 0x${(cause & 0xffffn).toString(16)} (${trapName(cause)}), tval ${word(tval)}, ${from} -> ${to} at ${word(handler)}`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

function instructionLine(event: TraceEvent): string {
  const raw =
    event.raw === undefined ? 'not fetched' : `0x${event.raw.toString(16).padStart(event.sizeBytes * 2, '0')}`;
  const mode = event.mode === 'cap' ? ',cap' : '';
  return `[${event.index}] [${event.privilege}${mode}]: ${word(event.pc)} (${raw}) ${event.text}`.trimEnd();
}

function memoryLine({ kind, address, sizeBytes, value, capability }: MemoryEvent): string {
  const arrow = kind === 'load' ? '->' : '<-';
  const digits = value === undefined ? '?' : `0x${value.toString(16).padStart(sizeBytes * 2, '0')}`;
  const contents = capability === undefined ? digits : formatCapability(capability);
  return `mem[${kind === 'load' ? 'R' : 'W'},${word(address)}] ${arrow} ${contents}`;
}

/** One line of JSON; absent parts are left out. Numbers beyond 32 bits are hexadecimal text. */
export function formatJson(event: TraceEvent, concerns: ReadonlySet<Concern>): string {
  const line: Record<string, unknown> = { index: Number(event.index), privilege: event.privilege, pc: word(event.pc) };
  if (event.mode === 'cap') line.mode = 'cap';
  if (concerns.has('instructions')) {
    line.raw = event.raw === undefined ? null : `0x${event.raw.toString(16)}`;
    line.text = event.text;
  }
  const registers = event.registers.map(({ name, value, capability }) => [
    name,
    capability === undefined ? word(value!) : formatRaw(capability),
  ]);
  if (registers.length > 0) line.registers = Object.fromEntries(registers);
  if (event.csrs.length > 0) line.csrs = Object.fromEntries(event.csrs.map(([name, value]) => [name, word(value)]));
  if (event.memory.length > 0) line.memory = event.memory.map(memoryJson);
  if (event.trap !== undefined) {
    const { from, to, cause, tval, handler } = event.trap;
    line.trap = { cause: word(cause), name: trapName(cause), tval: word(tval), from, to, handler: word(handler) };
  }
  return `${JSON.stringify(line)}\n`;
}

function memoryJson({ kind, address, sizeBytes, value, capability }: MemoryEvent): Record<string, unknown> {
  const contents =
    capability === undefined ? (value === undefined ? null : `0x${value.toString(16)}`) : formatRaw(capability);
  return { kind, address: word(address), size: sizeBytes, value: contents };
}
