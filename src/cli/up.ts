// `capvm up FILE.yaml`: runs a manifest in the foreground.
import { basename, resolve } from 'node:path';
import { ArgumentError, EXIT } from '../host/errors.ts';
import { ENGINES } from '../host/machine-options.ts';
import { deploy } from '../monitor/index.ts';
import type { Deployment, MonitorStop } from '../monitor/index.ts';
import { Control } from './control/control.ts';
import { serve } from './control/server.ts';
import { cvmDetails, cvmJson, cvmTable } from './cvm-report.ts';
import { writeFully } from './files.ts';
import { HostEnds } from './host-ends.ts';
import { readImageFile, readManifest, readSwitcherFile } from './host-files.ts';
import type { ManifestFile } from './host-files.ts';
import { Interruption } from './interruption.ts';
import { choice, count, duration, onlyManifest, parseOptions } from './options.ts';
import { printable } from './printable.ts';
import { grouped } from './table.ts';
import { UpOutput } from './up-output.ts';

export const help = `usage: capvm up [options] FILE.yaml

Runs the cVMs of a manifest until all but background ones have ended. What they print comes on stdout,
whole lines, each behind its cVM's name; a table of them goes to stderr at the end. While it runs,
\`capvm ps\` looks at it and \`capvm pause|resume|restart|kill|stop NAME\` changes it.
Ctrl-C ends all cVMs and prints the table; a second one does not wait.

  --stream NAME=FILE   the host's end of a stream is FILE, whatever the manifest says; - is standard
                       input or output (consoles then go to stderr). May be given again
  --quiet              no table
  --stats              after the table what each cVM has: memory, threads and what they wait for,
                       streams, calls, what the monitor's services count for
  --json               events on stdout instead, one JSON object a line, the summary last
  --budget N           stop after N instructions (1000000, 1e6, 1M)
  --max-time SECONDS   stop after that much time
  --engine NAME        auto (default), interp, translate or lockstep, as of \`capvm run\`

Exit codes: 0 when all foreground cVMs have exited with 0 (or were stopped on purpose); else that of the
first in the manifest that has not: its own exit code, 122 if it faulted, 119 if it was killed or used up
what it may. 121 when all wait for each other. Others: \`capvm help exit-codes\`.
`;

const OPTIONS = {
  stream: { type: 'string', multiple: true },
  quiet: { type: 'boolean' },
  stats: { type: 'boolean' },
  json: { type: 'boolean' },
  budget: { type: 'string' },
  'max-time': { type: 'string' },
  engine: { type: 'string' },
} as const;

interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stats: boolean;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('up', args, OPTIONS);
  const path = onlyManifest('up', positionals);
  const [budget, seconds] = [count(values, 'budget'), duration(values, 'max-time')];
  const engine = choice(values, 'engine', ENGINES);
  const options = { json: values.json === true, quiet: values.quiet === true, stats: values.stats === true };
  const file = readManifest(resolve(path));
  const ends = new HostEnds(file, (values.stream ?? []) as string[]);
  if (ends.usesStdout && options.json)
    throw new ArgumentError('--json writes to standard output, where a stream of the manifest goes');
  const names = file.manifest.cvms.map(({ name }) => name);
  const output = new UpOutput({ json: options.json, descriptor: ends.usesStdout ? 2 : 1, names });
  try {
    const deployment = await deploy(file.manifest, {
      switcher: readSwitcherFile(),
      readImage: (name) => readImageFile(file.directory, name),
      source: (stream) => ends.source(stream),
      sink: (stream) => ends.sink(stream),
      onConsole: (cvm, bytes) => output.console(cvm, bytes),
      engine,
    });
    return await new Run(deployment, file, output, ends).run(budget, seconds, options);
  } finally {
    ends.close();
  }
}

class Run {
  readonly #deployment: Deployment;
  readonly #file: ManifestFile;
  readonly #output: UpOutput;
  readonly #ends: HostEnds;
  readonly #control: Control;
  readonly #begin = performance.now();

  constructor(deployment: Deployment, file: ManifestFile, output: UpOutput, ends: HostEnds) {
    this.#deployment = deployment;
    this.#file = file;
    this.#output = output;
    this.#ends = ends;
    this.#control = new Control(deployment, resolve(file.directory, basename(file.name)));
    deployment.monitor.audit.onRecord((record) => output.audit(record));
    ends.onMore = (stream) => {
      deployment.monitor.streams.get(stream)?.more();
      this.#control.wake();
    };
  }

