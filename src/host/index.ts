// Public API of capvm's machine: import from 'capvm'.
export { Machine } from './machine.ts';
export type { Engine, MachineOptions } from './machine-options.ts';
export type { EngineStatistics } from './engine-statistics.ts';
export { MEMORY_DEFAULT, MEMORY_MAXIMUM, MEMORY_MINIMUM, parseSize } from './machine-options.ts';
export type { Location, Progress, RunOptions, Stepper } from './run.ts';
export { Stop } from './stop.ts';
export type { StopFields, StopReason } from './stop.ts';
export { Registers } from './registers.ts';
export type { Privilege } from './registers.ts';
export { GRANULE_BYTES, GuestMemory, RAM_BASE } from './memory.ts';
export type { AccessOptions } from './memory.ts';
export {
  ALMIGHTY_CAPABILITY,
  formatCapability,
  formatPermissions,
  formatRaw,
  NULL_CAPABILITY,
  OTYPE_SENTRY,
  OTYPE_UNSEALED,
  parseRaw,
  PERMISSION,
} from './capability.ts';
export type { Capability, RawCapability } from './capability.ts';
export { parseElf } from './elf.ts';
export type { ElfCodeSection, ElfFile, ElfSegment, ElfSymbol } from './elf.ts';
export type { LoadOptions, Program } from './program.ts';
export { SymbolTable } from './symbols.ts';
export type { SymbolAt } from './symbols.ts';
export { disassemble, formatInstruction } from './disassembler.ts';
export type { Disassembled, DisassembleOptions } from './disassembler.ts';
export { capabilityCauseName, capabilityCheck, trapName } from './trap-names.ts';
export * from './errors.ts';
export type { Device } from './devices/bus.ts';
export { NO_DEVICE } from './devices/bus.ts';
export { Console } from './devices/console.ts';
export type { CoreSource } from './core.ts';
export {
  CONTEXT_CAPABILITIES,
  CONTEXT_DDC,
  CONTEXT_PCC,
  CONTEXT_UTCC,
  leaveTrap,
  passTime,
  ThreadContext,
} from './thread-context.ts';
export { Tracer } from './trace/tracer.ts';
export { CONCERNS, parseConcerns } from './trace/event.ts';
export type { Concern, MemoryEvent, TraceEvent, TrapEvent } from './trace/event.ts';
export { formatJson as formatTraceJson, formatText as formatTraceText } from './trace/format.ts';
