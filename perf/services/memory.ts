// Memory of a Redis in a cVM, looked at in a machine: when it shares text and files with another, and when it does not.
import type { GuestMemory } from '../../src/host/index.ts';
import { readImage } from '../../src/monitor/index.ts';
import type { Image, Monitor } from '../../src/monitor/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { deployLinux, libosFile } from '../../src/services/index.ts';
import { ServiceMachine } from './machine.ts';
import { CVM_MEMORY, REDIS_COMMAND, REDIS_READY, SIZES } from './stage.ts';
import type { ReadGuest } from './stage.ts';

/** What one more Redis, ready, took of the machine, in bytes. */
export interface Footprint {
  /** That nobody else can have. */
  readonly reserved: number;
  /** Of these, pages with something in them: what the host has to hold. */
  readonly used: number;
}

export interface Memory {
  /** Beside another of the same image. */
  readonly shared: Footprint;
  /** With text of its own, of library OS and programs, and an image file of its own. */
  readonly unshared: Footprint;
}

const PAGE = 4096;
const CHUNK = 2 ** 22;

export async function measureMemory(
  image: PackageImage,
  { readGuest, signal }: { readonly readGuest: ReadGuest; readonly signal?: AbortSignal },
): Promise<Memory> {
  const deploy = (monitor: Monitor) => ({ servers: [redis(monitor, 'first', image)], clients: [] });
  const machine = await ServiceMachine.start({ readGuest, memory: 3 * CVM_MEMORY, deploy, signal });
  try {
    const { monitor } = machine;
    const before = footprint(monitor);
    await machine.ready(redis(monitor, 'second', image));
    const between = footprint(monitor);
    await machine.ready(redis(monitor, 'third', copyOf(image), readImage(libosFile(), 'libos.elf')));
    const after = footprint(monitor);
    return { shared: difference(before, between), unshared: difference(between, after) };
  } finally {
    machine.dispose();
  }
}

function redis(monitor: Monitor, name: string, image: PackageImage, libos?: Image) {
  const spec = { name, image, libos, argv: REDIS_COMMAND, background: true, ...SIZES };
  return { cvm: deployLinux(monitor, spec), ready: REDIS_READY };
}

/** Equal, and not the same. */
const copyOf = ({ image, codes }: PackageImage): PackageImage => ({
  image: image.slice(),
  codes: codes.map((code) => ({ ...code, bytes: code.bytes.slice() })),
});

function footprint({ machine, freeBytes }: Monitor): Footprint {
  return { reserved: machine.memory.sizeBytes - freeBytes, used: usedBytes(machine.memory) };
}

const difference = (before: Footprint, after: Footprint): Footprint => ({
  reserved: after.reserved - before.reserved,
  used: after.used - before.used,
});

/** Of pages that are not all zero. */
function usedBytes(memory: GuestMemory): number {
  let pages = 0;
  for (let offset = 0; offset < memory.sizeBytes; offset += CHUNK) {
    const size = Math.min(CHUNK, memory.sizeBytes - offset);
    const words = new BigUint64Array(memory.read(memory.base + BigInt(offset), size).buffer);
    for (let at = 0; at < words.length; at += PAGE / 8)
      if (words.subarray(at, at + PAGE / 8).some((word) => word !== 0n)) pages++;
  }
  return pages * PAGE;
}
