// `capvm up FILE.yaml`: runs a manifest in the foreground.
import { basename, resolve } from 'node:path';
import { ArgumentError, EXIT } from '../host/errors.ts';
import { ENGINES } from '../host/machine-options.ts';
import type { MachineOptions } from '../host/machine-options.ts';
import type { Cvm, MonitorStop } from '../monitor/index.ts';
import { deployServices } from '../services/index.ts';
import type { Services } from '../services/index.ts';
import { Control } from './control/control.ts';
import { serve } from './control/server.ts';
import { Sessions } from './control/sessions.ts';
import { cvmDetails, cvmTable } from './cvm-report.ts';
import type { CvmJson } from './cvm-report.ts';
import { endPrograms } from './ending.ts';
import { explain } from './explanation.ts';
import { say } from './files.ts';
import { HostEnds } from './host-ends.ts';
import { readImageFile, readManifest, readSwitcherFile } from './host-files.ts';
import type { ManifestFile } from './host-files.ts';
import { Interruption } from './interruption.ts';
import { Logs } from './logs-buffer.ts';
import { choice, count, duration, onlyManifest, parseOptions } from './options.ts';
import { Outflow, sayAll } from './outflow.ts';
import { printable } from './printable.ts';
import { surroundings } from './services.ts';
import { grouped } from './table.ts';
import { UpOutput } from './up-output.ts';

