// What may cut a run short from outside: Ctrl-C, SIGTERM, --max-time. A second Ctrl-C does not wait.
import { EXIT } from '../host/errors.ts';

const EXIT_TERMINATED = 143;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onInterrupt = (): void => this.interrupt();
  readonly #onTerminate = (): void => this.#abort(EXIT_TERMINATED, 'terminated');
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

  interrupt(): void {
    if (this.signal.aborted) process.exit(EXIT.interrupted);
    this.#abort(EXIT.interrupted, 'interrupted');
  }

  close(): void {
    clearTimeout(this.#timer);
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  #abort(exitCode: number, text: string): void {
    this.exitCode = exitCode;
    this.text = text;
    this.#controller.abort();
  }
}
