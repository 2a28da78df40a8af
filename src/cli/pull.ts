// `capvm pull PACKAGE …`: Debian packages become images that cVMs run programs of.
import { ArgumentError } from '../host/errors.ts';
import { ImageStore, pull } from '../image/index.ts';
import type { ImageRecord } from '../image/index.ts';
import { writeFully } from './files.ts';
import { compilePython, hasPython, vdsoFile } from '../services/index.ts';
import { parseOptions, text } from './options.ts';
import { printable } from './printable.ts';
import { sizeText } from './table.ts';

export const help = `usage: capvm pull [options] PACKAGE …

Fetches Debian packages for riscv64 (trixie) with everything they need, by name, and makes an image of each
one's files, for \`capvm run --image NAME\` and for manifests. Debian's own client (apt-get) fetches them, in a
configuration of its own below the cache: it verifies their signatures, needs no rights, and nothing of this
system's packages or sources is changed. The mirror is the one that this system uses, else deb.debian.org.
What only installs, configures or starts software on a whole Debian system (perl, debconf, systemd, …) is
left out; maintainers' scripts are not run. Python's usual modules are compiled, by it, in a cVM. An image that is there already is not fetched again.

  --name NAME    one image of all packages, of that name; default: one each, named as the package
  --refresh      look for newer packages
  --mirror URL   fetch from there
  --json         the images as JSON, one object a line

The cache is $XDG_CACHE_HOME/capvm or ~/.cache/capvm; \`capvm images\` lists it, \`capvm rm\` empties it.

Exit codes: 0; 64 wrong command line; 65 no such package, or one that cannot be unpacked; 69 the mirror cannot
be reached, or this system has no apt-get, dpkg-deb or Debian keyring; 73 the cache cannot be written.
`;

const OPTIONS = {
  name: { type: 'string' },
  refresh: { type: 'boolean' },
  mirror: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('pull', args, OPTIONS);
  if (positionals.length === 0) throw new ArgumentError('pull: no package given; see `capvm help pull`');
  const name = text(values, 'name');
  const store = new ImageStore();
  for (const packages of name === undefined ? positionals.map((wanted) => [wanted]) : [positionals]) {
    const progress = new Progress(name ?? packages[0]);
    try {
      const record = await pull(packages, {
        store,
        name,
        vdso: vdsoFile(),
        mirror: text(values, 'mirror'),
        refresh: values.refresh === true,
        extend: async (image) => (hasPython(image) ? compilePython(image) : undefined),
        onStage: (stage, share) => progress.show(stage, share),
        onWarning: (warning) => progress.say(`warning: ${warning}`),
      });
      progress.clear();
      writeFully(1, Buffer.from(values.json === true ? `${JSON.stringify(record)}\n` : `${summary(record)}\n`));
    } finally {
      progress.clear();
    }
  }
  return 0;
}

function summary({ name, packages, size }: ImageRecord): string {
  return `${name}: ${packages.length} packages, ${sizeText(size)}B`;
}

const STAGES = {
  lists: 'lists of packages',
  packages: 'packages',
  image: 'image',
  extra: 'compiling modules of Python',
};

/** One line on a terminal; nothing elsewhere. */
class Progress {
  readonly #name: string;
  #shown = '';

  constructor(name: string) {
    this.#name = name;
  }

  show(stage: keyof typeof STAGES, share = 0): void {
    if (!process.stderr.isTTY) return;
    const line = `${this.#name}: ${STAGES[stage]} ${Math.floor(share * 100)} %`;
    if (line === this.#shown) return;
    this.#shown = line;
    writeFully(2, Buffer.from(`\r\x1b[K${line}`));
  }

  say(text: string): void {
    this.clear();
    writeFully(2, Buffer.from(`capvm: ${this.#name}: ${printable(text)}\n`));
  }

  clear(): void {
    if (this.#shown !== '') writeFully(2, Buffer.from('\r\x1b[K'));
    this.#shown = '';
  }
}
