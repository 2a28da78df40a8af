// The host's part of the translator: compiles modules that the core wrote (assembly/translate), instantiates them on
// the machine's memory, and puts their functions into the table through which emitted code calls emitted code.
// Nothing here knows about guests, and nothing here runs while translated code does.
import { LEFT } from '../../assembly/layout.ts';
import {
  COUNT_FLUSHES,
  COUNT_INSTRUCTIONS,
  HOT_PC,
  HOT_THRESHOLD,
  META_HIGH,
  META_LIMIT,
  META_LOW,
  META_SIZE,
  TRANSLATING,
  TRANSLATING_ALL,
  WORK_METAS,
  WORK_POINTER,
} from '../../assembly/translate/map.ts';
import { EmittedFunctions } from './emitted-functions.ts';

/** What the core imports. */
export interface TranslatorImports {
  reuseFunction(pointer: number, sizeBytes: number, slot: number, pc: bigint, position: number): number;
  compileModule(pointer: number, sizeBytes: number, count: number): void;
  readonly enterFunction: EnterFunction;
}

type EnterFunction = (slot: number, meta: number, pc: bigint, left: number, depth: number) => bigint;

/** A function that was compiled in this process, and where. */
interface Compiled {
  readonly module: WebAssembly.Module;
  readonly name: string;
}

/** Functions by their bytes, the least recently used first: the same code compiles once, whichever machine met it first. */
const compiled = new Map<string, Compiled>();
let compiledBytes = 0;
/** Of Wasm; what the engine makes of it is some ten times as large. */
const COMPILED_MAXIMUM = 8 * 1024 * 1024;

function findCompiled(key: string): Compiled | undefined {
  const found = compiled.get(key);
  if (found === undefined) return undefined;
  compiled.delete(key);
  compiled.set(key, found);
  return found;
}

function keepCompiled(key: string, value: Compiled): void {
  if (compiled.delete(key)) compiledBytes -= key.length;
  compiled.set(key, value);
  compiledBytes += key.length;
  for (const oldest of compiled.keys()) {
    if (compiledBytes <= COMPILED_MAXIMUM) break;
    compiled.delete(oldest);
    compiledBytes -= oldest.length;
  }
}

const latin1 = new TextDecoder('latin1');
/** Export of function `index` of a module, and import of helper `index`: two letters. */
const nameOf = (index: number): string => String.fromCharCode(97 + (index >> 4), 97 + (index & 15));
const OWN_HELPERS = ['regionLeave', 'regionLoad', 'regionStore', 'regionOne', 'regionFind', 'regionJump'];

// Types: 0 region (meta i32, pc i64, left i32, depth i32) -> (pc i64, left i32), 1 (slot, region's parameters) -> i64.
// Functions: 0 `enter`, calls slot of the table, stores left as i64 to LEFT; 1 `stub`, for code without translation: notes pc in
// HOT_PC, returns (pc, left).
const I32 = 0x7f;
const I64 = 0x7e;
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const body = (locals: number[], code: number[]): number[] => {
  const all = [...locals, ...code, 0x0b];
  return [...leb(all.length), ...all];
};
const text = (value: string): number[] => [value.length, ...[...value].map((letter) => letter.charCodeAt(0))];

const GATE = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [2, 0x60, 4, I32, I64, I32, I32, 2, I64, I32, 0x60, 5, I32, I32, I64, I32, I32, 1, I64]),
  ...section(2, [2, ...text('e'), ...text('m'), 2, 0, 1, ...text('e'), ...text('t'), 1, 0x70, 0, 1]),
  ...section(3, [2, 1, 0]),
  ...section(7, [2, ...text('enter'), 0, 0, ...text('stub'), 0, 1]),
  ...section(10, [
    2,
    ...body(
      [1, 1, I64],
      // prettier-ignore
      [0x20, 1, 0x20, 2, 0x20, 3, 0x20, 4, 0x20, 0, 0x11, 0, 0, // call_indirect
       0xac, 0x21, 5, 0x41, 0, 0x20, 5, 0x37, 0, ...leb(LEFT)],
    ),
    // prettier-ignore
    ...body([0], [0x41, 0, 0x20, 1, 0x37, 0, ...leb(HOT_PC), 0x20, 1, 0x20, 2]),
  ]),
]);
let gate: WebAssembly.Module | undefined;

/** Translated code of one machine. */
export class Translator {
  readonly imports: TranslatorImports;
  readonly #memory: WebAssembly.Memory;
  readonly #table: WebAssembly.Table;
  /** Functions of the module to come, by position. */
  readonly #waiting: { readonly key: string; readonly slot: number }[] = [];
  #drops = 1;
  #instances = new WeakMap<WebAssembly.Module, WebAssembly.Instance>();
  #helpers: Record<string, WebAssembly.ImportValue> = {};
  #helperNames: string[] = [];
  #emitted: EmittedFunctions | undefined;
  #instructionsBefore = 0;
  /** Milliseconds in the engine's compiler and linker. */
  compileMilliseconds = 0;
  /** Milliseconds in regions, if they are measured. */
  translatedMilliseconds: number | undefined;