export const help = `usage: capvm up [options] FILE.yaml

Runs the cVMs of a manifest until all but background ones have ended. What they print comes on stdout,
whole lines, each behind its cVM's name; a table of them goes to stderr at the end. While it runs,
\`capvm ps\` looks at it and \`capvm pause|resume|restart|kill|stop NAME\` changes it.
Ctrl-C ends all cVMs and prints the table; Linux programs get SIGTERM first, and five seconds; a second
one does not wait. \`capvm logs NAME\` shows again what one printed.

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
  const [outflow, trace] = [Outflow.standard(ends.usesStdout ? 2 : 1), Outflow.standard(2)];
  const names = file.manifest.cvms.map(({ name }) => name);
  const output = new UpOutput({ json: options.json, outflow, trace, names });
  return await runServices(file, { output, ends, engine, budget, seconds, report: options });
}

/** The console's channel for errors. */
const ERRORS = 1;

export interface ServiceRun {
  readonly output: UpOutput;
  readonly ends: HostEnds;
  readonly engine: MachineOptions['engine'];
  readonly budget: bigint | undefined;
  readonly seconds: number | undefined;
  readonly report: ReportOptions;
}

/** Deploys, runs to the end and reports; the exit code. */
export async function runServices(file: ManifestFile, run: ServiceRun): Promise<number> {
  const { output, ends, engine } = run;
  const [logs, stopped] = [new Logs(), new Set<Cvm>()];
  try {
    const deployment = await deployServices(file.manifest, {
      ...surroundings(file.directory),
      switcher: readSwitcherFile(),
      readImage: (name) => readImageFile(file.directory, name),
      source: (stream) => ends.source(stream),
      sink: (stream) => ends.sink(stream),
      onConsole: (cvm, bytes, channel) => {
        logs.add(cvm.name, bytes);
        output.console(cvm, bytes, channel === ERRORS);
      },
      onTrace: (cvm, line) => output.trace(cvm, line),
      mayRestart: (cvm) => !stopped.has(cvm),
      engine,
    });
    const control = new Control(deployment, resolve(file.directory, basename(file.name)), logs, stopped);
    try {
      return await new Run(deployment, file, output, ends, control).run(run.budget, run.seconds, run.report);
    } finally {
      deployment.close();
    }
  } finally {
    ends.close();
  }
}

class Run {
  readonly #deployment: Services;
  readonly #file: ManifestFile;
  readonly #output: UpOutput;
  readonly #ends: HostEnds;
  readonly #outflows: readonly Outflow[];
  readonly #control: Control;
  readonly #begin = performance.now();

  constructor(deployment: Services, file: ManifestFile, output: UpOutput, ends: HostEnds, control: Control) {
    this.#deployment = deployment;
    this.#file = file;
    this.#output = output;
    this.#ends = ends;
    this.#outflows = [...output.outflows, ...ends.sinks];
    this.#control = control;
    deployment.monitor.audit.onRecord((record) => output.audit(record));
    ends.onMore = (stream) => {
      deployment.monitor.streams.get(stream)?.more();
      this.#control.wake();
    };
  }

  async run(budget: bigint | undefined, seconds: number | undefined, options: ReportOptions): Promise<number> {
    const sessions = new Sessions(this.#deployment, () => this.#control.wake());
    const server = await serve({
      handle: (request) => this.#control.handle(request),
      exec: (request, socket) => sessions.exec(request, socket),
      attach: (request, socket) => sessions.attach(request, socket),
    });
    if (typeof server === 'string' && !options.quiet) say(`capvm: no control socket: ${server}\n`);
    const interruption = new Interruption(seconds);
    try {
      const { name, manifest } = this.#file;
      const cvms = manifest.cvms.map((cvm) => cvm.name);
      const { ports } = this.#deployment;
      this.#output.event({ event: 'up', schema: 1, file: name, run: process.pid, cvms, ports });
      if (!options.json && !options.quiet)
        say(
          ports
            .map(
              ({ cvm, address, hostPort, guestPort }) =>
                `capvm: ${address}:${hostPort} is port ${guestPort} of ${cvm}\n`,
            )
            .join(''),
        );
      this.#deployment.start();
      const stop = await this.#turns(interruption.signal, budget);
      if (stop.reason === 'aborted') await this.#endPrograms();
      return await this.#finish(stop, interruption, options);
    } finally {
      interruption.close();
      if (typeof server !== 'string') server.close();
    }
  }

  async #endPrograms(): Promise<void> {
    for (const cvm of this.#deployment.cvms.values()) if (cvm.alive) this.#control.stopped.add(cvm);
    await endPrograms(this.#deployment);
  }

  /** While all are paused, or wait for input of the host, only a command, input or a signal can change that. */
  async #turns(signal: AbortSignal, budget: bigint | undefined): Promise<MonitorStop> {
    const { monitor } = this.#deployment;
    const end = budget === undefined ? undefined : monitor.machine.instructions + budget;
    const [hold, onProgress] = [() => this.#hold(signal), () => this.#output.flush()];
    for (;;) {
      const left = end === undefined ? undefined : end - monitor.machine.instructions;
      const stop = await monitor.run({ signal, budget: left, onProgress, hold });
      const isWaiting = stop.reason === 'paused' || (stop.reason === 'deadlock' && this.#ends.isAwaited);
      if (!isWaiting) return stop;
      this.#output.flush();
      await this.#control.changed(signal);
    }
  }

  /** Who reads what the cVMs write is slower than they: they stand still. */
  #hold(signal: AbortSignal): Promise<void> | undefined {
    return this.#outflows.some(({ isFull }) => isFull) ? this.#drained(signal) : undefined;
  }

  async #drained(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#outflows.map((outflow) => outflow.drained(signal)));
  }

  async #finish(stop: MonitorStop, interruption: Interruption, options: ReportOptions): Promise<number> {
    const cvms = this.#end(stop, interruption);
    this.#output.close();
    await this.#drained(interruption.patience);
    const isCut = interruption.signal.aborted;
    return this.#report(isCut ? { ...stop, reason: 'aborted' } : stop, cvms, interruption, options);
  }

  /** What every cVM was doing; those that could have gone on are ended if the run is cut short. */
  #end(stop: MonitorStop, interruption: Interruption): readonly CvmJson[] {
    const { monitor } = this.#deployment;
    const before = new Map(monitor.cvms.map((cvm) => [cvm, this.#control.describe(cvm)]));
    if (stop.reason !== 'ended') {
      for (const cvm of monitor.cvms.filter(({ alive }) => alive))
        this.#control.stop(cvm, stop.reason === 'deadlock' ? 'every thread waits' : explain(stop, interruption));
    }
    return [...before].map(([cvm, was]) => {
      const { state, ending } = this.#control.describe(cvm);
      return { ...was, state, ending };
    });
  }

  async #report(
    stop: MonitorStop,
    cvms: readonly CvmJson[],
    interruption: Interruption,
    { json, quiet, stats }: ReportOptions,
  ): Promise<number> {
    const { monitor } = this.#deployment;
    const code = this.#exitCode(stop, interruption);
    const seconds = (performance.now() - this.#begin) / 1000;
    const explanation = explain(stop, interruption);
    if (json) {
      const { switches, services, total } = monitor.charges;
      const instructions = Number(stop.instructions);
      const summary = { event: 'summary', reason: stop.reason, explanation, exitCode: code, seconds, instructions };
      this.#output.event({ ...summary, charge: { switches, services, total }, waiting: stop.waiting, cvms });
      this.#output.flush();
      await this.#drained(interruption.patience);
    }
    if (quiet) return code;
    const cost = `${grouped(stop.instructions)} instructions, ${grouped(monitor.charges.total)} charged, ${seconds.toFixed(2)} s`;
    const lines = [
      `capvm: ${this.#file.name}: ${explanation}; ${cost}`,
      ...cvmTable(cvms, explanation),
      ...(stats ? cvmDetails(cvms) : []),
    ];
    await sayAll(`${lines.map(printable).join('\n')}\n`, interruption.patience);
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
