// A cVM that runs a Linux program: the library OS as its image, the program's code and files of a package image, and a
// configuration. What it may reach is what it is given here, as any cVM: shared files and streams.
import { readImage } from '../monitor/index.ts';
import type { Cvm, Image, Monitor, SharedFile } from '../monitor/index.ts';
import { ImageFile } from '../image/index.ts';
import type { PackageImage } from '../image/index.ts';
import { encodeConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { ServiceError } from './errors.ts';
import { libosFile } from './files.ts';

export interface LinuxSpec extends Partial<Omit<Configuration, 'image' | 'argv' | 'processMemory'>> {
  /** At most 24 characters. */
  readonly name: string;
  readonly image: PackageImage;
  /** The program, by path or by a name to look for in PATH, and its arguments. */
  readonly argv: readonly string[];
  /** Bytes of a process's addresses: programs and libraries of the image, heap and stacks. Default 64 MiB. */
  readonly processMemory?: number;
  /** Bytes of the library OS itself: files written, buffers of connections. Default 8 MiB. */
  readonly kernelMemory?: number;
  /** Threads at once, of all processes. Default 64. */
  readonly threads?: number;
  readonly instructions?: bigint;
  readonly deadline?: bigint;
  /** The run does not wait for its end. Default false. */
  readonly background?: boolean;
  /** Of the library OS. Default: guests/images/libos.elf. */
  readonly libos?: Image;
}

export const PROCESS_MEMORY = 64 * 1024 ** 2;
export const KERNEL_MEMORY = 8 * 1024 ** 2;
/** Process memory is a multiple of this: capabilities to it are exact. */
export const PROCESS_UNIT = 256 * 1024;
/** Least memory of a process above its program's and libraries' addresses. */
const PROCESS_ROOM = 1024 ** 2;
/** Of a cVM at once (guests/libos/mm/mm.c). */
const PROCESSES = 256;
const KERNEL_LEAST = 1024 ** 2;
const THREADS = 64;
/** Of processes that have given away the right to system calls: each ends one process. */
const FAULTS = 1024;
const NAME_CHARACTERS = 24;
const FILE_READ = 1;
const EXECUTABLE = 0o111;

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin',
  HOME: '/root',
};

/** What programs of a cVM find, beside what is said. */
export const environmentOf = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  ...ENVIRONMENT,
  ...env,
});

/** Not started yet. Throws CvmError, ServiceError or ImageError. */
export function deployLinux(monitor: Monitor, spec: LinuxSpec): Cvm {
  const { name, image, argv, threads = THREADS, instructions, deadline, background } = spec;
  const { processes = 1, kernelMemory = KERNEL_MEMORY } = spec;
  const refuse = (why: string): never => {
    throw new ServiceError(`cVM ${name}: ${why}`);
  };
  if (name.length > NAME_CHARACTERS) refuse(`names of cVMs with an image have at most ${NAME_CHARACTERS} characters`);
  if (argv.length === 0) refuse('it has no command');
  if (!(processes >= 1 && processes <= PROCESSES)) refuse(`it may have 1 to ${PROCESSES} processes`);
  if (kernelMemory < KERNEL_LEAST) refuse(`its library OS needs ${KERNEL_LEAST} bytes at least`);
  const processMemory = roundUp(spec.processMemory ?? PROCESS_MEMORY, PROCESS_UNIT);
  const file = new ImageFile(image.image);
  const { codeEnd } = file;
  const program = findProgram(file, argv[0], spec.env?.PATH ?? ENVIRONMENT.PATH);
  if (program === undefined) refuse(`there is no program ${JSON.stringify(argv[0])} in its image`);
  if (processMemory < codeEnd + PROCESS_ROOM)
    refuse(`its programs and libraries take ${codeEnd} bytes, a process of ${processMemory} has no room for them`);
  const shared = sharedOf(monitor);
  const configuration = encodeConfiguration(
    configurationOf({ ...spec, argv: [program!, ...argv.slice(1)] }, processMemory, shared.image(image).name),
  );
  const cvm = monitor.createCvm({
    name,
    image: spec.libos ?? shared.libos,
    memory: kernelMemory + processes * processMemory + PROCESS_UNIT,
    arguments: [`${name}.config`],
    program: { codes: image.codes },
    threads,
    faults: FAULTS,
    instructions,
    deadline,
    background,
  });
  monitor.allowFile(shared.image(image), cvm, FILE_READ);
  monitor.allowFile(shareBytes(monitor, `${name}.config`, configuration), cvm, FILE_READ);
  return cvm;
}

/** Bytes of the machine that a cVM takes; what cVMs of one image share is not counted. */
export function linuxMemory({
  processMemory = PROCESS_MEMORY,
  kernelMemory = KERNEL_MEMORY,
  processes = 1,
}: Partial<LinuxSpec>): number {
  return kernelMemory + processes * roundUp(processMemory, PROCESS_UNIT) + PROCESS_UNIT;
}

/** A name without a slash is looked for in PATH. */
function findProgram(file: ImageFile, name: string, path: string): string | undefined {
  const candidates = name.includes('/') ? [name] : path.split(':').map((directory) => `${directory}/${name}`);
  return candidates.find((candidate) => ((file.find(candidate)?.mode ?? 0) & EXECUTABLE) !== 0);
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

function configurationOf(spec: LinuxSpec, processMemory: number, image: string): Configuration {
  const { argv, env = {}, cwd = '/', hostname = spec.name, epoch = 0n, processes = 1, strace = false } = spec;
  const { peers = [], publish = [], uplink, disks = [], stdin, control, tty = false, uid = 0, gid = 0 } = spec;
  return {
    ...{ image, argv, env: environmentOf(env), cwd, hostname, epoch, processMemory, processes, strace },
    ...{ peers, publish, uplink, disks, stdin, control, tty, uid, gid },
  };
}

/** What cVMs with a library OS share in a machine. */
class Shared {
  readonly #monitor: Monitor;
  readonly #images = new Map<Uint8Array, SharedFile>();
  #libos: Image | undefined;

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  get libos(): Image {
    return (this.#libos ??= readImage(libosFile(), 'libos.elf'));
  }

  /** One for all who have the same image. */
  image({ image }: PackageImage): SharedFile {
    const known = this.#images.get(image);
    if (known !== undefined) return known;
    const file = shareBytes(this.#monitor, `image.${this.#images.size}`, image);
    this.#images.set(image, file);
    return file;
  }
}

const sharedBy = new WeakMap<Monitor, Shared>();

function sharedOf(monitor: Monitor): Shared {
  const shared = sharedBy.get(monitor) ?? new Shared(monitor);
  sharedBy.set(monitor, shared);
  return shared;
}

/** A file of the monitor with these contents, which nobody may open yet. */
function shareBytes(monitor: Monitor, name: string, bytes: Uint8Array): SharedFile {
  const file = monitor.createFile(name, bytes.length);
  monitor.machine.memory.write(BigInt(file.region!.base), bytes);
  return file;
}
