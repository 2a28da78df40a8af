// The table through which emitted code calls emitted code, and the way in from the core: a few bytes of Wasm, as
// AssemblyScript cannot take two results. A table lives until the core drops all its regions: V8 keeps every instance
// that imports a table as long as the table, and tells each of them about every change of it.
import { LEFT } from '../../assembly/layout.ts';
import { HOT_PC } from '../../assembly/translate/map.ts';

export type EnterFunction = (slot: number, meta: number, pc: bigint, left: number, depth: number) => bigint;

const I32 = 0x7f;
const I64 = 0x7e;
const LOCAL_GET = 0x20;
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const body = (locals: number[], code: number[]): number[] => {
  const all = [...locals, ...code, 0x0b];
  return [...leb(all.length), ...all];
};
const text = (value: string): number[] => [value.length, ...[...value].map((letter) => letter.charCodeAt(0))];
const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TABLE = [...text('e'), ...text('t'), 1, 0x70, 0, 1];
const ENTER = [0x60, 5, I32, I32, I64, I32, I32, 1, I64];
const REGION = [0x60, 4, I32, I64, I32, I32, 2, I64, I32];

/** `enter` of a table of regions: calls one, stores what it left as i64 to LEFT. `stub`: notes pc in HOT_PC and returns at once. */
const GATE = new Uint8Array([
  ...HEAD,
  ...section(1, [2, ...REGION, ...ENTER]),
  ...section(2, [2, ...text('e'), ...text('m'), 2, 0, 1, ...TABLE]),
  ...section(3, [2, 1, 0]),
  ...section(7, [2, ...text('enter'), 0, 0, ...text('stub'), 0, 1]),
  ...section(10, [
    2,
    ...body(
      [1, 1, I64],
      // prettier-ignore
      [LOCAL_GET, 1, LOCAL_GET, 2, LOCAL_GET, 3, LOCAL_GET, 4, LOCAL_GET, 0, 0x11, 0, 0, // call_indirect
       0xac, 0x21, 5, 0x41, 0, LOCAL_GET, 5, 0x37, 0, ...leb(LEFT)],
    ),
    // prettier-ignore
    ...body([0], [0x41, 0, LOCAL_GET, 1, 0x37, 0, ...leb(HOT_PC), LOCAL_GET, 1, LOCAL_GET, 2]),
  ]),
]);

/** What the core imports: calls the only function in a table of its own, the `enter` of the regions' present table. */
const DOOR = new Uint8Array([
  ...HEAD,
  ...section(1, [1, ...ENTER]),
  ...section(2, [1, ...TABLE]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('enter'), 0, 0]),
  ...section(10, [
    1,
    // prettier-ignore
    ...body([0], [LOCAL_GET, 0, LOCAL_GET, 1, LOCAL_GET, 2, LOCAL_GET, 3, LOCAL_GET, 4, 0x41, 0, 0x11, 0, 0]),
  ]),
]);
/** V8 before version 12 gives every instance a copy of the table: it starts small and doubles. */
const FIRST_SLOTS = 256;
let modules: { readonly gate: WebAssembly.Module; readonly door: WebAssembly.Module } | undefined;

export class FunctionTable {
  /** For the core, for good. */
  readonly enter: EnterFunction;
  readonly #memory: WebAssembly.Memory;
  readonly #door = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  #table!: WebAssembly.Table;
  /** What each slot holds. */
  #functions: (WebAssembly.ExportValue | undefined)[] = [];

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    modules ??= { gate: new WebAssembly.Module(GATE), door: new WebAssembly.Module(DOOR) };
    const { exports } = new WebAssembly.Instance(modules.door, { e: { t: this.#door } });
    this.enter = exports.enter as EnterFunction;
    this.clear();
  }

  /** For instances of emitted modules to import. */
  get table(): WebAssembly.Table {
    return this.#table;
  }

  /** A new, empty table. */
  clear(): void {
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: FIRST_SLOTS });
    this.#functions = [];
    const { exports } = new WebAssembly.Instance(modules!.gate, { e: { m: this.#memory, t: this.#table } });
    this.#table.set(0, exports.stub);
    this.#door.set(0, exports.enter);
  }

  set(slot: number, value: WebAssembly.ExportValue): void {
    if (this.#functions[slot] === value) return;
    this.#functions[slot] = value;
    if (slot >= this.#table.length) this.#table.grow(Math.max(this.#table.length, slot + 1 - this.#table.length));
    this.#table.set(slot, value);
  }
}
