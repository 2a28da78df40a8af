// Debian's package client in a configuration of its own: architecture, lists, cache and sources are below one directory,
// nothing of the system's is read but how it reaches Debian's mirror, nothing of it is changed, and no rights are needed.
// Signatures are verified by that client, against Debian's keyring. Source: apt.conf(5), sources.list(5).
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEFT_OUT } from './left-out.ts';
import { PullError } from './errors.ts';
import { systemMirror } from './mirror.ts';

export const ARCHITECTURE = 'riscv64';
export const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const LISTS_FRESH_MILLISECONDS = 24 * 3600 * 1000;

/** A package file to fetch, as the client names it. */
export interface DebFile {
  readonly name: string;
  readonly version: string;
  /** Its name among the archives. */
  readonly file: string;
}

export interface ClientEvents {
  /** Share of the work that is done, 0 to 1. */
  onProgress?(share: number): void;
  onWarning?(text: string): void;
}

export class DebianClient {
  readonly #directory: string;
  readonly #mirror: string | undefined;
  readonly #events: ClientEvents;

  /** `mirror`: a URL, instead of the one that this system uses, or Debian's own. */
  constructor(directory: string, mirror: string | undefined, events: ClientEvents) {
    this.#directory = directory;
    this.#mirror = mirror;
    this.#events = events;
  }

