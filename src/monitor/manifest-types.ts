// What a manifest says, with its defaults filled in.

export interface ManifestCvm {
  readonly name: string;
  readonly image: string;
  readonly memory: number;
  readonly stack?: number;
  readonly arguments: readonly string[];
  readonly threads?: number;
  readonly faults?: number;
  readonly instructions?: number;
  readonly deadline?: number;
  readonly restart?: 'never' | 'on-failure' | 'always';
  readonly restarts?: number;
  readonly background?: boolean;
  /** It runs a Linux program of a package image, above a library OS; `memory` is a process's. */
  readonly linux?: ManifestLinux;
}

/** What only cVMs with a package image have. Addresses and ports are as src/services/network writes them. */
export interface ManifestLinux {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly processes: number;
  /** Bytes of the library OS. */
  readonly kernelMemory?: number;
  readonly publish: readonly string[];
  /** cVMs that it may connect to. */
  readonly connect: readonly string[];
  readonly allow: readonly string[];
  readonly volumes: readonly ManifestVolume[];
  /** A stream to this cVM. */
  readonly stdin?: string;
  readonly strace: boolean;
}

export interface ManifestVolume {
  readonly file: string;
  readonly key?: string;
  /** Bytes. */
  readonly size: number;
  readonly at: string;
}

export interface Connection {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Either end may be HOST. */
export interface ManifestStream extends Connection {
  readonly file?: string;
}

/** `name` is the entry's. */
export type ManifestCall = Connection;

/** Memory that cVMs share: of the monitor, with a size, or of an owner that advertises it. */
export interface ManifestFile {
  readonly name: string;
  /** Bytes. */
  readonly size?: number;
  readonly owner?: string;
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** A manifest in which every reference has been resolved and every size is a number of bytes. */
export interface Manifest {
  /** Undefined: as much as its cVMs with package images need. */
  readonly memory?: number;
  readonly slice?: number;
  readonly seed?: number;
  readonly cvms: readonly ManifestCvm[];
  readonly streams: readonly ManifestStream[];
  readonly calls: readonly ManifestCall[];
  readonly files: readonly ManifestFile[];
}

/** The name of the other end where a stream is connected to host code. */
export const HOST = 'host';
