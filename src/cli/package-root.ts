// Where the package lies: source tree or installed, its guest images and examples are found from there.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CapvmError, EXIT } from '../host/errors.ts';

export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'guests', 'images'))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new CapvmError(
        'ERR_CVM_NO_INPUT',
        'guests/images is not there: this is not a whole clone of capvm',
        EXIT.noInput,
      );
    directory = parent;
  }
  return directory;
}
