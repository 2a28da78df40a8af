// `capvm rm`: images go, and what only they used.
import { ArgumentError, CapvmError, EXIT } from '../host/errors.ts';
import { ImageStore } from '../image/index.ts';
import { parseOptions } from './options.ts';

export const help = `usage: capvm rm NAME … | --all

Removes images from the cache, and package files that no other image is made of.

  --all   every image

Exit codes: 0; 64 wrong command line; 65 there is no such image.
`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('rm', args, { all: { type: 'boolean' } });
  const store = new ImageStore();
  const names = values.all === true ? store.list().map(({ name }) => name) : positionals;
  if (values.all === true ? positionals.length > 0 : names.length === 0)
    throw new ArgumentError('rm: give names of images, or --all; see `capvm help rm`');
  const missing = names.filter((name) => !store.remove(name));
  if (missing.length > 0)
    throw new CapvmError(
      'ERR_CVM_NO_IMAGE',
      `no image called ${missing.map((name) => JSON.stringify(name)).join(', ')}`,
      EXIT.data,
    );
  return EXIT.ok;
}
