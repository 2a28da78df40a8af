// What verbs need to run cVMs with package images: images of the cache, disks beside the manifest, the clock.
import { resolve } from 'node:path';
import { ImageStore, openImage } from '../image/index.ts';
import type { PackageImage } from '../image/index.ts';
import type { ManifestVolume } from '../monitor/index.ts';
import { BlockStore, vdsoFile } from '../services/index.ts';

export interface Surroundings {
  readonly openImage: (name: string) => PackageImage;
  readonly openVolume: (volume: ManifestVolume) => BlockStore;
  readonly epoch: bigint;
}

/** `directory`: where a manifest's paths begin. */
export function surroundings(directory: string): Surroundings {
  const store = new ImageStore();
  return {
    openImage: (name) => openImage(name, { store, vdso: vdsoFile() }),
    openVolume: ({ file, key = `${file}.key`, size }) =>
      BlockStore.open(resolve(directory, file), resolve(directory, key), size),
    epoch: BigInt(Date.now()) * 1_000_000n,
  };
}
