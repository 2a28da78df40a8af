// What is wrong with a manifest, or probably is, beyond its form: images, memory, files of the host, grants that no
// program asks for.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CapvmError, EXIT } from '../../host/errors.ts';
import { HOST, readImage } from '../../monitor/index.ts';
import type { Image, Manifest, ManifestStream } from '../../monitor/index.ts';
import { deployServices } from '../../services/index.ts';
import { surroundings } from '../services.ts';
import { messageOf, readImageFile, readSwitcherFile } from '../host-files.ts';
import type { ManifestFile } from '../host-files.ts';

export interface Problem {
  /** `error`: capvm up would refuse it. */
  readonly kind: 'error' | 'warning';
  /** `cVM a`, `stream s`. */
  readonly where: string;
  readonly text: string;
  /** Of an error: what `up` would exit with. */
  readonly exitCode?: number;
}

export interface Sizes {
  readonly dataBytes: number;
  readonly textBytes: number;
  /** cVMs that share the text. */
  readonly textUsers: number;
}

export interface Inspection {
  readonly problems: readonly Problem[];
  /** By cVM; without those whose image cannot be used. */
  readonly sizes: ReadonlyMap<string, Sizes>;
  /** What is left of the machine's memory; null: it does not fit, or nobody knows. */
  readonly freeBytes: number | null;
  /** Of the machine, likewise. */
  readonly memory: number | null;
}

export async function inspect(file: ManifestFile): Promise<Inspection> {
  const { manifest } = file;
  const images = new Map<string, { image: Image; bytes: Uint8Array }>();
  const problems: Problem[] = [];
  const attempt = (where: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      problems.push(problemOf(where, error));
    }
  };
  for (const name of elfFilesOf(manifest)) {
    const user = manifest.cvms.find(({ image }) => image === name)!;
    attempt(`cVM ${user.name}`, () => {
      const bytes = readImageFile(file.directory, name);
      images.set(name, { image: readImage(bytes, name), bytes });
    });
  }
  const placed = images.size === elfFilesOf(manifest).size ? await place(file, images) : undefined;
  if (placed !== undefined && 'problem' in placed) problems.push(placed.problem);
  const deployed = placed !== undefined && 'sizes' in placed ? placed : undefined;
  problems.push(...hostProblems(file), ...grantProblems(manifest, images), ...oddities(manifest));
  const order = ({ kind }: Problem): number => (kind === 'error' ? 0 : 1);
  problems.sort((a, b) => order(a) - order(b));
  return {
    problems,
    sizes: deployed?.sizes ?? new Map(),
    freeBytes: deployed?.freeBytes ?? null,
    memory: deployed?.memory ?? null,
  };
}

const elfFilesOf = ({ cvms }: Manifest): Set<string> =>
  new Set(cvms.filter(({ linux }) => linux === undefined).map(({ image }) => image));

function problemOf(where: string, error: unknown): Problem {
  if (!(error instanceof CapvmError)) throw error;
  return { kind: 'error', where, text: error.message, exitCode: error.exitCode };
}

/** Builds everything, as `up` would, and lets nothing run. */
async function place(
  { manifest, name, directory }: ManifestFile,
  images: ReadonlyMap<string, { bytes: Uint8Array }>,
): Promise<{ sizes: Map<string, Sizes>; freeBytes: number; memory: number } | { problem: Problem }> {
  try {
    const { monitor, cvms, close } = await deployServices(manifest, {
      ...surroundings(directory),
      openVolume: () => ({ read: () => 0, write: () => undefined, onMore: () => undefined, close: () => undefined }),
      listen: false,
      switcher: readSwitcherFile(),
      readImage: (image) => images.get(image)!.bytes,
      source: () => ({ read: () => 0 }),
      sink: () => ({ write: () => undefined }),
      engine: 'interp',
    });
    const sizes = new Map([...cvms].map(([cvm, found]): [string, Sizes] => [cvm, monitor.stats(found).memory]));
    const { freeBytes } = monitor;
    const memory = Number(monitor.machine.memory.end - monitor.machine.memory.base);
    close();
    monitor.machine.dispose();
    return { sizes, freeBytes, memory };
  } catch (error) {
    return { problem: problemOf(name, error) };
  }
}

