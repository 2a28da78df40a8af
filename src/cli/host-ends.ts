// The host's ends of a manifest's streams: files and standard streams.
import { resolve } from 'node:path';
import { ArgumentError } from '../host/errors.ts';
import { HOST } from '../monitor/index.ts';
import type { ManifestStream } from '../monitor/index.ts';
import { shownPath } from './host-files.ts';
import type { ManifestFile } from './host-files.ts';
import { Outflow } from './outflow.ts';
import { openSource } from './source.ts';
import type { Source } from './source.ts';

/** Standard input or output. */
const STANDARD = '-';

export class HostEnds {
  readonly #file: ManifestFile;
  readonly #given: ReadonlyMap<string, string>;
  readonly #sources: Source[] = [];
  /** What streams of cVMs are written to. */
  readonly sinks: Outflow[] = [];
  /** A stream goes to standard output. */
  readonly usesStdout: boolean;

  /** `given`: NAME=FILE, in place of what the manifest says. Throws ArgumentError. */
  constructor(file: ManifestFile, given: readonly string[]) {
    this.#file = file;
    this.#given = new Map(given.map((text) => this.#parse(text)));
    const { streams } = file.manifest;
    const standard = (end: 'from' | 'to'): ManifestStream[] =>
      streams.filter((stream) => stream[end] === HOST && this.#pathOf(stream) === STANDARD);
    for (const [first, second] of [standard('from'), standard('to')])
      if (second !== undefined)
        throw new ArgumentError(`streams ${first.name} and ${second.name} cannot share one standard stream`);
    this.usesStdout = standard('to').length > 0;
  }

  /** Something has come that a cVM waited for: its stream is to be told. */
  onMore: (stream: string) => void = () => undefined;

  /** Something may still come that a cVM waits for. */
  get isAwaited(): boolean {
    return this.#sources.some(({ isAwaited }) => isAwaited);
  }

  source(stream: ManifestStream): Source {
    const path = this.#must(stream);
    const source = openSource(path, path === STANDARD ? 'standard input' : shownPath(path), () => this.onMore(stream.name)); // prettier-ignore
    this.#sources.push(source);
    return source;
  }

  sink(stream: ManifestStream): Outflow {
    const path = this.#must(stream);
    const sink = path === STANDARD ? Outflow.standard(1) : Outflow.open(path, shownPath(path));
    this.sinks.push(sink);
    return sink;
  }

  close(): void {
    for (const end of [...this.#sources, ...this.sinks]) end.close();
  }

  #parse(text: string): [name: string, path: string] {
    const [, name, path] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined) throw new ArgumentError(`--stream: ${JSON.stringify(text)} is not NAME=FILE`);
    const stream = this.#file.manifest.streams.find((candidate) => candidate.name === name);
    if (stream === undefined) throw new ArgumentError(`--stream: ${this.#file.name} has no stream called "${name}"`);
    if (stream.from !== HOST && stream.to !== HOST)
      throw new ArgumentError(`--stream: stream ${name} has no end at the host`);
    return [name, path === STANDARD ? path : resolve(path)];
  }

  #pathOf({ name, file }: ManifestStream): string | undefined {
    const given = this.#given.get(name);
    if (given !== undefined || file === undefined || file === STANDARD) return given ?? file;
    return resolve(this.#file.directory, file);
  }

  #must(stream: ManifestStream): string {
    const path = this.#pathOf(stream);
    if (path !== undefined) return path;
    throw new ArgumentError(
      `stream ${stream.name} of ${this.#file.name} names no file: give --stream ${stream.name}=FILE`,
    );
  }
}
