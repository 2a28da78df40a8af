// The two processes as their parent sees them: requests with a time limit, and an end that leaves nobody behind.
import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kind } from '../rows.ts';
import type { Line, LineEnd } from './lines.ts';

/**
 * Where a process finds its ends. libuv makes descriptors 0 to 2 block and leaves others as they are: sockets, which it
 * has made non-blocking in the parent, must be there, and only 0 is safe from what touches stdout or stderr.
 */
export const INPUT = 0;
export const PIPE_OUTPUT = 4;

/** `output`: the descriptor to write to. */
export type PeerRequest = { readonly output: number } & (
  | { readonly verb: 'measure'; readonly kind: Kind; readonly bytes: number; readonly milliseconds: number }
  | { readonly verb: 'serve' | 'end' }
);
export type PeerAnswer = { readonly samples: readonly number[] } | { readonly error: string };

/** This file is TypeScript in the source tree and JavaScript once built; so is its neighbour. */
const PROGRAM = fileURLToPath(new URL(`./peer${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
const PATIENCE_MILLISECONDS = 20_000;

class Peer {
  readonly child: ChildProcess;
  readonly #ended: Promise<void>;
  #settle: ((answer: PeerAnswer) => void) | undefined;

  constructor(stdio: StdioOptions) {
    this.child = fork(PROGRAM, [], { stdio });
    this.child.on('message', (answer: PeerAnswer) => this.#answer(answer));
    this.child.on('error', (error) => this.#answer({ error: error.message }));
    this.#ended = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => {
        this.#answer({ error: `a measuring process ended (${signal ?? `exit code ${code}`})` });
        resolve();
      });
    });
  }

  async ask(request: PeerRequest): Promise<readonly number[]> {
    const answer = await new Promise<PeerAnswer>((resolve) => {
      // A server serves until it is told to stop: how long that takes is the client's affair.
      const timer =
        request.verb === 'serve'
          ? undefined
          : setTimeout(() => resolve({ error: `${request.verb}: no answer` }), PATIENCE_MILLISECONDS);
      this.#settle = (given) => {
        clearTimeout(timer);
        resolve(given);
      };
      if (this.child.connected) this.child.send(request);
      else this.#answer({ error: 'a measuring process is gone' });
    });
    if ('error' in answer) throw new Error(answer.error);
    return answer.samples;
  }

  /** It may be blocked in a system call: it is killed, not asked. */
  async kill(): Promise<void> {
    if (this.child.pid === undefined) return;
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  #answer(answer: PeerAnswer): void {
    this.#settle?.(answer);
    this.#settle = undefined;
  }
}

export class Pair {
  readonly #client: Peer;
  readonly #server: Peer;
  readonly #output: number;

  constructor({ client, server }: Line) {
    this.#output = client.input === client.output ? INPUT : PIPE_OUTPUT;
    this.#client = new Peer(stdioOf(client));
    this.#server = new Peer(stdioOf(server));
  }

  get pids(): readonly (number | undefined)[] {
    return [this.#client.child.pid, this.#server.child.pid];
  }

  /** Runs `action` while the server serves. Rejects as soon as either process fails. */
  async serving<T>(action: () => Promise<T>): Promise<T> {
    const output = this.#output;
    const acting = action().then(async (value) => {
      await this.#client.ask({ verb: 'end', output });
      return value;
    });
    const [result] = await Promise.all([acting, this.#server.ask({ verb: 'serve', output })]);
    return result;
  }

  /** Nanoseconds of one round trip, or of one message of a stream, several times. */
  measure(kind: Kind, bytes: number, milliseconds: number): Promise<readonly number[]> {
    return this.#client.ask({ verb: 'measure', output: this.#output, kind, bytes, milliseconds });
  }

  async kill(): Promise<void> {
    await Promise.all([this.#client.kill(), this.#server.kill()]);
  }
}

function stdioOf({ input, output }: LineEnd): StdioOptions {
  const pipe = input === output ? 'ignore' : output;
  return [input, 'ignore', 'inherit', 'ipc', pipe];
}
