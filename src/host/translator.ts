// The host's part of the translator: compiles modules that the core wrote (assembly/translate), instantiates them on
// the machine's memory, and puts their functions into the table through which emitted code calls emitted code.
// Nothing here knows about guests, and nothing here runs while translated code does.
import { compileEmitted, hasFusedMultiplyAdd } from './fused.ts';
import {
  COUNT_FLUSHES,
  COUNT_INSTRUCTIONS,
  HOST_FUSES,
  HOT_THRESHOLD,
  META_HIGH,
  META_LOW,
  META_SIZE,
  TRANSLATING,
  TRANSLATING_ALL,
  WORK_METAS,
  WORK_POINTER,
} from '../../assembly/translate/map.ts';
import { findCompiled, keepCompiled } from './compiled-functions.ts';
import { EmittedFunctions } from './emitted-functions.ts';
import { FunctionTable } from './function-table.ts';
import type { EnterFunction } from './function-table.ts';

/** What the core imports. */
export interface TranslatorImports {
  reuseFunction(pointer: number, sizeBytes: number, slot: number, pc: bigint, position: number): number;
  compileModule(pointer: number, sizeBytes: number, count: number): void;
  readonly enterFunction: EnterFunction;
}

const latin1 = new TextDecoder('latin1');
/** Export of function `index` of a module, and import of helper `index`: two letters. */
const nameOf = (index: number): string => String.fromCharCode(97 + (index >> 4), 97 + (index & 15));
const OWN_HELPERS = [
  'regionLeave',
  'regionLoad',
  'regionStore',
  'regionOne',
  'regionFind',
  'regionJump',
  'regionDecode',
  'regionCross',
  'regionPlain',
];

/** Translated code of one machine. */
export class Translator {
  readonly imports: TranslatorImports;
  readonly #memory: WebAssembly.Memory;
  readonly #table: FunctionTable;
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
    this.#table = new FunctionTable(memory);
    const { enter } = this.#table;
    this.imports = {
      reuseFunction: (pointer, sizeBytes, slot, pc, position) =>
        this.#reuse(this.#bytes(pointer, sizeBytes), slot, pc, position) ? 1 : 0,
      compileModule: (pointer, sizeBytes, count) => this.#compile(this.#bytes(pointer, sizeBytes), count),
      enterFunction: timed ? this.#timed(enter) : enter,
    };
  }

  /** The core is there: its exports are what emitted code may call. */
  connect(exports: WebAssembly.Exports): void {
    const helpers: Record<string, WebAssembly.ImportValue> = { m: this.#memory };
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

  /** What emitted code may use of this engine. */
  describeEngine(core: { writeU32(pointer: number, value: number): void }): void {
    core.writeU32(HOST_FUSES, hasFusedMultiplyAdd() ? 1 : 0);
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
    this.#table.clear();
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
    this.#table.set(slot, this.#instanceOf(found.module).exports[found.name]!);
    this.compileMilliseconds += performance.now() - start;
    return true;
  }

  #compile(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const start = performance.now();
    this.#emitted?.noteModule(bytes);
    const module = compileEmitted(bytes);
    const { exports } = this.#instanceOf(module);
    for (const [index, { key, slot }] of this.#waiting.slice(0, count).entries()) {
      const name = nameOf(index);
      this.#table.set(slot, exports[name]!);
      keepCompiled(key, { module, name });
    }
    this.compileMilliseconds += performance.now() - start;
  }

  #instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
    let instance = this.#instances.get(module);
    if (instance === undefined) {
      instance = new WebAssembly.Instance(module, { e: { ...this.#helpers, t: this.#table.table } });
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
