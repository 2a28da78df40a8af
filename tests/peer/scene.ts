// A monitor with a peer and cVMs of the worker image, for the tests of host code as a peer.
import type { Cvm, CvmSpec, MonitorStop, RunOptions } from '../../src/monitor/index.ts';
import { Peer, PeerError } from '../../src/peer/index.ts';
import type { PeerSpec } from '../../src/peer/index.ts';
import { image, World } from '../monitor/world.ts';

export class Scene {
  readonly world: World;
  readonly peer: Peer;

  private constructor(world: World, peer: Peer) {
    this.world = world;
    this.peer = peer;
  }

  static async create(spec: Partial<PeerSpec> = {}): Promise<Scene> {
    const world = await World.create();
    return new Scene(world, Peer.create(world.monitor, { name: 'host-side', image: image('peer'), ...spec }));
  }

  get monitor(): World['monitor'] {
    return this.world.monitor;
  }

  /** A cVM in the background that does these verbs, started. */
  worker(name: string, verbs: readonly (string | number)[], spec: Partial<CvmSpec> = {}): Cvm {
    const cvm = this.world.cvm(name, {
      image: 'worker',
      background: true,
      arguments: verbs.map(String),
      ...spec,
    } as never);
    this.monitor.start(cvm);
    return cvm;
  }

  /** Runs, does this at the host meanwhile, ends the peer, and lets the run end. */
  async during<T>(action: () => Promise<T>, options: RunOptions = {}): Promise<{ result: T; stop: MonitorStop }> {
    const run = this.monitor.run(options);
    run.catch(() => undefined);
    try {
      const result = await action();
      await this.peer.end();
      return { result, stop: await run };
    } finally {
      await this.peer.end();
      await run;
    }
  }
}

/** The error's name that an operation rejects with, or what it gave. */
export async function errnoOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof PeerError) return error.errno;
    throw error;
  }
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The byte that belongs at a position of the worker's streams and files. */
export const pattern = (position: number): number => (position * 167 + (position >> 8) * 13 + (position >> 16)) & 255;

export const patternBytes = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => pattern(from + index));
