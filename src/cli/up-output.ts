// What `capvm up` prints while it runs: consoles of the cVMs as prefixed lines, or everything as JSON, an object a line.
// Trust: lines are guests' bytes; on a terminal nothing of them but text gets through.
import type { AuditRecord, Cvm } from '../monitor/index.ts';
import { ConsoleLines } from './console-lines.ts';
import type { Outflow } from './outflow.ts';
import { printable } from './printable.ts';

export interface OutputOptions {
  readonly json: boolean;
  /** Consoles as they are, without names. */
  readonly raw?: boolean;
  /** Of consoles or JSON. */
  readonly outflow: Outflow;
  /** Of what cVMs write as errors, with `raw`. */
  readonly errors?: Outflow;
  /** Of system calls; undefined: they are not shown. */
  readonly trace?: Outflow;
  /** Names of all cVMs, in order. */
  readonly names: readonly string[];
}

/** Faults and refusals of one cVM that become events; a guest can make them without end. */
const EVENTS_OF_A_KIND = 100;
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const FLUSH_BYTES = 65536;

export class UpOutput {
  readonly #options: OutputOptions;
  readonly #terminal: boolean;
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #lines = {
    output: new ConsoleLines((name, line) => this.#line(name, line, false)),
    errors: new ConsoleLines((name, line) => this.#line(name, line, true)),
  };
  readonly #counts = new Map<string, number>();
  /** In the order in which it was written. */
  #pending: { readonly to: Outflow; readonly bytes: Buffer }[] = [];
  #pendingBytes = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#terminal = options.outflow.isTerminal;
    this.#prefixes = prefixes(options.names, this.#terminal && (process.env.NO_COLOR ?? '') === '');
  }

  get outflows(): readonly Outflow[] {
    const { outflow, errors, trace } = this.#options;
    return [...new Set([outflow, errors, trace])].filter((one) => one !== undefined);
  }

  console({ name }: Cvm, bytes: Uint8Array, isError: boolean): void {
    const { raw, outflow, errors = outflow } = this.#options;
    if (raw === true) this.#write(Buffer.from(bytes), isError ? errors : outflow);
    else this.#lines[isError ? 'errors' : 'output'].add(name, bytes);
  }

  /** A system call. */
  trace(cvm: string, line: string): void {
    if (this.#options.json) return this.event({ event: 'call', cvm, text: line });
    const { trace, raw } = this.#options;
    if (trace !== undefined) this.#write(Buffer.from(`${raw === true ? '' : `${cvm} | `}${line}\n`), trace);
  }

  audit({ cvm, kind, text, check, instructions }: AuditRecord): void {
    if (kind === 'exit' || kind === 'kill' || kind === 'restart') this.#flushLines(cvm);
    if (!this.#options.json) return;
    const count = (this.#counts.get(`${cvm} ${kind}`) ?? 0) + 1;
    this.#counts.set(`${cvm} ${kind}`, count);
    if ((kind === 'fault' || kind === 'refusal') && count > EVENTS_OF_A_KIND) return;
    this.event({ event: kind, cvm, text, check, instructions: Number(instructions) });
  }

  /** With --json only. */
  event(fields: object): void {
    if (this.#options.json) this.#write(Buffer.from(`${JSON.stringify(fields)}\n`));
  }

  /** Writes what has come together; lines that are not whole yet stay. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let at = 0, end = 0; at < pending.length; at = end) {
      const { to } = pending[at];
      while (pending[end]?.to === to) end++;
      to.write(Buffer.concat(pending.slice(at, end).map(({ bytes }) => bytes)));
    }
  }

  /** Lines that are not whole, too. */
  close(): void {
    for (const name of this.#options.names) this.#flushLines(name);
    this.flush();
  }

  #flushLines(name: string): void {
    this.#lines.output.flush(name);
    this.#lines.errors.flush(name);
  }

  #line(name: string, line: Buffer, isError: boolean): void {
    const stderr = isError ? true : undefined;
    if (this.#options.json) return this.event({ event: 'console', cvm: name, stderr, text: line.toString() });
    this.#write(Buffer.from(this.#prefixes.get(name) ?? `${name} | `));
    this.#write(this.#terminal ? Buffer.from(printable(line.toString())) : line);
    this.#write(Buffer.from('\n'));
  }

  #write(bytes: Buffer, to = this.#options.outflow): void {
    this.#pending.push({ to, bytes });
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > FLUSH_BYTES) this.flush();
  }
}

function prefixes(names: readonly string[], colour: boolean): Map<string, string> {
  const width = Math.max(...names.map(({ length }) => length));
  return new Map(
    names.map((name, index) => {
      const text = `${name.padEnd(width)} | `;
      return [name, colour ? `\x1b[${COLOURS[index % COLOURS.length]}m${text}\x1b[0m` : text];
    }),
  );
}
