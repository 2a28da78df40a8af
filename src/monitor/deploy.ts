// From a manifest to a monitor with its cVMs created and connected, not yet started. Files come through a function, so
// that this runs wherever the machine does.
import type { CoreSource, MachineOptions } from '../host/index.ts';
import { FILE_READ, FILE_WRITE } from './abi.ts';
import type { Cvm } from './cvm.ts';
import { ManifestError } from './errors.ts';
import { readImage } from './image.ts';
import type { Image } from './image.ts';
import type { HostSink, HostSource } from './ipc/host-end.ts';
import { HOST } from './manifest-types.ts';
import type { Manifest, ManifestCvm, ManifestFile, ManifestStream } from './manifest-types.ts';
import { Monitor } from './monitor.ts';
import type { MonitorOptions } from './options.ts';

export interface DeployOptions {
  /** The switcher's ELF file. */
  readonly switcher: Uint8Array;
  /** Contents of an image, by the name that the manifest gives it. */
  readonly readImage: (name: string) => Uint8Array;
  /** Makes a cVM for a Linux program. */
  readonly createLinux?: (monitor: Monitor, cvm: ManifestCvm) => Cvm;
  /** One that has ended and whose policy says so is restarted only if this does not say no. */
  readonly mayRestart?: (cvm: Cvm) => boolean;
  /** Host code for a stream that comes from or goes to the host. */
  readonly source?: (stream: ManifestStream) => HostSource;
  readonly sink?: (stream: ManifestStream) => HostSink;
  readonly onConsole?: MonitorOptions['onConsole'];
  readonly engine?: MachineOptions['engine'];
  readonly core?: CoreSource;
}

export interface Deployment {
  readonly monitor: Monitor;
  /** In the manifest's order. */
  readonly cvms: ReadonlyMap<string, Cvm>;
  start(): void;
}

/** Throws CvmError, ElfError or ManifestError for what cannot be. */
export async function deploy(manifest: Manifest, options: DeployOptions): Promise<Deployment> {
  const { slice, memory, seed } = manifest;
  const { switcher, onConsole, engine, core } = options;
  const restarter = new Restarter(manifest.cvms);
  const monitor = await Monitor.create({
    switcher,
    memory,
    slice,
    seed: seed === undefined ? undefined : BigInt(seed),
    onConsole,
    onEnd: (cvm) => options.mayRestart?.(cvm) !== false && restarter.ended(monitor, cvm),
    engine,
    core,
  });
  const images = new Map<string, Image>();
  const cvms = new Map<string, Cvm>();
  for (const cvm of manifest.cvms) {
    const { image: file, instructions, deadline, linux, ...spec } = cvm;
    if (linux !== undefined) {
      if (options.createLinux === undefined) throw new ManifestError(`cVM ${cvm.name}: nothing here runs its command`);
      cvms.set(cvm.name, options.createLinux(monitor, cvm));
      continue;
    }
    const image = images.get(file) ?? readImage(options.readImage(file), file);
    images.set(file, image);
    const parameters = spec.arguments.map((text) => expand(text, spec.name, cvms));
    const limits = { instructions: limit(instructions), deadline: limit(deadline) };
    cvms.set(spec.name, monitor.createCvm({ ...spec, ...limits, image, arguments: parameters }));
  }
  for (const { name, from, to } of manifest.calls) monitor.allowCall(name, cvms.get(from)!, cvms.get(to)!);
  for (const file of manifest.files) shareFile(monitor, file, cvms);
  for (const stream of manifest.streams) connect(monitor, stream, cvms, options);
  const start = (): void => cvms.forEach((cvm) => monitor.start(cvm));
  return { monitor, cvms, start };
}

const limit = (value: number | undefined): bigint | undefined => (value === undefined ? undefined : BigInt(value));

const RESTARTS_DEFAULT = 10;

/** Restarts what has ended, as its manifest says. */
class Restarter {
  readonly #policies: ReadonlyMap<string, ManifestCvm>;
  readonly #counts = new Map<string, number>();

  constructor(cvms: readonly ManifestCvm[]) {
    this.#policies = new Map(cvms.map((cvm) => [cvm.name, cvm]));
  }

  ended(monitor: Monitor, cvm: Cvm): void {
    const { restart = 'never', restarts = RESTARTS_DEFAULT } = this.#policies.get(cvm.name) ?? {};
    const orderly = cvm.state === 'exited' && cvm.exitCode === 0;
    const count = this.#counts.get(cvm.name) ?? 0;
    if (restart === 'never' || (restart === 'on-failure' && orderly) || count >= restarts) return;
    this.#counts.set(cvm.name, count + 1);
    monitor.restart(cvm);
  }
}

function shareFile(monitor: Monitor, file: ManifestFile, cvms: ReadonlyMap<string, Cvm>): void {
  const { name, size, owner, read, write } = file;
  const shared = monitor.createFile(name, owner === undefined ? size! : cvms.get(owner)!);
  for (const user of new Set([...read, ...write])) {
    const rights = (read.includes(user) ? FILE_READ : 0) | (write.includes(user) ? FILE_WRITE : 0);
    monitor.allowFile(shared, cvms.get(user)!, rights);
  }
}

function connect(
  monitor: Monitor,
  stream: ManifestStream,
  cvms: ReadonlyMap<string, Cvm>,
  options: DeployOptions,
): void {
  const { name, from, to } = stream;
  const missing = (end: string): never => {
    throw new ManifestError(`stream ${name}: nothing is given for its ${end} at the host`);
  };
  monitor.connect(
    name,
    from === HOST ? (options.source?.(stream) ?? missing('source')) : cvms.get(from)!,
    to === HOST ? (options.sink?.(stream) ?? missing('sink')) : cvms.get(to)!,
  );
}

/** `${address:NAME}`: absolute address of the data of a cVM created earlier. */
function expand(text: string, owner: string, cvms: ReadonlyMap<string, Cvm>): string {
  return text.replace(/\$\{address:([^}]*)\}/g, (_whole, name: string) => {
    const cvm = cvms.get(name);
    if (cvm === undefined)
      throw new ManifestError(`cVM ${owner}: \${address:${name}}: no cVM called "${name}" is listed before it`);
    return `0x${cvm.data.base.toString(16)}`;
  });
}
