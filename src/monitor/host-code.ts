// Host code that runs in the middle of a turn: what it throws does not unwind through the monitor, run() throws it
// afterwards. Not trusted: it holds nothing.
import type { Cvm } from './cvm.ts';
import type { MonitorOptions } from './options.ts';

export class HostCode {
  readonly #onConsole: MonitorOptions['onConsole'];
  #failure: { readonly error: unknown } | undefined;

  constructor(onConsole: MonitorOptions['onConsole']) {
    this.#onConsole = onConsole;
  }

  call(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  writeConsole(cvm: Cvm, bytes: Uint8Array, channel: number): void {
    cvm.consoleBytes += bytes.length;
    this.call(() => this.#onConsole?.(cvm, bytes, channel));
  }

  /** Throws the first thing that was thrown since the last time. */
  rethrow(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}
