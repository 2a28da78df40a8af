// The trace of `capvm run`: to stderr or a file, never to the guest's stdout.
import type { Machine } from '../host/machine.ts';
import { parseConcerns } from '../host/trace/event.ts';
import { formatJson, formatText } from '../host/trace/format.ts';
import { Tracer } from '../host/trace/tracer.ts';
import { Output } from './files.ts';

export class Tracing {
  readonly tracer: Tracer;
  readonly #output: Output;

  constructor(machine: Machine, concerns: string, json: boolean, path: string | undefined) {
    const selected = parseConcerns(concerns);
    const format = json ? formatJson : formatText;
    this.#output = new Output(path);
    this.tracer = new Tracer(machine, selected, (event) => this.#output.write(format(event, selected)));
  }

  close(): void {
    this.#output.close();
  }
}
