// Imports go one way: cli → services → image, peer → monitor → host → the core's leaf files. DESIGN §1; read from the source, so that it holds
// for type imports too.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

type Import = { readonly file: string; readonly target: string };

function sources(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name));
}

/** Imports of a file, relative ones as paths from the root. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3]) as string;
    const target = specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;
    return { file, target };
  });
}

const importsOfRoom = (directory: string): Import[] => sources(directory).flatMap(importsOf);
const show = ({ file, target }: Import): string => `${file} imports ${target}`;
const inside = (target: string, ...rooms: string[]): boolean =>
  rooms.some((room) => target === room || target.startsWith(`${room}/`));
const isOurs = (target: string): boolean => inside(target, 'src', 'assembly', 'tests', 'perf', 'guests');

describe('imports between rooms', () => {
  it('the core imports nothing of the host', () => {
    expect(
      importsOfRoom('assembly')
        .filter(({ target }) => isOurs(target) && !inside(target, 'assembly'))
        .map(show),
    ).to.deep.equal([]);
  });

  it('the host imports itself, and of the core plain data only', () => {
    const foreign = importsOfRoom('src/host').filter(({ target }) => isOurs(target) && !inside(target, 'src/host'));
    expect(foreign.filter(({ target }) => !inside(target, 'assembly')).map(show)).to.deep.equal([]);
    // A leaf may import leaves with a .ts extension; code for asc imports without one, and tsc could not load it.
    const loadable = (file: string): boolean =>
      importsOf(file).every(({ target }) => target.endsWith('.ts') && inside(target, 'assembly') && loadable(target));
    expect(foreign.filter(({ target }) => !loadable(target)).map(show)).to.deep.equal([]);
  });

  it('the monitor knows the host by its public index alone', () => {
    const foreign = importsOfRoom('src/monitor').filter(
      ({ target }) => isOurs(target) && !inside(target, 'src/monitor'),
    );
    expect(foreign.filter(({ target }) => target !== 'src/host/index.ts').map(show)).to.deep.equal([]);
  });

  it('what schedules holds no authority: it knows no capabilities, records or memory but words to look at', () => {
    const authority = /src\/monitor\/(seal|windows|switcher|carve|builder|boot|crossing|concentrate)\.ts$/;
    const foreign = importsOfRoom('src/monitor/schedule').filter(({ target }) => authority.test(target));
    expect(foreign.map(show)).to.deep.equal([]);
  });

  it('peers know host and monitor by their public indices alone, and nothing below the command line knows peers', () => {
    const foreign = importsOfRoom('src/peer').filter(({ target }) => !inside(target, 'src/peer'));
    const allowed = ['src/host/index.ts', 'src/monitor/index.ts'];
    expect(foreign.filter(({ target }) => !allowed.includes(target)).map(show)).to.deep.equal([]);
    const below = [...importsOfRoom('src/host'), ...importsOfRoom('src/monitor')];
    expect(below.filter(({ target }) => inside(target, 'src/peer')).map(show)).to.deep.equal([]);
  });

  it('images know of the host its public index, and of cVMs nothing', () => {
    const foreign = importsOfRoom('src/image').filter(({ target }) => isOurs(target) && !inside(target, 'src/image'));
    expect(foreign.filter(({ target }) => target !== 'src/host/index.ts').map(show)).to.deep.equal([]);
    const below = ['src/host', 'src/monitor', 'src/peer'].flatMap(importsOfRoom);
    expect(below.filter(({ target }) => inside(target, 'src/image', 'src/services')).map(show)).to.deep.equal([]);
  });

  it('nothing imports the command line', () => {
    const others = ['src/host', 'src/monitor', 'src/peer', 'src/image', 'src/services', 'assembly'].flatMap(
      importsOfRoom,
    );
    expect(others.filter(({ target }) => inside(target, 'src/cli')).map(show)).to.deep.equal([]);
  });

  it('host and monitor need Node only in files named for it', () => {
    const node = [...importsOfRoom('src/host'), ...importsOfRoom('src/monitor')].filter(({ target }) =>
      target.startsWith('node:'),
    );
    expect(node.filter(({ file }) => !file.endsWith('-node.ts')).map(show)).to.deep.equal([]);
  });
});
