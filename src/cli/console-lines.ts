// Cuts what each cVM prints into lines. Trust: the bytes are a guest's, of any length and content.

/** A line that is longer comes in pieces: a guest that never ends one does not fill the host's memory. */
const LINE_LIMIT = 16384;
const NEWLINE = 10;

export class ConsoleLines {
  readonly #onLine: (name: string, line: Buffer) => void;
  readonly #rest = new Map<string, Buffer>();

  /** `onLine` gets whole lines, without their end. */
  constructor(onLine: (name: string, line: Buffer) => void) {
    this.#onLine = onLine;
  }

  add(name: string, bytes: Uint8Array): void {
    let rest = Buffer.concat([this.#rest.get(name) ?? Buffer.alloc(0), bytes]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.#onLine(name, rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    while (rest.length > LINE_LIMIT) {
      this.#onLine(name, rest.subarray(0, LINE_LIMIT));
      rest = rest.subarray(LINE_LIMIT);
    }
    this.#rest.set(name, rest);
  }

  /** Its last line, if it did not end it. */
  flush(name: string): void {
    const rest = this.#rest.get(name);
    this.#rest.delete(name);
    if (rest !== undefined && rest.length > 0) this.#onLine(name, rest);
  }
}
