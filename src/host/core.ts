// The Wasm core behind a typed interface; translator.ts instantiates what the core emits. Everything else in src/host reads
// and writes the machine's linear memory through Core's views, at the addresses of assembly/layout.ts.
// Numbers and bigints only cross here (CONVENTIONS: raw exports, not the loader's wrapped ones).
import { instantiateSync } from '@assemblyscript/loader';
import { loadCoreBytes } from '#core-bytes';
import { CoreError } from './errors.ts';
import { NO_TRANSLATOR, Translator } from './translator.ts';

/** Exports of assembly/index.ts. u64 results arrive as signed bigints. */
export interface CoreExports {
  initialize(ramSizeBytes: bigint, config: number): number;
  reset(): void;
  run(budget: bigint): number;
  step(): number;
  synchronize(): void;
  /** As synchronize(), where the host wrote nothing but what a thread is made of (thread-context.ts). */
  resume(): void;
  invalidateCode(): void;
  /** Tag of the granule at a linear pointer into RAM. */
  readTag(pointer: number): number;
  writeTag(pointer: number, tag: number): void;
  /** After writing RAM: clears the tags of the bytes written and drops code decoded from them. */
  clearTagRange(pointer: number, sizeBytes: number): void;
  capSet(pointer: number, high: bigint, address: bigint, tag: number): void;
  capHigh(pointer: number): bigint;
  capDecode(pointer: number): void;
  csrGet(csr: number): bigint;
  csrSet(csr: number, value: bigint): void;
  csrExists(csr: number): number;
  /** Physical address, all ones where nothing is mapped; privilege 0 U, 1 S, 3 M. */
  debugTranslate(virtualAddress: bigint, privilege: number): bigint;
  setInterruptLine(bit: number, level: number): void;
  stateHash(): bigint;
}

/** What answers the guest's accesses outside RAM. Addresses arrive as i32, values as i64. */
export interface MmioHandlers {
  load(address: number, size: number): bigint;
  store(address: number, size: number, value: bigint): void;
}

/** `timed`: the time in translated code is measured. */
export type Translation = 'none' | 'plain' | 'timed';

/** Where the core's code may come from. */
export type CoreSource = BufferSource | WebAssembly.Module;

// Enough for the fixed part of the memory map; `initialize` grows the rest.
const INITIAL_PAGES = 16;
const MAXIMUM_PAGES = 65536;

let defaultModule: Promise<WebAssembly.Module> | undefined;
const compiledModules = new WeakMap<object, Promise<WebAssembly.Module>>();

/** Compiles the core once per source; the package's own core once per process. */
function compileCore(source: CoreSource | undefined): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source === undefined) return (defaultModule ??= compileDefault());
  let compiled = compiledModules.get(source);
  if (compiled === undefined) {
    compiled = WebAssembly.compile(source).catch((error: unknown) => {
      compiledModules.delete(source);
      throw new CoreError(`\`core\` is not the capvm core: ${messageOf(error)}`);
    });
    compiledModules.set(source, compiled);
  }
  return compiled;
}

async function compileDefault(): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await loadCoreBytes());
  } catch (error) {
    defaultModule = undefined;
    throw new CoreError(`cannot load the Wasm core: ${messageOf(error)}; run \`npm run build\`, or pass \`core\``);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One instance of the core and views of its memory. */
export class Core {
  exports: CoreExports;
  readonly memory: WebAssembly.Memory;
  /** Undefined on a machine that only interprets. */
  readonly translator: Translator | undefined;
  #bytes!: Uint8Array<ArrayBuffer>;
  #words!: Uint32Array<ArrayBuffer>;
  #longs!: BigUint64Array<ArrayBuffer>;

  private constructor(exports: CoreExports, memory: WebAssembly.Memory, translator: Translator | undefined) {
    this.exports = exports;
    this.memory = memory;
    this.translator = translator;
    this.#mapViews();
  }

  static async create(
    source: CoreSource | undefined,
    mmio: MmioHandlers,
    translation: Translation = 'none',
  ): Promise<Core> {
    const module = await compileCore(source);
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES });
      const translator = translation === 'none' ? undefined : new Translator(memory, translation === 'timed');
      const env = {
        memory,
        mmioLoad: mmio.load,
        mmioStore: mmio.store,
        abort: abortCore,
        ...(translator?.imports ?? NO_TRANSLATOR),
      };
      // Not the loader's instantiate: its look at the global Response makes Node load its HTTP client.
      const { instance } = instantiateSync(module, { env });
      translator?.connect(instance.exports);
      return new Core(instance.exports as unknown as CoreExports, memory, translator);
    } catch (error) {
      throw new CoreError(`cannot instantiate the Wasm core: ${messageOf(error)}`);
    }
  }

  /** Puts these functions in place of the core's own. */
  interpose(exports: CoreExports): void {
    this.exports = exports;
  }

  // A view has length 0 once `initialize` has grown the memory under it.
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#mapViews();
    return this.#bytes;
  }

  /** The memory as u32; index = linear pointer / 4. */
  get words(): Uint32Array<ArrayBuffer> {
    if (this.#words.length === 0) this.#mapViews();
    return this.#words;
  }

  /** The memory as u64; index = linear pointer / 8. */
  get longs(): BigUint64Array<ArrayBuffer> {
    if (this.#longs.length === 0) this.#mapViews();
    return this.#longs;
  }

  readU32(pointer: number): number {
    return this.words[pointer >>> 2];
  }

  writeU32(pointer: number, value: number): void {
    this.words[pointer >>> 2] = value;
  }

  readU64(pointer: number): bigint {
    return this.longs[pointer >>> 3];
  }

  writeU64(pointer: number, value: bigint): void {
    this.longs[pointer >>> 3] = value;
  }

  #mapViews(): void {
    const buffer = this.memory.buffer as ArrayBuffer;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#longs = new BigUint64Array(buffer);
  }
}

function abortCore(): never {
  throw new CoreError('the Wasm core aborted', 'ERR_CVM_CORE_ABORT');
}
