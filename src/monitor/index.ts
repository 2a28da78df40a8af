// Public API of the monitor: cVMs for programs that embed capvm, from 'capvm/monitor'.
export { Audit } from './audit.ts';
export type { AuditKind, AuditRecord } from './audit.ts';
export { Charges, SERVICE_CHARGE, SWITCH_CHARGE } from './charges.ts';
export { Cvm } from './cvm.ts';
export type { CvmSpec, CvmState } from './cvm.ts';
export { deploy } from './deploy.ts';
export type { DeployOptions, Deployment } from './deploy.ts';
export { CvmError, ManifestError } from './errors.ts';
export { HOSTCALLS } from './hostcalls.ts';
export { readImage } from './image.ts';
export type { Image } from './image.ts';
export { Stream } from './ipc/stream.ts';
export type { HostSink, HostSource } from './ipc/stream.ts';
export { HOST, parseManifest } from './manifest.ts';
export type { Manifest, ManifestCvm, ManifestStream } from './manifest.ts';
export { MANIFEST_SCHEMA } from './manifest-schema.ts';
export { Monitor } from './monitor.ts';
export type { MonitorOptions, MonitorStop, RunOptions } from './monitor.ts';