  async run(budget: bigint | undefined, seconds: number | undefined, options: ReportOptions): Promise<number> {
    const server = await serve((request) => this.#control.handle(request));
    if (typeof server === 'string' && !options.quiet)
      writeFully(2, Buffer.from(`capvm: no control socket: ${server}\n`));
    const interruption = new Interruption(seconds);
    try {
      const { name, manifest } = this.#file;
      const cvms = manifest.cvms.map((cvm) => cvm.name);
      this.#output.event({ event: 'up', schema: 1, file: name, run: process.pid, cvms });
      this.#deployment.start();
      const stop = await this.#turns(interruption.signal, budget);
      if (stop.reason === 'aborted') this.#killAll(interruption.text);
      this.#output.close();
      return this.#report(stop, interruption, options);
    } finally {
      interruption.close();
      if (typeof server !== 'string') server.close();
    }
  }

  /** While all are paused, or wait for standard input, only a command, input or a signal can change that. */
  async #turns(signal: AbortSignal, budget: bigint | undefined): Promise<MonitorStop> {
    const { monitor } = this.#deployment;
    const end = budget === undefined ? undefined : monitor.machine.instructions + budget;
    for (;;) {
      const left = end === undefined ? undefined : end - monitor.machine.instructions;
      const stop = await monitor.run({ signal, budget: left, onProgress: () => this.#output.flush() });
      const isWaiting = stop.reason === 'paused' || (stop.reason === 'deadlock' && this.#ends.isAwaited);
      if (!isWaiting) return stop;
      this.#output.flush();
      await this.#control.changed(signal);
    }
  }

  #killAll(why: string): void {
    const { monitor, cvms } = this.#deployment;
    for (const cvm of cvms.values()) if (cvm.alive) monitor.kill(cvm, why);
  }

  #report(stop: MonitorStop, interruption: Interruption, { json, quiet, stats }: ReportOptions): number {
    const { monitor } = this.#deployment;
    const code = this.#exitCode(stop, interruption);
    const seconds = (performance.now() - this.#begin) / 1000;
    const cvms = monitor.cvms.map((cvm) => cvmJson(monitor.stats(cvm)));
    const explanation = explain(stop, interruption);
    if (json) {
      const { switches, services, total } = monitor.charges;
      const instructions = Number(stop.instructions);
      const summary = { event: 'summary', reason: stop.reason, explanation, exitCode: code, seconds, instructions };
      this.#output.event({ ...summary, charge: { switches, services, total }, waiting: stop.waiting, cvms });
      this.#output.flush();
    }
    if (quiet) return code;
    const cost = `${grouped(stop.instructions)} instructions, ${grouped(monitor.charges.total)} charged, ${seconds.toFixed(2)} s`;
    const lines = [
      `capvm: ${this.#file.name}: ${explanation}; ${cost}`,
      ...cvmTable(cvms),
      ...(stats ? cvmDetails(cvms) : []),
    ];
    writeFully(2, Buffer.from(`${lines.map(printable).join('\n')}\n`));
    return code;
  }

  #exitCode({ reason }: MonitorStop, interruption: Interruption): number {
    if (reason === 'aborted') return interruption.exitCode;
    if (reason === 'budget') return EXIT.budget;
    if (reason === 'deadlock') return EXIT.idle;
    const codes = [...this.#deployment.cvms.values()]
      .filter((cvm) => !cvm.background && !this.#control.stopped.has(cvm))
      .map(({ state, exitCode }) => (state === 'exited' ? exitCode! : state === 'faulted' ? EXIT.trap : EXIT.killed));
    return codes.find((code) => code !== 0) ?? EXIT.ok;
  }
}

const WAITING_SHOWN = 10;

function explain({ reason, waiting }: MonitorStop, { text }: Interruption): string {
  if (reason === 'aborted') return text;
  if (reason === 'budget') return 'the budget is used up';
  if (reason !== 'deadlock') return reason;
  const more = waiting.length > WAITING_SHOWN ? ` and ${waiting.length - WAITING_SHOWN} more` : '';
  return `every thread waits: ${waiting.slice(0, WAITING_SHOWN).join('; ')}${more}`;
}
