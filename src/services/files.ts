// The library OS's own files: guests/images/libos.elf and libos-vdso.elf.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../host/index.ts';
import { ServiceError } from './errors.ts';

/** Where guests/images is: above this file, in a source tree or where the package is installed. */
export function imagesDirectory(): string {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const images = join(directory, 'guests', 'images');
    if (existsSync(images)) return images;
    if (directory === dirname(directory))
      throw new ServiceError(
        'guests/images is not there: this is not a whole clone of capvm',
        'ERR_CVM_NO_INPUT',
        EXIT.noInput,
      );
  }
}

/** Throws ServiceError. */
export function libosFile(): Uint8Array {
  const path = join(imagesDirectory(), 'libos.elf');
  if (!existsSync(path))
    throw new ServiceError(`${path} is not there; \`npm run guests\` builds it`, 'ERR_CVM_NO_INPUT', EXIT.noInput);
  return readFileSync(path);
}

/** Undefined: it was not built. */
export function vdsoFile(): Uint8Array | undefined {
  const path = join(imagesDirectory(), 'libos-vdso.elf');
  return existsSync(path) ? readFileSync(path) : undefined;
}
