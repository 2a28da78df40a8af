// `capvm images`: what `capvm pull` has fetched.
import { ArgumentError } from '../host/errors.ts';
import { ImageStore } from '../image/index.ts';
import type { ImageRecord } from '../image/index.ts';
import { writeFully } from './files.ts';
import { parseOptions } from './options.ts';
import { sizeText, tableLines } from './table.ts';

export const help = `usage: capvm images [--json]

Lists the images in the cache ($XDG_CACHE_HOME/capvm, ~/.cache/capvm): name, version of its first package,
number of packages, size, when it was pulled.

  --json   one JSON object a line, with the packages of each

Exit codes: 0; 64 wrong command line.
`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('images', args, { json: { type: 'boolean' } });
  if (positionals.length > 0) throw new ArgumentError('images: it takes no names; see `capvm help images`');
  const images = new ImageStore().list();
  const lines = values.json === true ? images.map((image) => JSON.stringify(image)) : images.length > 0 ? table(images) : []; // prettier-ignore
  writeFully(1, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  if (lines.length === 0 && values.json !== true)
    writeFully(2, Buffer.from('capvm: no images; `capvm pull` fetches some\n'));
  return 0;
}

const table = (images: readonly ImageRecord[]): string[] =>
  tableLines(
    [
      { title: 'NAME', cell: ({ name }: ImageRecord) => name },
      {
        title: 'VERSION',
        cell: ({ wanted, packages }) => packages.find(({ name }) => name === wanted[0])?.version ?? '',
      },
      { title: 'PACKAGES', align: 'right', cell: ({ packages }) => String(packages.length) },
      { title: 'SIZE', align: 'right', cell: ({ size }) => sizeText(size) },
      { title: 'PULLED', cell: ({ pulled }) => pulled.slice(0, 16).replace('T', ' ') },
    ],
    images,
  );
