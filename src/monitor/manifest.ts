// Reads a manifest: YAML, checked against the schema and then for sense. Every complaint is one line that says where:
//   two.yaml:12:13: cvms[1].memory: "12Q" is not a size (write 512K, 64M or a number of bytes)
// Trust: the text is the user's; nothing in it is executed, and aliases cannot make it explode.
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { MEMORY_MAXIMUM, MEMORY_MINIMUM, parseSize } from '../host/index.ts';
import { ManifestError } from './errors.ts';
import { MANIFEST_SCHEMA } from './manifest-schema.ts';
import { knownKeys, parserText, schemaText, TOO_DEEP } from './manifest-texts.ts';
import { HOST } from './manifest-types.ts';
import type {
  Manifest,
  ManifestCall,
  ManifestCvm,
  ManifestFile,
  ManifestLinux,
  ManifestStream,
} from './manifest-types.ts';

const TEXT_LIMIT = 1024 * 1024;
/** Of lists and maps in each other; a manifest needs four. */
const DEPTH_LIMIT = 32;
const MEMORY_DEFAULT = 64 * 1024 ** 2;

type Path = readonly (string | number)[];
type Size = number | string;

interface RawLinux {
  command?: (string | number)[];
  env?: Record<string, string | number>;
  cwd?: string;
  processes?: number;
  kernel_memory?: Size;
  publish?: (string | number)[];
  connect?: string[];
  allow?: string[];
  volumes?: { file: string; key?: string; size: Size; at: string }[];
  stdin?: string;
  strace?: boolean;
}

interface RawManifest {
  machine?: { memory?: Size; slice?: number; seed?: number };
  cvms: (Omit<ManifestCvm, 'memory' | 'stack' | 'arguments' | 'linux'> &
    RawLinux & {
      memory: Size;
      stack?: Size;
      arguments?: (string | number)[];
    })[];
  streams?: ManifestStream[];
  calls?: ManifestCall[];
  files?: { name: string; size?: Size; owner?: string; read?: string[]; write?: string[] }[];
}

const validate = new Ajv({ allErrors: false, verbose: true, allowUnionTypes: true }).compile<RawManifest>(
  MANIFEST_SCHEMA,
);

