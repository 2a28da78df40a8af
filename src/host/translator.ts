// The host's part of the translator: compiles modules that the core wrote (assembly/translate), instantiates them on
// the machine's memory, and puts their functions into the table through which emitted code calls emitted code.
// Nothing here knows about guests, and nothing here runs while translated code does.
import { LEFT } from '../../assembly/layout.ts';
import { HOT_PC, HOT_THRESHOLD, META_LIMIT, TRANSLATING, TRANSLATING_ALL } from '../../assembly/translate/map.ts';

/** What the core imports. */
export interface TranslatorImports {
  compileRegion(pointer: number, sizeBytes: number, slot: number, pc: bigint): number;
  enterFunction(slot: number, meta: number, pc: bigint, left: number, depth: number): bigint;
}

/** Modules by their bytes: the same code compiles once in a process, whichever machine met it first. */
const compiled = new Map<string, WebAssembly.Module>();
const COMPILED_MAXIMUM = 4096;
const latin1 = new TextDecoder('latin1');

function compileModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const key = latin1.decode(bytes);
  let module = compiled.get(key);
  if (module !== undefined) compiled.delete(key);
  else module = new WebAssembly.Module(bytes);
  compiled.set(key, module);
  if (compiled.size > COMPILED_MAXIMUM) {
    for (const oldest of compiled.keys()) {
      compiled.delete(oldest);
      break;
    }
  }
  return module;
}

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
  #helpers: Record<string, WebAssembly.ImportValue> = {};
  /** Milliseconds in the engine's compiler and linker. */
  compileMilliseconds = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: META_LIMIT });
    gate ??= new WebAssembly.Module(GATE);
    const { exports } = new WebAssembly.Instance(gate, { e: { m: memory, t: this.#table } });
    this.#table.set(0, exports.stub);
    this.imports = {
      compileRegion: (pointer, sizeBytes, slot) => this.#compile(pointer >>> 0, sizeBytes, slot),
      enterFunction: exports.enter as TranslatorImports['enterFunction'],
    };
  }

  /** The core is there: its exports are what emitted code may call. */
  connect(exports: WebAssembly.Exports): void {
    const helpers: Record<string, WebAssembly.ImportValue> = { m: this.#memory, t: this.#table };
    const name = (index: number): string => String.fromCharCode(97 + (index >> 4), 97 + (index & 15));
    ['regionLeave', 'regionLoad', 'regionStore', 'regionOne', 'regionFind'].forEach((helper, index) => {
      helpers[name(index)] = exports[helper];
    });
    for (const [key, value] of Object.entries(exports)) {
      if (key.startsWith('help_')) helpers[name(Number(key.slice(5)))] = value;
    }
    this.#helpers = helpers;
  }

  /** Executions after which code is translated; 0: at once. */
  setThreshold(core: { writeU32(pointer: number, value: number): void }, executions: number | undefined): void {
    if (executions === undefined) return;
    core.writeU32(TRANSLATING, executions === 0 ? TRANSLATING_ALL : 1);
    core.writeU32(HOT_THRESHOLD, executions);
  }

  #compile(pointer: number, sizeBytes: number, slot: number): number {
    const start = performance.now();
    const bytes = new Uint8Array(this.#memory.buffer as ArrayBuffer).slice(pointer, pointer + sizeBytes);
    dump?.(bytes, slot);
    const instance = new WebAssembly.Instance(compileModule(bytes), { e: this.#helpers });
    this.#table.set(slot, instance.exports.f);
    this.compileMilliseconds += performance.now() - start;
    return 1;
  }
}

/** For a machine that does not translate. */
export const NO_TRANSLATOR: TranslatorImports = {
  compileRegion: () => 0,
  enterFunction: () => {
    throw new Error('no translator');
  },
};

/** Sees every module before it is compiled. */
let dump: ((bytes: Uint8Array, slot: number) => void) | undefined;
export function onModule(observer: typeof dump): void {
  dump = observer;
}
