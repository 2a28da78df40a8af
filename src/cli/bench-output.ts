// What all benches have in common: where their results go, and how they are interrupted.
import { ArgumentError } from '../host/errors.ts';
import { checkWritable, say, writeOutput } from './files.ts';
import { Interruption } from './interruption.ts';
import { text } from './options.ts';
import type { Parsed } from './options.ts';

export interface Output {
  readonly format: 'text' | 'json' | 'tsv';
  readonly html: string | undefined;
  readonly svg: string | undefined;
}

export const OUTPUT_OPTIONS = {
  json: { type: 'boolean' },
  tsv: { type: 'boolean' },
  html: { type: 'string' },
  svg: { type: 'string' },
} as const;

/** `bench`: which, for messages. Throws ArgumentError. */
export function readOutput(bench: string, values: Parsed['values']): Output {
  const refuse = (why: string): never => {
    throw new ArgumentError(`${bench}: ${why}; see \`capvm help bench\``);
  };
  if (values.json === true && values.tsv === true) refuse('--json or --tsv, not both');
  const [html, svg] = [text(values, 'html'), text(values, 'svg')];
  if (html !== undefined && html === svg) refuse('--html and --svg need a file each');
  return { format: values.json === true ? 'json' : values.tsv === true ? 'tsv' : 'text', html, svg };
}

/** Measures and reports, unless it is interrupted: the exit code. */
export async function runBench(
  { html, svg }: Output,
  measure: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  // Nobody should learn after half a minute that a file cannot be written, nor lose what is in it by a Ctrl-C.
  for (const path of [html, svg]) if (path !== undefined) checkWritable(path);
  const interruption = new Interruption(undefined);
  try {
    await measure(interruption.signal);
    return 0;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    say(`capvm: ${interruption.text}\n`);
    return interruption.exitCode;
  } finally {
    interruption.close();
  }
}

/** Charts and pages to their files; those that nobody wants are not made. */
export async function writeCharts(
  { html, svg }: Output,
  make: { svg: () => Promise<string>; html: () => Promise<string> },
): Promise<void> {
  if (svg !== undefined) writeOutput(svg, Buffer.from(await make.svg()));
  if (html !== undefined) writeOutput(html, Buffer.from(await make.html()));
}
