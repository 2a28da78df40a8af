// `capvm bench services`: what Debian's programs cost as services in cVMs, beside Linux.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureHostRequests } from '../../perf/services/host-requests.ts';
import { measureIsolation } from '../../perf/services/isolation.ts';
import { LINUX_ROWS } from '../../perf/services/linux-baseline.ts';
import { measureServices } from '../../perf/services/measure.ts';
import { measureMemory } from '../../perf/services/memory.ts';
import { nameOf, servicesText, wayOf } from '../../perf/services/report/table.ts';
import { SECTIONS, toJson } from '../../perf/services/results.ts';
import type { Results, Section } from '../../perf/services/results.ts';
import { isSameCase, toTsv } from '../../perf/services/rows.ts';
import type { ReadGuest } from '../../perf/services/stage.ts';
import { measureStartUp } from '../../perf/services/start-up.ts';
import { ArgumentError } from '../host/errors.ts';
import { ImageStore, openImage } from '../image/index.ts';
import type { PackageImage } from '../image/index.ts';
import { vdsoFile } from '../services/index.ts';
import { OUTPUT_OPTIONS, readOutput, runBench, writeCharts } from './bench-output.ts';
import type { Output } from './bench-output.ts';
import { say, writeFully } from './files.ts';
import { parseOptions, text } from './options.ts';
import { packageRoot } from './package-root.ts';

const REDIS = 'redis-server';

interface Options extends Output {
  readonly sections: readonly Section[];
  readonly quick: boolean;
}

export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const redis = open(REDIS);
  return runBench(options, async (signal) => {
    let results: Results;
    try {
      results = await measureSections(redis, options, signal);
    } finally {
      clearProgress();
    }
    await report(results, options);
  });
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseOptions('bench', args, {
    ...OUTPUT_OPTIONS,
    only: { type: 'string' },
    quick: { type: 'boolean' },
  });
  const refuse = (why: string): never => {
    throw new ArgumentError(`bench services: ${why}; see \`capvm help bench\``);
  };
  if (positionals.length !== 1) refuse('it takes no names');
  const output = readOutput('bench services', values);
  const only = text(values, 'only');
  const isSection = (name: string): name is Section => (SECTIONS as readonly string[]).includes(name);
  const sections = only?.split(',').map((name) => (isSection(name) ? name : refuse(`--only: no section ${name}`)));
  const needsRows = output.format === 'tsv' || output.svg !== undefined || output.html !== undefined;
  if (needsRows && sections?.includes('operations') === false) refuse('--tsv, --html and --svg need the operations');
  return { ...output, sections: sections ?? SECTIONS, quick: values.quick === true };
}

/** Throws ImageError: it is not there. */
const open = (name: string): PackageImage => openImage(name, { store: new ImageStore(), vdso: vdsoFile() });

/** Undefined, and a word about it, without it. */
function openIfThere(name: string, what: string): PackageImage | undefined {
  if (new ImageStore().find(name) !== undefined) return open(name);
  clearProgress();
  say(`capvm: without image ${name} there is no ${what}; \`capvm pull ${name}\` fetches it\n`);
  return undefined;
}

async function measureSections(redis: PackageImage, options: Options, signal: AbortSignal): Promise<Results> {
  const { quick, sections } = options;
  const root = packageRoot();
  const common = { image: redis, readGuest: guestReader(root), quick, signal };
  const results: { -readonly [Name in keyof Results]: Results[Name] } = {};
  if (sections.includes('operations')) {
    const python = openIfThere('python3', 'HTTP to Python and Redis');
    const onCase = (point: Parameters<typeof nameOf>[0] & Parameters<typeof wayOf>[0]): void =>
      showProgress(`${nameOf(point)}, over ${wayOf(point)}`);
    const { rows, shares } = await measureServices({ ...common, python, onCase });
    const isMeasured = (row: (typeof LINUX_ROWS)[0]): boolean => rows.some((own) => isSameCase(own, row));
    results.rows = [...rows, ...LINUX_ROWS.filter(isMeasured)];
    results.shares = shares;
  }
  if (sections.includes('host')) {
    showProgress('requests per second of this host');
    results.host = (await measureHostRequests(common)) ?? undefined;
    clearProgress();
    if (results.host === undefined) say('capvm: without redis-benchmark (Debian: redis-tools) on this host there are no requests per second\n'); // prettier-ignore
  }
  if (sections.includes('start-up')) {
    showProgress('start-up');
    results.startUp = await measureStartUp({ ...common, imageName: REDIS, root });
  }
  if (sections.includes('memory')) {
    showProgress('memory');
    results.memory = await measureMemory(redis, common);
  }
  if (sections.includes('isolation')) {
    const [python, sqlite] = ['python3', 'sqlite3'].map((name) => openIfThere(name, 'isolation of it'));
    const onProgram = (program: string): void => showProgress(`isolation of ${program}`);
    results.isolation = await measureIsolation({ ...common, images: { redis, python, sqlite }, onProgram });
  }
  return results;
}

/** Each once. */
function guestReader(root: string): ReadGuest {
  const read = new Map<string, Uint8Array>();
  return (name) => {
    const bytes = read.get(name) ?? readFileSync(join(root, 'guests', 'images', `${name}.elf`));
    read.set(name, bytes);
    return bytes;
  };
}

async function report(results: Results, options: Options): Promise<void> {
  await writeCharts(options, {
    svg: async () => (await import('../../perf/services/report/chart.ts')).toSvg(results.rows!),
    html: async () => (await import('../../perf/services/report/html.ts')).toHtml(results),
  });
  const write = { text: servicesText, json: toJson, tsv: ({ rows }: Results) => toTsv(rows!) }[options.format];
  writeFully(1, Buffer.from(write(results)));
}

/** A line on a terminal, nothing elsewhere. */
function showProgress(what: string): void {
  if (process.stderr.isTTY) say(`\r\x1b[K${what}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) say('\r\x1b[K');
}
