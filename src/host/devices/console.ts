// The machine's console: output collected in batches for the host, and a queue of input bytes. The UART and HTIF
// are two ways for a guest to reach it.

const BATCH_BYTES = 1 << 16;

export class Console {
  /** Receives output, in order, at the latest when a run slice ends. The array is the receiver's to keep. */
  onOutput: ((bytes: Uint8Array) => void) | undefined;
  /** Called when the guest first looks for input that is not there; feed it with `write` and `end`. */
  onInputWanted: (() => void) | undefined;
  /** Called after input has arrived. Several devices may listen. */
  readonly #listeners: (() => void)[] = [];
  readonly #batch = new Uint8Array(BATCH_BYTES);
  #used = 0;
  #input: number[] = [];
  #next = 0;
  #ended = true;
  #wanted = false;
  #wake: (() => void) | undefined;

  /** One byte from the guest. */
  putByte(byte: number): void {
    this.#batch[this.#used++] = byte;
    if (this.#used === BATCH_BYTES) this.flush();
  }

  putBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.putByte(byte);
  }

  /** Hands what is collected to `onOutput`. */
  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#batch.slice(0, this.#used);
    this.#used = 0;
    this.onOutput?.(bytes);
  }

  /** Says that input may still come; without it the console counts as closed and a waiting guest as idle. */
  open(): void {
    this.#ended = false;
  }

  /** Input for the guest. */
  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#input.push(byte);
    this.#notify();
  }

  /** No more input will come. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** No input is left and none will come. */
  get ended(): boolean {
    return this.#ended && this.available === 0;
  }

  get available(): number {
    return this.#input.length - this.#next;
  }

  /** Next input byte, or -1. */
  takeByte(): number {
    if (this.#next === this.#input.length) {
      this.want();
      return -1;
    }
    const byte = this.#input[this.#next++];
    if (this.#next === this.#input.length) {
      this.#input = [];
      this.#next = 0;
    }
    return byte;
  }

  /** The guest looks for input. */
  want(): void {
    if (this.#wanted || this.#ended) return;
    this.#wanted = true;
    this.onInputWanted?.();
  }

  addInputListener(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when input or its end arrives, or when `signal` aborts. */
  waitForInput(signal?: AbortSignal): Promise<void> {
    this.want();
    if (this.#ended || this.available > 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal?.removeEventListener('abort', done);
        resolve();
      };
      signal?.addEventListener('abort', done);
      this.#wake = done;
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
    this.#wake?.();
    this.#wake = undefined;
  }
}
