// Debian's packages for tests: pulled into the user's cache when they are first asked for. Where they cannot be had the
// test is skipped, with the reason.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageStore, openImage, pull, PullError } from '../../src/image/index.ts';
import { compilePython, hasPython } from '../../src/services/index.ts';
import type { PackageImage } from '../../src/image/index.ts';

const VDSO = join(fileURLToPath(new URL('../../', import.meta.url)), 'guests/images/libos-vdso.elf');

/** The library OS's vDSO, if it is built. */
export const vdso = (): Uint8Array | undefined => (existsSync(VDSO) ? readFileSync(VDSO) : undefined);

const extend = async (image: PackageImage) => (hasPython(image) ? compilePython(image) : undefined);

/** Time that the first pull may take. */
export const PULL_MILLISECONDS = 180_000;

export async function debianImage(test: Mocha.Context, ...packages: string[]): Promise<PackageImage> {
  test.timeout(PULL_MILLISECONDS);
  const store = new ImageStore();
  const name = packages.length === 1 ? packages[0] : `test-${packages.join('-')}`;
  try {
    await pull(packages, { store, name, vdso: vdso(), extend });
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    console.log(`      skipped: ${error.message}`);
    return test.skip();
  }
  return openImage(name, { store, vdso: vdso() });
}