  /** `timed`: measure the time in regions, for some tenth of a microsecond per entry from the interpreter. */
  constructor(memory: WebAssembly.Memory, timed: boolean) {
    this.#memory = memory;
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: META_LIMIT });
    gate ??= new WebAssembly.Module(GATE);
    const { exports } = new WebAssembly.Instance(gate, { e: { m: memory, t: this.#table } });
    this.#table.set(0, exports.stub);
    this.imports = {
      reuseFunction: (pointer, sizeBytes, slot, pc, position) =>
        this.#reuse(this.#bytes(pointer, sizeBytes), slot, pc, position) ? 1 : 0,
      compileModule: (pointer, sizeBytes, count) => this.#compile(this.#bytes(pointer, sizeBytes), count),
      enterFunction: timed ? this.#timed(exports.enter as EnterFunction) : (exports.enter as EnterFunction),
    };
  }

  /** The core is there: its exports are what emitted code may call. */
  connect(exports: WebAssembly.Exports): void {
    const helpers: Record<string, WebAssembly.ImportValue> = { m: this.#memory, t: this.#table };
    OWN_HELPERS.forEach((helper, index) => {
      helpers[nameOf(index)] = exports[helper];
      this.#helperNames[index] = helper;
    });
    for (const [key, value] of Object.entries(exports)) {
      if (!key.startsWith('help_')) continue;
      const index = Number(key.slice('help_'.length));
      helpers[nameOf(index)] = value;
      this.#helperNames[index] = key;
    }
    this.#helpers = helpers;
  }

  /** Executions after which code is translated; 0: at once. */
  setThreshold(core: { writeU32(pointer: number, value: number): void }, executions: number | undefined): void {
    if (executions === undefined) return;
    core.writeU32(TRANSLATING, executions === 0 ? TRANSLATING_ALL : 1);
    core.writeU32(HOT_THRESHOLD, executions);
  }

  /** From now on keeps every function that is emitted. */
  keepEmitted(): EmittedFunctions {
    return (this.#emitted ??= new EmittedFunctions(this.#helperNames));
  }

  #timed(enter: EnterFunction): EnterFunction {
    this.translatedMilliseconds = 0;
    return (...parameters) => {
      const start = performance.now();
      const target = enter(...parameters);
      this.translatedMilliseconds! += performance.now() - start;
      return target;
    };
  }

  #noteEmitted(emitted: EmittedFunctions, body: Uint8Array<ArrayBuffer>, slot: number, pc: bigint): void {
    const view = new DataView(this.#memory.buffer);
    const meta = view.getUint32(WORK_POINTER, true) + WORK_METAS + slot * META_SIZE;
    const distance = (field: number): bigint => BigInt(view.getInt32(meta + field, true));
    const total = view.getUint32(COUNT_INSTRUCTIONS, true);
    const entry = BigInt.asUintN(64, pc);
    emitted.note({
      pc: entry,
      low: entry + distance(META_LOW),
      high: entry + distance(META_HIGH),
      instructions: total - this.#instructionsBefore,
      body,
    });
    this.#instructionsBefore = total;
  }

  /** Once the core has dropped all its regions: nothing is to keep their code alive. */
  #forgetDropped(): void {
    const drops = new Uint32Array(this.#memory.buffer)[COUNT_FLUSHES / 4]!;
    if (drops === this.#drops) return;
    this.#drops = drops;
    this.#instances = new WeakMap();
    for (let slot = 1; slot < META_LIMIT; slot++) this.#table.set(slot, null);
  }

  #bytes(pointer: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer as ArrayBuffer).slice(pointer >>> 0, (pointer >>> 0) + sizeBytes);
  }

  #reuse(body: Uint8Array<ArrayBuffer>, slot: number, pc: bigint, position: number): boolean {
    this.#forgetDropped();
    if (this.#emitted !== undefined) this.#noteEmitted(this.#emitted, body, slot, pc);
    const key = latin1.decode(body);
    const found = findCompiled(key);
    if (found === undefined) {
      this.#waiting[position] = { key, slot };
      return false;
    }
    const start = performance.now();
    this.#table.set(slot, this.#instanceOf(found.module).exports[found.name]);
    this.compileMilliseconds += performance.now() - start;
    return true;
  }

  #compile(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const start = performance.now();
    this.#emitted?.noteModule(bytes);
    const module = new WebAssembly.Module(bytes);
    const { exports } = this.#instanceOf(module);
    for (const [index, { key, slot }] of this.#waiting.slice(0, count).entries()) {
      const name = nameOf(index);
      this.#table.set(slot, exports[name]);
      keepCompiled(key, { module, name });
    }
    this.compileMilliseconds += performance.now() - start;
  }

  #instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
    let instance = this.#instances.get(module);
    if (instance === undefined) {
      instance = new WebAssembly.Instance(module, { e: this.#helpers });
      this.#instances.set(module, instance);
    }
    return instance;
  }
}

/** For a machine that does not translate. */
export const NO_TRANSLATOR: TranslatorImports = {
  reuseFunction: () => 0,
  compileModule: () => undefined,
  enterFunction: () => {
    throw new Error('no translator');
  },
};