  /** Where fetched package files are. */
  get archives(): string {
    return join(this.#directory, 'archives');
  }

  /** Writes the configuration and fetches the lists of packages if they are a day old. Throws PullError. */
  async prepare(wanted: readonly string[], refresh: boolean): Promise<void> {
    if (spawnSync('apt-get', ['--version']).status !== 0 || spawnSync('dpkg-deb', ['--version']).status !== 0)
      throw new PullError(
        "apt-get and dpkg-deb are not there: packages are fetched with Debian's own client",
        'CLIENT',
      );
    if (!existsSync(KEYRING))
      throw new PullError(`${KEYRING} is not there; install the package debian-archive-keyring`, 'CLIENT');
    this.#configure(wanted);
    if (!refresh && this.#areListsFresh()) return;
    const { code, errors } = await this.#run(['update']);
    if (code === 0 && this.#hasLists()) return;
    if (!this.#hasLists()) throw new PullError(`cannot fetch the lists of packages: ${firstOf(errors)}`, 'OFFLINE');
    this.#events.onWarning?.(staleness(errors));
  }

  /** What has to be there for `packages` to run. Throws PullError: no such package, or it cannot be installed. */
  async plan(packages: readonly string[]): Promise<DebFile[]> {
    const { code, output, errors } = await this.#run(['install', '--simulate', '--', ...packages]);
    if (code !== 0) throw new PullError(firstOf(errors), 'PACKAGE');
    return [...output.matchAll(/^Inst ([^ :]+)(?::[^ ]+)? \(([^ ]+) .*\[(\w+)\]\)/gm)].map(
      ([, name, version, architecture]) => ({
        name,
        version,
        file: `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`,
      }),
    );
  }

  /** Fetches what is not there yet, and verifies all of it. Throws PullError. */
  async fetch(packages: readonly string[]): Promise<void> {
    const { code, errors } = await this.#run(['install', '--download-only', '--', ...packages]);
    if (code !== 0) throw new PullError(`cannot fetch packages: ${firstOf(errors)}`, 'OFFLINE');
  }

  #hasLists(): boolean {
    return readdirSync(join(this.#directory, 'lists')).some((name) => name.endsWith(`_${SUITE}_main_binary-${ARCHITECTURE}_Packages`)); // prettier-ignore
  }

  #areListsFresh(): boolean {
    const { mtimeMs } = statSync(join(this.#directory, 'lists'));
    return this.#hasLists() && Date.now() - mtimeMs < LISTS_FRESH_MILLISECONDS;
  }

  #configure(wanted: readonly string[]): void {
    const path = (name: string): string => join(this.#directory, name);
    for (const name of ['archives/partial', 'lists/partial', 'empty', 'state'])
      mkdirSync(path(name), { recursive: true });
    const { sources, settings } = systemMirror(this.#mirror, SUITE);
    const lines = sources.map(
      ({ uri, suite }) => `deb [arch=${ARCHITECTURE} signed-by=${KEYRING}] ${uri} ${suite} main\n`,
    );
    writeFileSync(path('sources.list'), lines.join(''));
    writeFileSync(
      path('status'),
      LEFT_OUT.filter((name) => !wanted.includes(name))
        .map(pretended)
        .join('\n'),
    );
    writeFileSync(path('empty-file'), '');
    const values: Readonly<Record<string, string>> = {
      'APT::Architecture': ARCHITECTURE,
      'APT::Install-Recommends': 'false',
      'APT::Update::Error-Mode': 'any',
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Dir::Cache': this.#directory,
      'Dir::Cache::archives': path('archives'),
      'Dir::Etc::main': path('empty-file'),
      'Dir::Etc::parts': path('empty'),
      'Dir::Etc::preferences': path('empty-file'),
      'Dir::Etc::preferencesparts': path('empty'),
      'Dir::Etc::sourcelist': path('sources.list'),
      'Dir::Etc::sourceparts': path('empty'),
      'Dir::Etc::trusted': path('empty-file'),
      'Dir::Etc::trustedparts': path('empty'),
      'Dir::State': path('state'),
      'Dir::State::lists': path('lists'),
      'Dir::State::status': path('status'),
    };
    const text = Object.entries(values).map(([key, value]) => `${key} "${value}";\n`);
    writeFileSync(path('apt.conf'), [`APT::Architectures { "${ARCHITECTURE}"; };\n`, ...text, ...settings].join(''));
  }

  #run(args: readonly string[]): Promise<{ code: number; output: string; errors: string }> {
    const environment = {
      ...process.env,
      APT_CONFIG: join(this.#directory, 'apt.conf'),
      LC_ALL: 'C',
      DEBIAN_FRONTEND: 'noninteractive',
    };
    const child = spawn('apt-get', ['-qq', '-y', '-o', 'APT::Status-Fd=3', ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const [output, errors] = [collect(child.stdout!), collect(child.stderr!)];
    child.stdio[3]?.on('data', (bytes: Buffer) => this.#progress(bytes.toString()));
    return new Promise((resolve, reject) => {
      child.on('error', (error) => reject(new PullError(`cannot run apt-get: ${error.message}`, 'CLIENT')));
      child.on('close', (code) => resolve({ code: code ?? 1, output: output(), errors: errors() }));
    });
  }

  /** Lines "dlstatus:file:percent:text". */
  #progress(text: string): void {
    const [last] = [...text.matchAll(/^dlstatus:[^:]*:([\d.]+):/gm)].slice(-1);
    if (last !== undefined) this.#events.onProgress?.(Number(last[1]) / 100);
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => parts.push(bytes));
  return () => Buffer.concat(parts).toString();
}

/** An installed package, newer than any. */
const pretended = (name: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: ${ARCHITECTURE}\nMulti-Arch: foreign\nVersion: 9999:0\nMaintainer: capvm <capvm@localhost>\nDescription: left out\n`;

/** Some lists could not be had, or are not what their signed index says; what was verified before is used. */
function staleness(errors: string): string {
  const suites = new Set([...errors.matchAll(/\/dists\/([\w-]+)\//g)].map(([, suite]) => suite));
  const names = suites.size === 0 ? 'not all lists of packages are up to date' : `${[...suites].join(' and ')} could not be brought up to date, so newer packages may be missing`; // prettier-ignore
  return `${names}: ${firstOf(errors)}`;
}

/** The client's first complaint, without its letter. */
function firstOf(errors: string): string {
  const lines = errors.split('\n').filter((line) => /^[EW]: /.test(line));
  const first = lines.find((line) => line.startsWith('E: ')) ?? lines[0] ?? errors.trim().split('\n')[0];
  return (
    first
      .replace(/^[EW]: /, '')
      .replace(/\s+/g, ' ')
      .trim() || 'apt-get failed'
  );
}
