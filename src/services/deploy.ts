// Manifests with cVMs for Linux programs: what the monitor makes of them, and the host's ends: networks, disks, control.
import { deploy } from '../monitor/index.ts';
import type {
  Cvm,
  Deployment,
  HostSink,
  HostSource,
  DeployOptions,
  Manifest,
  ManifestCvm,
  ManifestVolume,
  Monitor,
} from '../monitor/index.ts';
import type { PackageImage } from '../image/index.ts';
import type { CommandEnd, StandardSockets } from './commands.ts';
import { SIGTERM } from './control.ts';
import type { CommandRequest } from './control.ts';
import type { Peer } from './configuration.ts';
import { ServiceError } from './errors.ts';
import { deployLinux, environmentOf, linuxMemory } from './linux.ts';
import { parsePublished } from './network/ports.ts';
import { makePlace, sizesOf } from './place.ts';
import type { Place, PlaceEvents } from './place.ts';
import { parseReport, REPORT_CHANNEL } from './reports.ts';
import { linuxStats } from './statistics.ts';
import type { LinuxStats } from './statistics.ts';
import { peekInto } from './trace/memory.ts';

/** The host's end of a disk; a BlockStore is one. */
export interface Volume extends HostSource, HostSink {
  /** There is something to read(). */
  onMore: () => void;
  close(): void;
}

export interface ServiceOptions extends Omit<DeployOptions, 'createLinux'> {
  /** A package image by its name. */
  readonly openImage: (name: string) => PackageImage;
  /** A disk's image file and its key; where a manifest's paths begin is the caller's to know. */
  readonly openVolume: (volume: ManifestVolume) => Volume;
  /** Publish ports. Default true. */
  readonly listen?: boolean;
  /** CLOCK_REALTIME in nanoseconds at the machine's time 0. Default 0. */
  readonly epoch?: bigint;
  readonly tty?: boolean;
  /** A system call of a cVM with `strace`, as a line without its end. */
  readonly onTrace?: (cvm: string, line: string) => void;
}

export interface Services extends Deployment {
  /** Published ports as they are: a host port 0 is one of the system's choice. */
  readonly ports: readonly {
    readonly cvm: string;
    readonly address: string;
    readonly hostPort: number;
    readonly guestPort: number;
  }[];
  /** Asks the first process of a cVM to end, with SIGTERM. False: it has no Linux program. */
  terminate(cvm: Cvm): boolean;
  /** Starts one more program in a running cVM. Between turns only. Throws ServiceError. */
  command(cvm: Cvm, wish: CommandWish, sockets: StandardSockets, onEnd: (end: CommandEnd) => void): Command;
  /** Undefined: it has no Linux program. */
  statistics(cvm: Cvm): LinuxStats | undefined;
  /** Ports and disks are closed. */
  close(): void;
}

/** Environment and directory are those of the cVM where nothing else is said. */
export interface CommandWish extends Partial<CommandRequest> {
  readonly argv: readonly string[];
}

export interface Command {
  /** To the program and what it started. */
  signal(number: number): void;
  /** Nobody waits for it any more: SIGHUP. */
  hangUp(): void;
}

/** Throws what deploy() throws, ServiceError or ImageError. */
export async function deployServices(manifest: Manifest, options: ServiceOptions): Promise<Services> {
  const host = new ServiceHost(manifest, options);
  try {
    const memory = manifest.memory ?? host.memory();
    const deployment = await deploy(
      { ...manifest, memory },
      {
        ...options,
        createLinux: (monitor, cvm) => host.create(monitor, cvm),
        onConsole: (cvm, bytes, channel) => host.console(cvm, bytes, channel),
      },
    );
    await host.connect(deployment);
    return {
      ...{ ...deployment, ports: host.ports, terminate: (cvm) => host.terminate(cvm), close: () => host.close() },
      command: (...wish) => host.command(...wish),
      statistics: (cvm) => host.statistics(cvm),
    };
  } catch (error) {
    host.close();
    throw error;
  }
}

const MEBIBYTE = 1024 ** 2;
/** Of a machine beyond what its cVMs take: the monitor's own, and gaps. */
const MACHINE_ROOM = 16 * MEBIBYTE;

