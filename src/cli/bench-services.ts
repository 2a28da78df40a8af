// `capvm bench services`: what Debian's programs cost as services in cVMs, beside Linux.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINUX_ROWS } from '../../perf/services/linux-baseline.ts';
import { measureServices } from '../../perf/services/measure.ts';
import type { Measured } from '../../perf/services/measure.ts';
import { nameOf, servicesText } from '../../perf/services/report/table.ts';
import { isSameCase, plainRow, toTsv } from '../../perf/services/rows.ts';
import type { Case, Row } from '../../perf/services/rows.ts';
import { ArgumentError } from '../host/errors.ts';
import { ImageStore, openImage } from '../image/index.ts';
import { vdsoFile } from '../services/index.ts';
import { checkWritable, say, writeFully, writeOutput } from './files.ts';
import { Interruption } from './interruption.ts';
import { parseOptions, text } from './options.ts';
import { packageRoot } from './package-root.ts';

const IMAGE = 'redis-server';

type Format = 'text' | 'json' | 'tsv';

interface Options {
  readonly format: Format;
  readonly html: string | undefined;
  readonly svg: string | undefined;
  readonly quick: boolean;
}

export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  for (const path of [options.html, options.svg]) if (path !== undefined) checkWritable(path);
  const image = openImage(IMAGE, { store: new ImageStore(), vdso: vdsoFile() });
  const switcher = readFileSync(join(packageRoot(), 'guests', 'images', 'switcher.elf'));
  const interruption = new Interruption(undefined);
  try {
    const { quick } = options;
    const { signal } = interruption;
    const measured = await measureServices({ image, switcher, quick, signal, onCase: showProgress });
    clearProgress();
    await report(measured, options);
    return 0;
  } catch (error) {
    clearProgress();
    if (!interruption.signal.aborted) throw error;
    say(`capvm: ${interruption.text}\n`);
    return interruption.exitCode;
  } finally {
    interruption.close();
  }
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseOptions('bench', args, {
    json: { type: 'boolean' },
    tsv: { type: 'boolean' },
    html: { type: 'string' },
    svg: { type: 'string' },
    quick: { type: 'boolean' },
  });
  if (positionals.length !== 1) throw new ArgumentError('bench services: it takes no names; see `capvm help bench`');
  if (values.json === true && values.tsv === true) throw new ArgumentError('bench: --json or --tsv, not both');
  const [html, svg] = [text(values, 'html'), text(values, 'svg')];
  if (html !== undefined && html === svg) throw new ArgumentError('bench: --html and --svg need a file each');
  const format = values.json === true ? 'json' : values.tsv === true ? 'tsv' : 'text';
  return { format, html, svg, quick: values.quick === true };
}

async function report(measured: Measured, { format, html, svg, quick }: Options): Promise<void> {
  const quoted = quick ? LINUX_ROWS.filter((row) => measured.rows.some((own) => isSameCase(own, row))) : LINUX_ROWS;
  const rows = [...measured.rows, ...quoted];
  if (svg !== undefined) writeOutput(svg, Buffer.from((await import('../../perf/services/report/chart.ts')).toSvg(rows))); // prettier-ignore
  if (html !== undefined) writeOutput(html, Buffer.from((await import('../../perf/services/report/html.ts')).toHtml(rows, measured))); // prettier-ignore
  writeFully(1, Buffer.from(textOf(rows, measured, format)));
}

function textOf(rows: readonly Row[], measured: Measured, format: Format): string {
  if (format === 'tsv') return toTsv(rows);
  if (format === 'text') return servicesText(rows, measured);
  const { shares, startUp, memory } = measured;
  return `${JSON.stringify({ schema: 1, rows: rows.map(plainRow), shares, startUp, memory })}\n`;
}

/** A line on a terminal, nothing elsewhere. */
function showProgress(point: Case): void {
  if (process.stderr.isTTY) say(`\r\x1b[K${nameOf(point)}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) say('\r\x1b[K');
}
