// The last of what each cVM of a run printed.

const BYTES = 256 * 1024;

export class Logs {
  readonly #parts = new Map<string, Uint8Array[]>();
  readonly #sizes = new Map<string, number>();

  add(cvm: string, bytes: Uint8Array): void {
    const parts = this.#parts.get(cvm) ?? [];
    this.#parts.set(cvm, parts);
    parts.push(bytes.slice());
    let size = (this.#sizes.get(cvm) ?? 0) + bytes.length;
    while (size - parts[0].length >= BYTES) size -= parts.shift()!.length;
    this.#sizes.set(cvm, size);
  }

  of(cvm: string): Buffer {
    return Buffer.concat(this.#parts.get(cvm) ?? []);
  }
}