/** Throws ManifestError. `file` is what messages call the text. */
export function parseManifest(text: string, file = 'manifest'): Manifest {
  return new Reader(text, file).read();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();
  #document!: Document;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): Manifest {
    const raw = this.#parse();
    if (!validate(raw)) this.#refuseSchema(validate.errors!.at(-1)!); // the whole of an anyOf comes last
    const { machine = {}, streams = [], calls = [] } = raw;
    const isLinux = raw.cvms.some(({ command }) => command !== undefined);
    const memory =
      machine.memory === undefined
        ? isLinux
          ? undefined
          : MEMORY_DEFAULT
        : this.#size(machine.memory, ['machine', 'memory']);
    if (memory !== undefined && (memory < MEMORY_MINIMUM || memory > MEMORY_MAXIMUM || memory % 4096 !== 0)) {
      this.#refuse(['machine', 'memory'], `${machine.memory} is not a multiple of 4K between 1M and 3G`);
    }
    const cvms = raw.cvms.map((cvm, index) => this.#cvm(cvm, index));
    this.#checkNames('cvms', cvms);
    this.#checkNames('streams', streams);
    streams.forEach((stream, index) => this.#checkStream(stream, index, cvms));
    cvms.forEach((cvm, index) => this.#checkLinux(cvm, index, cvms, streams));
    calls.forEach((call, index) => this.#checkCall(call, index, calls, cvms));
    const files = (raw.files ?? []).map((file, index) => this.#readFile(file, index, cvms));
    this.#checkNames('files', files);
    return { memory, slice: machine.slice, seed: machine.seed, cvms, streams, calls, files };
  }

  #parse(): unknown {
    if (this.#text.length > TEXT_LIMIT)
      throw new ManifestError(`${this.#file}: ${this.#text.length} characters, a manifest has at most ${TEXT_LIMIT}`);
    this.#document = parseDocument(this.#text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: 'error',
      strict: true,
      uniqueKeys: true,
    });
    const [error] = [...this.#document.errors, ...this.#document.warnings];
    if (error !== undefined) throw new ManifestError(`${this.#place(error.pos[0])}: ${parserText(error)}`);
    this.#checkShape();
    try {
      return this.#document.toJS({ maxAliasCount: 100 });
    } catch (cause) {
      throw new ManifestError(`${this.#file}: ${(cause as Error).message}`);
    }
  }

  /** What comes next is recursive, and writes keys as text. */
  #checkShape(): void {
    const nodes = [{ node: this.#document.contents as Node | null, depth: 0 }];
    for (const { node, depth } of nodes) {
      const refuse = (why: string): never => {
        throw new ManifestError(`${this.#place(node?.range?.[0])}: ${why}`);
      };
      if (depth > DEPTH_LIMIT) refuse(TOO_DEEP);
      if (isMap(node) && !node.items.every(({ key }) => isScalar(key) || isAlias(key))) refuse('a key is no name');
      const inner = isMap(node) ? node.items.map(({ value }) => value) : isSeq(node) ? node.items : [];
      for (const next of inner) nodes.push({ node: next as Node | null, depth: depth + 1 });
    }
  }

  #cvm(raw: RawManifest['cvms'][number], index: number): ManifestCvm {
    const path = ['cvms', index];
    if (raw.name === HOST) this.#refuse([...path, 'name'], `"${HOST}" is the name of the host's end of a stream`);
    const {
      stack,
      command,
      env,
      cwd,
      processes,
      kernel_memory,
      publish,
      connect,
      allow,
      volumes,
      stdin,
      strace,
      ...rest
    } = raw;
    const given = { env, cwd, processes, kernel_memory, publish, connect, allow, volumes, stdin, strace };
    const [foreign] = Object.entries(given).find(([, value]) => command === undefined && value !== undefined) ?? [];
    if (foreign !== undefined)
      this.#refuse([...path, foreign], 'it is for cVMs with a command, which run a program of a package image', true);
    return {
      ...rest,
      ...(command === undefined ? {} : { linux: this.#linux(raw, path) }),
      memory: this.#size(raw.memory, [...path, 'memory']),
      ...(stack === undefined ? {} : { stack: this.#size(stack, [...path, 'stack']) }),
      arguments: (raw.arguments ?? []).map(String),
    };
  }

  #linux(raw: RawManifest['cvms'][number], path: Path): ManifestLinux {
    const {
      command = [],
      env = {},
      cwd,
      processes = 1,
      kernel_memory,
      publish = [],
      connect = [],
      allow = [],
      volumes = [],
    } = raw;
    if (raw.arguments !== undefined)
      this.#refuse([...path, 'arguments'], 'a cVM with a command has its arguments there', true);
    const kernelMemory =
      kernel_memory === undefined ? undefined : this.#size(kernel_memory, [...path, 'kernel_memory']);
    return {
      ...{ command: command.map(String), cwd, processes, kernelMemory, connect, allow, stdin: raw.stdin },
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
      publish: publish.map(String),
      volumes: volumes.map((volume, at) => ({
        ...volume,
        size: this.#size(volume.size, [...path, 'volumes', at, 'size']),
      })),
      strace: raw.strace === true,
    };
  }

  #checkLinux(
    { name, linux }: ManifestCvm,
    index: number,
    cvms: readonly ManifestCvm[],
    streams: readonly ManifestStream[],
  ): void {
    const path = ['cvms', index];
    linux?.connect.forEach((peer, at) => {
      this.#checkCvm(peer, [...path, 'connect', at], cvms);
      if (peer === name) this.#refuse([...path, 'connect', at], 'a cVM reaches itself as localhost');
      if (cvms.find((cvm) => cvm.name === peer)!.linux === undefined)
        this.#refuse([...path, 'connect', at], `"${peer}" has no command, and no network`);
    });
    if (linux?.stdin !== undefined && !streams.some((stream) => stream.name === linux.stdin && stream.to === name))
      this.#refuse([...path, 'stdin'], `there is no stream "${linux.stdin}" to ${name}`);
  }

  #checkNames(list: string, items: readonly { name: string }[]): void {
    const seen = new Map<string, number>();
    items.forEach(({ name }, index) => {
      const first = seen.get(name);
      if (first !== undefined)
        this.#refuse([list, index, 'name'], `"${name}" is the name of ${list}[${first}] already`);
      seen.set(name, index);
    });
  }

  #checkStream({ from, to, file }: ManifestStream, index: number, cvms: readonly ManifestCvm[]): void {
    const path = ['streams', index];
    if (from !== HOST) this.#checkCvm(from, [...path, 'from'], cvms);
    if (to !== HOST) this.#checkCvm(to, [...path, 'to'], cvms);
    if (from === to) this.#refuse([...path, 'to'], 'a stream connects two different ends');
    if (file !== undefined && from !== HOST && to !== HOST)
      this.#refuse([...path, 'file'], `a file needs ${HOST} at one end`);
  }

  #checkCall(
    { name, from, to }: ManifestCall,
    index: number,
    calls: readonly ManifestCall[],
    cvms: readonly ManifestCvm[],
  ): void {
    const path = ['calls', index];
    this.#checkCvm(from, [...path, 'from'], cvms);
    this.#checkCvm(to, [...path, 'to'], cvms);
    if (from === to) this.#refuse([...path, 'to'], 'a cVM does not call itself');
    const other = calls.findIndex((call) => call.name === name && call.to !== to);
    if (other >= 0 && other < index)
      this.#refuse([...path, 'to'], `calls[${other}] says that "${calls[other].to}" serves ${name}`);
  }

  #readFile(raw: NonNullable<RawManifest['files']>[number], index: number, cvms: readonly ManifestCvm[]): ManifestFile {
    const { size, owner, read = [], write = [], ...rest } = raw;
    const path = ['files', index];
    if ((size === undefined) === (owner === undefined))
      this.#refuse(path, 'a file has a size, or an owner that advertises it, not both');
    if (owner !== undefined) this.#checkCvm(owner, [...path, 'owner'], cvms);
    read.forEach((name, at) => this.#checkCvm(name, [...path, 'read', at], cvms));
    write.forEach((name, at) => this.#checkCvm(name, [...path, 'write', at], cvms));
    return { ...rest, owner, read, write, size: size === undefined ? undefined : this.#size(size, [...path, 'size']) };
  }

  #checkCvm(name: string, path: Path, cvms: readonly ManifestCvm[]): void {
    if (!cvms.some((cvm) => cvm.name === name)) this.#refuse(path, `there is no cVM called "${name}"`);
  }

  #size(value: Size, path: Path): number {
    try {
      const bytes = typeof value === 'number' ? value : parseSize(value);
      if (bytes > 0 && bytes <= MEMORY_MAXIMUM) return bytes;
    } catch {
      // Said below, with the place.
    }
    return this.#refuse(
      path,
      `${JSON.stringify(value)} is not a size (write 512K, 64M or a number of bytes, at most 3G)`,
    );
  }

  #refuseSchema(error: ErrorObject): never {
    if (error.data === null && error.instancePath === '') throw new ManifestError(`${this.#file}: it is empty`);
    const path = error.instancePath.split('/').slice(1).map((part) => (/^\d+$/.test(part) ? Number(part) : part)); // prettier-ignore
    const unknown = error.params.additionalProperty as string | undefined;
    if (unknown !== undefined)
      return this.#refuse([...path, unknown], `unknown key; known are ${knownKeys(error)}`, true);
    return this.#refuse(path, schemaText(error));
  }

  #refuse(path: Path, why: string, key = false): never {
    const offset = this.#offsetOf(path, key);
    const name = path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), ''); // prettier-ignore
    throw new ManifestError(`${this.#place(offset)}: ${name === '' ? '' : `${name}: `}${why}`);
  }

  #place(offset: number | undefined): string {
    if (offset === undefined) return this.#file;
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  /** Where the value at `path` stands, or the nearest thing around it. */
  #offsetOf(path: Path, key: boolean): number | undefined {
    let node = this.#document.contents as Node | null;
    let offset = node?.range?.[0];
    for (const [depth, part] of path.entries()) {
      const next = childOf(node, part, key && depth === path.length - 1);
      if (next === undefined) break;
      node = next;
      offset = node.range?.[0] ?? offset;
    }
    return offset;
  }
}

function childOf(node: Node | null, part: string | number, key: boolean): Node | undefined {
  if (isSeq(node)) return node.items[Number(part)] as Node | undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
  return (key ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined;
}
