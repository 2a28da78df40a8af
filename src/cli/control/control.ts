// What may be done to a run from outside. Called between turns only: the machine stands still.
import { CapvmError } from '../../host/errors.ts';
import type { Cvm } from '../../monitor/index.ts';
import type { Services } from '../../services/index.ts';
import { endProgram } from '../ending.ts';
import { cvmJson } from '../cvm-report.ts';
import type { CvmJson } from '../cvm-report.ts';
import type { Logs } from '../logs-buffer.ts';
import type { Action, Question, Response } from './protocol.ts';

export class Control {
  readonly #deployment: Services;
  readonly #file: string;
  readonly #begin = performance.now();
  readonly #waiting = new Set<() => void>();
  /** Ended on purpose: their end is no failure. */
  readonly stopped: Set<Cvm>;
  readonly #logs: Logs;

  /** `file`: the manifest's absolute path. */
  constructor(deployment: Services, file: string, logs: Logs, stopped = new Set<Cvm>()) {
    this.stopped = stopped;
    this.#logs = logs;
    this.#deployment = deployment;
    this.#file = file;
  }

  describe(cvm: Cvm): CvmJson {
    const { monitor, statistics } = this.#deployment;
    const json = cvmJson(monitor.stats(cvm), statistics(cvm));
    return this.stopped.has(cvm) ? { ...json, state: 'stopped' } : json;
  }

  /** Ends a cVM on purpose. */
  stop(cvm: Cvm, why: string): void {
    this.#deployment.monitor.kill(cvm, why);
    this.stopped.add(cvm);
  }

  handle(request: Question): Response {
    if (request.verb === 'ps') return this.#look();
    const cvm = this.#deployment.cvms.get(request.name);
    if (cvm === undefined) return { error: `there is no cVM called ${JSON.stringify(request.name)}` };
    if (request.verb === 'logs') return { logs: this.#logs.of(cvm.name).toString('base64') };
    try {
      this.#act(request.verb, cvm);
    } catch (error) {
      if (!(error instanceof CapvmError)) throw error;
      return { error: error.message };
    }
    this.wake();
    return this.#look();
  }

  /** Something has changed. */
  wake(): void {
    for (const settle of this.#waiting) settle();
  }

  /** Settles when something was done, or at an abort. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle);
      if (signal.aborted) settle();
    });
  }

  #act(action: Action, cvm: Cvm): void {
    const { monitor } = this.#deployment;
    if (action === 'restart') {
      monitor.restart(cvm);
      this.stopped.delete(cvm);
      return;
    }
    if (!cvm.alive) throw new CapvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${this.describe(cvm).state}`);
    const why = 'stopped by capvm stop';
    if (action === 'stop' && endProgram(this.#deployment, cvm, why)) this.stopped.add(cvm);
    else if (action === 'stop') this.stop(cvm, why);
    else if (action === 'kill') monitor.kill(cvm, 'killed by capvm kill');
    else monitor[action](cvm);
  }

  #look(): Response {
    const { monitor } = this.#deployment;
    return {
      ok: {
        run: process.pid,
        file: this.#file,
        seconds: (performance.now() - this.#begin) / 1000,
        instructions: Number(monitor.machine.instructions),
        cvms: monitor.cvms.map((cvm) => this.describe(cvm)),
      },
    };
  }
}
