// Test bench for assembly/cheri/ alone: compiles it with asc on the fly under an entry that exports every function of
// it, and gives tests the register structs. Instructions run on records made by hand: no decoder, no interpreter and
// no guest memory take part.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import * as layout from '../../assembly/layout.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const CHERI = join(ROOT, 'assembly/cheri');

/** The entry exists only here: everything that the modules of the directory export. */
const ENTRY = 'assembly/cheri-bench.ts';
const ENTRY_TEXT = readdirSync(CHERI)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `export * from "./cheri/${file.slice(0, -3)}";`)
  .join('\n');

type Exported = (...args: (number | bigint)[]) => number | bigint | undefined;

async function compile(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const flags = '--runtime stub --importMemory --noAssert -O2 --config none --outFile bench.wasm';
  const result = await asc.main([ENTRY, ...flags.split(' ')], {
    readFile: (name: string, base: string) => (name === ENTRY ? ENTRY_TEXT : readOrNull(join(ROOT, base, name))),
    writeFile: (_name: string, contents: Uint8Array | string) => {
      wasm = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (result.error || !wasm) throw new Error(`asc: ${result.error?.message}\n${result.stderr.toString()}`);
  return wasm;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** A capability as software can see it: tag, high word as in memory, address. */
export interface Bits {
  readonly tag: number;
  readonly high: bigint;
  readonly address: bigint;
}

/** Operands of one instruction; registers by number, `raw` only where the function reads the word itself. */
export interface Operands {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly imm?: number;
  readonly raw?: number;
}

/** The trap that the last instruction raised. */
export interface Raised {
  readonly cause: number;
  readonly capCause: number;
  readonly regnum: number;
}

const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** All of assembly/cheri/ over one linear memory. */
export class Bench {
  readonly exports: Record<string, Exported>;
  readonly #view: DataView;

  private constructor(instance: WebAssembly.Instance, memory: WebAssembly.Memory) {
    this.exports = instance.exports as Record<string, Exported>;
    this.#view = new DataView(memory.buffer);
    this.reset();
  }

  static async create(): Promise<Bench> {
    const memory = new WebAssembly.Memory({ initial: 16 });
    const wasm = await WebAssembly.compile((await compile()) as Uint8Array<ArrayBuffer>);
    return new Bench(await WebAssembly.instantiate(wasm, { env: { memory } }), memory);
  }

  /** Reset registers; machine mode, 64 MiB of RAM, absolute addresses, no `tohost`. */
  reset(config = layout.CONFIG_S_MODE | layout.CONFIG_N | layout.CONFIG_CHERI): void {
    for (let p = layout.CONFIG; p < layout.SCRATCH_RECORDS; p += 8) this.#view.setBigUint64(p, 0n, true);
    this.setU64(layout.RAM_SIZE, 64n << 20n);
    this.setU32(layout.CONFIG, config);
    this.setU32(layout.PRIV, 3);
    this.exports['resetCaps']!();
  }

  u32(p: number): number {
    return this.#view.getUint32(p, true);
  }

  u64(p: number): bigint {
    return this.#view.getBigUint64(p, true);
  }

  setU32(p: number, value: number): void {
    this.#view.setUint32(p, value, true);
  }

  setU64(p: number, value: bigint): void {
    this.#view.setBigUint64(p, U64(value), true);
  }

  /** Struct of register `n`. */
  x(n: number): number {
    return layout.X + n * layout.CAP_SIZE;
  }

  set(ptr: number, cap: Bits): void {
    this.#view.setBigUint64(ptr + layout.CAP_ADDRESS, cap.address, true);
    this.#view.setBigUint64(ptr + layout.CAP_STATE, BigInt(layout.STATE_META | cap.tag), true);
    this.#view.setBigUint64(ptr + layout.CAP_HIGH, cap.high, true);
  }

  get(ptr: number): Bits {
    const state = this.u32(ptr + layout.CAP_STATE);
    return {
      tag: state & layout.STATE_TAG,
      high: state & layout.STATE_META ? this.u64(ptr + layout.CAP_HIGH) : 0n,
      address: this.u64(ptr + layout.CAP_ADDRESS),
    };
  }

  /** Runs `execute…` on a decoded record; returns what it raised, if anything. */
  execute(name: string, { rd = 0, rs1 = 0, rs2 = 0, imm = 0, raw = 3 }: Operands): Raised | undefined {
    const record = layout.SCRATCH_RECORDS;
    this.#view.setUint16(record + layout.RECORD_RD, rd ? rd * layout.CAP_SIZE : layout.X_SINK - layout.X, true);
    this.#view.setUint16(record + layout.RECORD_RS1, rs1 * layout.CAP_SIZE, true);
    this.#view.setUint16(record + layout.RECORD_RS2, rs2 * layout.CAP_SIZE, true);
    this.#view.setInt32(record + layout.RECORD_IMM, imm, true);
    this.#view.setUint32(record + layout.RECORD_RAW, raw, true);
    return this.raised(() => this.exports[`execute${name}`]!(record));
  }

  /** Runs `action`; returns the trap it raised, if any. */
  raised(action: () => unknown): Raised | undefined {
    this.setU32(layout.PENDING, 0);
    action();
    if (!this.u32(layout.PENDING)) return undefined;
    const tval = Number(this.u64(layout.TRAP_TVAL));
    return { cause: Number(this.u64(layout.TRAP_CAUSE)), capCause: tval & 31, regnum: tval >> 5 };
  }

  /** Base, 65-bit top, permissions and otype as decoded, decoding if necessary. */
  decoded(ptr: number): { base: bigint; top: bigint; perms: number; otype: number } {
    if (!(this.u32(ptr + layout.CAP_STATE) & layout.STATE_DECODED)) this.exports['decodeCap']!(ptr);
    return {
      base: this.u64(ptr + layout.CAP_BASE),
      top: this.u64(ptr + layout.CAP_TOP) | (BigInt(this.u32(ptr + layout.CAP_TOP_HIGH)) << 64n),
      perms: this.u32(ptr + layout.CAP_PERMS),
      otype: this.u32(ptr + layout.CAP_OTYPE),
    };
  }

  /** The access windows as half-open ranges of guest addresses; undefined if empty. */
  windows(ptr: number): { load: [bigint, bigint] | undefined; store: [bigint, bigint] | undefined } {
    const low = this.u64(ptr + layout.CAP_WINDOW_BASE);
    const range = (size: number): [bigint, bigint] | undefined => (size ? [low, low + BigInt(size)] : undefined);
    return {
      load: range((this.u32(ptr + layout.CAP_STATE) & ~layout.STATE_MASK) >>> 0),
      store: range(this.u32(ptr + layout.CAP_STORE_WINDOW)),
    };
  }
}