/** The host's ends: files that are not there, or that one end writes while another reads. */
function hostProblems({ manifest, directory }: ManifestFile): Problem[] {
  const problems: Problem[] = [];
  const users = new Map<string, string>();
  for (const stream of manifest.streams.filter(({ from, to }) => from === HOST || to === HOST)) {
    const where = `stream ${stream.name}`;
    const { file } = stream;
    if (file === undefined)
      problems.push({ kind: 'warning', where, text: `it names no file: up needs --stream ${stream.name}=FILE` });
    if (file === undefined || file === '-') continue;
    const path = resolve(directory, file);
    const why = stream.from === HOST ? whyUnreadable(path) : whyUnwritable(path);
    if (why !== undefined)
      problems.push({ kind: 'error', where, text: `${file}: ${why}`, exitCode: stream.from === HOST ? EXIT.noInput : EXIT.cannotCreate }); // prettier-ignore
    const other = users.get(path);
    if (other !== undefined && (stream.to === HOST || other.startsWith('>')))
      problems.push({ kind: 'warning', where, text: `stream ${other.replace('>', '')} uses ${file} too` });
    users.set(path, `${stream.to === HOST ? '>' : ''}${stream.name}`);
  }
  return problems;
}

function whyUnreadable(path: string): string | undefined {
  return reason(() => accessSync(path, constants.R_OK)) ?? (statSync(path).isDirectory() ? 'it is a directory' : undefined); // prettier-ignore
}

function whyUnwritable(path: string): string | undefined {
  if (reason(() => statSync(path)) === undefined)
    return statSync(path).isDirectory() ? 'it is a directory' : reason(() => accessSync(path, constants.W_OK));
  return reason(() => accessSync(dirname(path), constants.W_OK));
}

function reason(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

interface Grant {
  readonly cvm: string;
  readonly where: string;
  readonly name: string;
  readonly what: string;
}

/** Grants by a name that is neither in the program nor in its arguments: most likely nobody will use them. */
function grantProblems(manifest: Manifest, images: ReadonlyMap<string, { bytes: Uint8Array }>): Problem[] {
  return grantsOf(manifest)
    .filter(({ cvm, name }) => {
      const { image, arguments: parameters } = manifest.cvms.find((candidate) => candidate.name === cvm)!;
      const program = images.get(image);
      return program !== undefined && !parameters.includes(name) && !Buffer.from(program.bytes).includes(name);
    })
    .map(({ cvm, where, name, what }) => ({
      kind: 'warning',
      where,
      text: `${cvm} ${what}, but neither its program nor its arguments contain the name ${name}`,
    }));
}

function grantsOf({ streams, calls, files }: Manifest): Grant[] {
  const grant = (where: string, name: string, cvm: string, what: string): Grant => ({ cvm, where, name, what });
  return [
    ...streams.flatMap(({ name, from, to }) => [
      grant(`stream ${name}`, name, from, 'sends on it'),
      grant(`stream ${name}`, name, to, 'reads it'),
    ]),
    ...calls.flatMap(({ name, from, to }) => [
      grant(`call ${name}`, name, from, 'may call it'),
      grant(`call ${name}`, name, to, 'serves it'),
    ]),
    ...files.flatMap(({ name, owner, read, write }) => [
      ...(owner === undefined ? [] : [grant(`file ${name}`, name, owner, 'advertises it')]),
      ...[...new Set([...read, ...write])].map((cvm) => grant(`file ${name}`, name, cvm, 'may open it')),
    ]),
  ].filter(({ cvm }) => cvm !== HOST);
}

function oddities({ cvms, streams, files }: Manifest): Problem[] {
  const warning = (where: string, text: string): Problem => ({ kind: 'warning', where, text });
  const unread = files.filter(({ read, owner }) => read.length === 0 && owner === undefined);
  const unwritten = files.filter(({ write, owner }) => write.length === 0 && owner === undefined);
  const standard = (end: 'from' | 'to'): ManifestStream[] =>
    streams.filter((stream) => stream[end] === HOST && stream.file === '-').slice(1);
  return [
    ...(cvms.every(({ background }) => background === true)
      ? [warning('cvms', 'all are in the background: a run ends at once')]
      : []),
    ...[...standard('from'), ...standard('to')].map(({ name }) => ({ kind: 'error' as const, where: `stream ${name}`, text: 'another stream has the same standard stream', exitCode: EXIT.usage })), // prettier-ignore
    ...unread.map(({ name }) => warning(`file ${name}`, 'nobody may read it')),
    ...unwritten.map(({ name }) => warning(`file ${name}`, 'nobody may write it: it stays empty')),
  ];
}