class ServiceHost {
  readonly ports: { cvm: string; address: string; hostPort: number; guestPort: number }[] = [];
  readonly #manifest: Manifest;
  readonly #options: ServiceOptions;
  readonly #places: readonly Place[];
  readonly #images = new Map<string, PackageImage>();
  readonly #disks: Volume[] = [];
  #monitor: Monitor | undefined;
  #leave: (() => void) | undefined;

  constructor(manifest: Manifest, options: ServiceOptions) {
    this.#options = options;
    const events = (name: string): PlaceEvents => ({
      onMore: (stream) => this.#more(stream),
      onTrace: (line) => this.#options.onTrace?.(name, line),
      onRefusal: (text) => this.#monitor?.audit.append(name, 'refusal', text, 'EACCES'),
    });
    this.#places = manifest.cvms.flatMap((cvm, index) =>
      cvm.linux === undefined ? [] : [makePlace(cvm, cvm.linux, index, events(cvm.name))],
    );
    this.#manifest = manifest;
  }

  /** Bytes of a machine for all of it. */
  memory(): number {
    const images = new Set(this.#places.map(({ cvm }) => this.#image(cvm.image)));
    const shared = [...images].flatMap(({ image, codes }) => [image, ...codes.map(({ bytes }) => bytes)]);
    const own = this.#manifest.cvms.map((cvm) =>
      cvm.linux === undefined ? cvm.memory + MEBIBYTE : linuxMemory(sizesOf(cvm, cvm.linux)),
    );
    const total = [...shared.map(({ length }) => length), ...own].reduce((sum, size) => sum + size, MACHINE_ROOM);
    return Math.ceil((total * 17) / 16 / MEBIBYTE) * MEBIBYTE; // exact bounds leave gaps
  }

  create(monitor: Monitor, cvm: ManifestCvm): Cvm {
    const { linux, index, uplink, control } = this.#places.find((place) => place.cvm === cvm)!;
    const { epoch, tty } = this.#options;
    const { name, instructions, deadline, background, threads } = cvm;
    const created = deployLinux(monitor, {
      ...{ name, background, threads, epoch, tty, ...sizesOf(cvm, linux) },
      instructions: instructions === undefined ? undefined : BigInt(instructions),
      deadline: deadline === undefined ? undefined : BigInt(deadline),
      image: this.#image(cvm.image),
      argv: linux.command,
      env: linux.env,
      cwd: linux.cwd,
      strace: linux.strace,
      stdin: linux.stdin,
      peers: this.#peersOf(cvm, index),
      publish: linux.publish.map((text) => parsePublished(text)!.guestPort),
      uplink: { send: `net.${index}.up`, receive: `net.${index}.down` },
      control: `control.${index}`,
      disks: linux.volumes.map(({ at }, disk) => ({
        send: `disk.${index}.${disk}.q`,
        receive: `disk.${index}.${disk}.a`,
        mountpoint: at,
      })),
    });
    monitor.connect(`control.${index}`, control, created);
    monitor.connect(`net.${index}.up`, created, uplink);
    monitor.connect(`net.${index}.down`, uplink, created);
    linux.volumes.forEach((volume, disk) => this.#attach(monitor, created, volume, `disk.${index}.${disk}`));
    return created;
  }

  /** Networks between cVMs, and ports. */
  async connect({ monitor, cvms }: Deployment): Promise<void> {
    this.#monitor = monitor;
    monitor.audit.onRecord(({ kind, cvm }) => kind === 'restart' && this.#restarted(cvm));
    for (const [first, second] of this.#pairs()) {
      const [a, b] = [cvms.get(first.cvm.name)!, cvms.get(second.cvm.name)!];
      monitor.connect(`net.${first.index}-${second.index}.a`, a, b);
      monitor.connect(`net.${first.index}-${second.index}.b`, b, a);
    }
    for (const { cvm, linux, uplink } of this.#options.listen === false ? [] : this.#places) {
      for (const text of linux.publish) {
        const port = parsePublished(text)!;
        const hostPort = await uplink.publish(port);
        this.ports.push({ cvm: cvm.name, ...port, hostPort });
      }
    }
    if (!this.#places.some(({ linux }) => linux.publish.length + linux.allow.length > 0)) return;
    const attendant = monitor.attend(); // connections may come at any time
    this.#leave = () => attendant.leave();
  }

  terminate(cvm: Cvm): boolean {
    const place = this.#placeOf(cvm.name);
    place?.control.signal(SIGTERM);
    return place !== undefined;
  }

  console(cvm: Cvm, bytes: Uint8Array, channel: number): void {
    if (channel !== REPORT_CHANNEL) return this.#options.onConsole?.(cvm, bytes, channel);
    const [place, report] = [this.#placeOf(cvm.name), parseReport(bytes)];
    if (report?.kind === 'ended') place?.commands.ended(report);
    else if (report !== undefined && this.#monitor !== undefined)
      place?.trace?.take(report, this.#monitor.now, peekInto(this.#monitor, cvm, report.memory));
  }

  statistics(cvm: Cvm): LinuxStats | undefined {
    const place = this.#placeOf(cvm.name);
    if (place === undefined) return undefined;
    const { processMemory, processes } = sizesOf(place.cvm, place.linux);
    return linuxStats(this.#monitor!, cvm, processMemory * processes, place.trace?.counts ?? []);
  }

  command(cvm: Cvm, wish: CommandWish, sockets: StandardSockets, onEnd: (end: CommandEnd) => void): Command {
    const place = this.#placeOf(cvm.name);
    if (place === undefined) throw new ServiceError(`cVM ${cvm.name} runs no Linux program`);
    const { commands, linux } = place;
    const env = { ...environmentOf(linux.env), ...wish.env };
    const attendant = this.#monitor!.attend();
    try {
      const number = commands.start({ argv: wish.argv, cwd: wish.cwd ?? linux.cwd ?? '/', env }, sockets, (end) => {
        attendant.leave();
        onEnd(end);
      });
      return { signal: (signal) => commands.signal(number, signal), hangUp: () => commands.hangUp(number) };
    } catch (error) {
      attendant.leave();
      throw error;
    }
  }

  close(): void {
    for (const { uplink } of this.#places) uplink.close();
    for (const disk of this.#disks) disk.close();
    this.#leave?.();
  }

  #placeOf(name: string): Place | undefined {
    return this.#places.find(({ cvm }) => cvm.name === name);
  }

  #more(stream: string): void {
    this.#monitor?.streams.get(stream)?.more();
  }

  #restarted(cvm: string): void {
    const place = this.#placeOf(cvm);
    place?.uplink.restart();
    place?.control.restart();
  }

  #image(name: string): PackageImage {
    const image = this.#images.get(name) ?? this.#options.openImage(name);
    this.#images.set(name, image);
    return image;
  }

  #attach(monitor: Monitor, cvm: Cvm, volume: ManifestVolume, name: string): void {
    const disk = this.#options.openVolume(volume);
    this.#disks.push(disk);
    disk.onMore = () => this.#more(`${name}.a`);
    monitor.connect(`${name}.q`, cvm, disk);
    monitor.connect(`${name}.a`, disk, cvm);
  }

  /** Each pair once, whoever of the two asks for it; the one that comes first in the manifest first. */
  #pairs(): (readonly [Place, Place])[] {
    const asks = ({ linux }: Place, { cvm }: Place): boolean => linux.connect.includes(cvm.name);
    return this.#places.flatMap(
      (first, at) =>
      this.#places.slice(at + 1).filter((second) => asks(first, second) || asks(second, first)).map((second) => [first, second] as const), // prettier-ignore
    );
  }

  #peersOf(cvm: ManifestCvm, index: number): Peer[] {
    return this.#pairs().flatMap(([first, second]): Peer[] => {
      const [a, b] = ['a', 'b'].map((end) => `net.${first.index}-${second.index}.${end}`);
      if (first.index === index) return [{ name: second.cvm.name, send: a, receive: b }];
      return second.cvm === cvm ? [{ name: first.cvm.name, send: b, receive: a }] : [];
    });
  }
}
