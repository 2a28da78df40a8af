// Linux programs as services in cVMs: from 'capvm/services'. Needs Node.
export type { Disk, Peer, StreamPair } from './configuration.ts';
export { BlockStore } from './block/block-store.ts';
export { deployServices } from './deploy.ts';
export type { Command, CommandWish, ServiceOptions, Services, Volume } from './deploy.ts';
export type { CommandEnd, StandardSockets } from './commands.ts';
export type { LinuxStats } from './statistics.ts';
export { parseReport, REPORT_CHANNEL } from './reports.ts';
export { peekInto } from './trace/memory.ts';
export { Trace } from './trace/trace.ts';
export { ServiceError } from './errors.ts';
export { libosFile, vdsoFile } from './files.ts';
export { compilePython, hasPython } from './python.ts';
export { deployLinux, KERNEL_MEMORY, linuxMemory, PROCESS_MEMORY } from './linux.ts';
export type { LinuxSpec } from './linux.ts';
