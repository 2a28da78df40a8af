// Public API of the monitor: cVMs for programs that embed capvm, from 'capvm/monitor'.
export { Audit } from './audit.ts';
export type { AuditKind, AuditRecord } from './audit.ts';
export { Charges, SERVICE_CHARGE, SWITCH_CHARGE } from './charges.ts';
export type { Charge } from './charges.ts';
export { Cvm } from './cvm.ts';
export { deploy } from './deploy.ts';
export type { DeployOptions, Deployment } from './deploy.ts';
export { CvmError, errorName, errorNumber, ManifestError } from './errors.ts';
export { HOSTCALLS } from './hostcalls.ts';
export { readImage } from './image.ts';
export type { Image } from './image.ts';
export { Stream } from './ipc/stream.ts';
export type { HostSink, HostSource } from './ipc/host-end.ts';
export { parseManifest } from './manifest.ts';
export { HOST } from './manifest-types.ts';
export type {
  Manifest,
  ManifestCvm,
  ManifestFile,
  ManifestLinux,
  ManifestStream,
  ManifestVolume,
} from './manifest-types.ts';
export { MANIFEST_SCHEMA } from './manifest-schema.ts';
export { Monitor } from './monitor.ts';
export type { CvmSpec, MonitorOptions, MonitorStop, ProgramCode, RunOptions } from './options.ts';
export type { Holding } from './reach.ts';
export type { Attendant } from './schedule/attendance.ts';
export type { CvmStats, ThreadStats } from './stats.ts';
export type { Binding, CvmState, Entry, SharedFile } from './types.ts';
