// The library OS's own files: guests/images/libos.elf and libos-vdso.so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readInput } from './files.ts';
import { packageRoot } from './package-root.ts';

const path = (name: string): string => join(packageRoot(), 'guests/images', name);

export const libosFile = (): Uint8Array => readInput(path('libos.elf'));

/** Undefined: it was not built. */
export const vdsoFile = (): Uint8Array | undefined =>
  existsSync(path('libos-vdso.so')) ? readInput(path('libos-vdso.so')) : undefined;
