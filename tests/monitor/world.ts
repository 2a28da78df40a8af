// A monitor with images at hand, for tests: what the guests print, cut into lines.
import { readFileSync } from 'node:fs';
import { Monitor, readImage } from '../../src/monitor/index.ts';
import type { Cvm, CvmSpec, HostSource, Image, MonitorOptions } from '../../src/monitor/index.ts';

const IMAGES = new URL('../../guests/images/', import.meta.url);
const images = new Map<string, Image>();

export const imageBytes = (name: string): Buffer => readFileSync(new URL(`${name}.elf`, IMAGES));

export function image(name: string): Image {
  const known = images.get(name) ?? readImage(imageBytes(name), name);
  images.set(name, known);
  return known;
}

export class World {
  readonly monitor: Monitor;
  readonly #consoles: Map<string, string>;

  private constructor(monitor: Monitor, consoles: Map<string, string>) {
    this.monitor = monitor;
    this.#consoles = consoles;
  }

  static async create(options: Partial<MonitorOptions> = {}): Promise<World> {
    const consoles = new Map<string, string>();
    const onConsole = (cvm: Cvm, bytes: Uint8Array): void => {
      consoles.set(cvm.name, (consoles.get(cvm.name) ?? '') + Buffer.from(bytes).toString('latin1'));
    };
    const monitor = await Monitor.create({ switcher: imageBytes('switcher'), memory: '8M', onConsole, ...options });
    return new World(monitor, consoles);
  }

  /** Created, not started. */
  cvm(name: string, spec: Partial<Omit<CvmSpec, 'image'>> & { image?: string } = {}): Cvm {
    return this.monitor.createCvm({ memory: 256 * 1024, ...spec, name, image: image(spec.image ?? name) });
  }

  start(...cvms: Cvm[]): void {
    for (const cvm of cvms) this.monitor.start(cvm);
  }

  output({ name }: Cvm): string {
    return this.#consoles.get(name) ?? '';
  }

  /** Forgets what was printed. */
  clear(): void {
    this.#consoles.clear();
  }

  lines(cvm: Cvm): string[] {
    return this.output(cvm).split('\n').slice(0, -1);
  }

  /** kind and text of what the audit says of a cVM. */
  audit({ name }: Cvm): string[] {
    return this.monitor.audit
      .records()
      .filter(({ cvm }) => cvm === name)
      .map(({ kind, text }) => `${kind}: ${text}`);
  }
}

/** Hands out `bytes`, at most `piece` at a time. */
export function sourceOf(bytes: Uint8Array, piece = Infinity): HostSource {
  let at = 0;
  return {
    read(into) {
      const count = Math.min(into.length, bytes.length - at, piece);
      into.set(bytes.subarray(at, at + count));
      at += count;
      return count;
    },
  };
}
