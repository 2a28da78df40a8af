// Functions that the translator emitted, kept for a look at them: `capvm run --dump-wasm` and tests.
import { listFunction } from './wasm-listing.ts';

/** A region's function. */
export interface EmittedFunction {
  /** Guest address of the entry; the region reaches from `low` to before `high`. */
  readonly pc: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly instructions: number;
  /** Wasm code of the function: locals and instructions. */
  readonly body: Uint8Array<ArrayBuffer>;
}

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const SECTION_IMPORT = 2;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

export class EmittedFunctions {
  readonly #functions: EmittedFunction[] = [];
  readonly #helperNames: readonly string[];
  /** Magic number, types and imports, the same in every module, and the number of imported functions. */
  #head: Uint8Array<ArrayBuffer> | undefined;

  constructor(helperNames: readonly string[]) {
    this.#helperNames = helperNames;
  }

  get all(): readonly EmittedFunction[] {
    return this.#functions;
  }

  note(emitted: EmittedFunction): void {
    this.#functions.push(emitted);
  }

  noteModule(bytes: Uint8Array<ArrayBuffer>): void {
    this.#head ??= bytes.slice(0, endOfImports(bytes));
  }

  /** The last function entered at `pc`; failing that the smallest whose region spans it. */
  find(pc: bigint): EmittedFunction | undefined {
    const spanning = this.#functions.filter(({ low, high }) => pc >= low && pc < high);
    return (
      spanning.findLast((emitted) => emitted.pc === pc) ?? spanning.sort((a, b) => a.instructions - b.instructions)[0]
    );
  }

  /** A module with this function alone, exported as `f`. */
  moduleOf({ body }: EmittedFunction): Uint8Array<ArrayBuffer> {
    const head = this.#head ?? new Uint8Array();
    const code = [1, ...leb(body.length), ...body];
    const index = leb(this.#helperNames.length);
    const exported = [1, 1, 0x66, 0, ...index];
    return new Uint8Array([
      ...head,
      ...[3, 2, 1, 0],
      ...[7, exported.length, ...exported],
      ...[10, ...leb(code.length), ...code],
    ]);
  }

  /** What it is, and its code. */
  describe(emitted: EmittedFunction): string {
    const { pc, low, high, instructions, body } = emitted;
    const head =
      `region entered at ${hex(pc)}, from ${hex(low)} to ${hex(high)}: ${instructions} guest instructions, ` +
      `${body.length} bytes of Wasm, ${(body.length / instructions).toFixed(1)} per instruction`;
    return `${head}\nparameters: 0 meta i32, 1 pc i64, 2 left i32, 3 depth i32\n${this.list(emitted)}\n`;
  }

  list({ body }: EmittedFunction): string {
    return listFunction(body, (index) => this.#helperNames[index] ?? 'itself');
  }
}

/** Position of the byte behind the import section. */
function endOfImports(bytes: Uint8Array): number {
  let at = 8;
  for (;;) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
    if (id === SECTION_IMPORT) return at;
  }
}
