// What may cut a run short from outside: Ctrl-C, SIGTERM, --max-time. A second signal does not wait.
import { EXIT } from '../host/errors.ts';

const EXIT_TERMINATED = 143;
/** How long what is written still waits for a slow reader, once the run was cut short. */
const GRACE_MILLISECONDS = 300;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onInterrupt = (): void => this.interrupt();
  readonly #onTerminate = (): void => this.#signalled(EXIT_TERMINATED, 'terminated');
  #signals = 0;
  exitCode: number = EXIT.interrupted;
  text = 'interrupted';

  constructor(seconds: number | undefined) {
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
    if (seconds === undefined) return;
    this.#timer = setTimeout(() => this.#abort(EXIT.time, `stopped after ${seconds} s`), seconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How long readers of what was written are waited for: until it is cut short, or a little longer. */
  get patience(): AbortSignal {
    return this.signal.aborted ? AbortSignal.timeout(GRACE_MILLISECONDS) : this.signal;
  }

  interrupt(): void {
    this.#signalled(EXIT.interrupted, 'interrupted');
  }

  close(): void {
    clearTimeout(this.#timer);
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  #signalled(exitCode: number, text: string): void {
    if (this.#signals++ > 0) process.exit(exitCode);
    this.#abort(exitCode, text);
  }

  /** What came first is why. */
  #abort(exitCode: number, text: string): void {
    if (this.signal.aborted) return;
    this.exitCode = exitCode;
    this.text = text;
    this.#controller.abort();
  }
}
