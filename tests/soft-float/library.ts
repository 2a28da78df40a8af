// Compiles assembly/riscv/soft-float/test-entry.ts on the fly and gives access to its exports. Little optimized:
// the compiler's few seconds are most of the test's time.
// The module has its own memory, of which only the FCSR cell is used.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { FCSR } from '../../assembly/layout.ts';
import type { Outcome } from './exact.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const ENTRY = 'assembly/riscv/soft-float/test-entry.ts';
const FLAGS = '-O1 --runtime stub --noAssert --initialMemory 2 --config none --outFile out.wasm --textFile out.wat';

/** How an operand or result travels: f32 and 32-bit integers as numbers, the rest as BigInts. */
export type Kind = 'f32' | 'f64' | 'i32' | 'u32' | 'i64' | 'u64';

type Exported = (...args: (number | bigint)[]) => number | bigint;

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export class Library {
  /** The module in Wasm's text format. */
  readonly text: string;
  readonly #exports: Record<string, Exported>;
  readonly #memory: DataView;

  private constructor(wasm: Uint8Array, text: string) {
    const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module, {});
    this.text = text;
    this.#exports = exports as Record<string, Exported>;
    this.#memory = new DataView((exports['memory'] as WebAssembly.Memory).buffer);
  }

  static async compile(): Promise<Library> {
    const files: Record<string, Uint8Array | string> = {};
    const result = await asc.main([ENTRY, ...FLAGS.split(' ')], {
      readFile: (name: string, base: string) => readOrNull(join(ROOT, base, name)),
      writeFile: (name: string, contents: Uint8Array | string) => {
        files[name] = contents;
      },
      listFiles: () => [],
    });
    if (result.error) throw new Error(`asc: ${result.error.message}\n${result.stderr.toString()}`);
    return new Library(files['out.wasm'] as Uint8Array, files['out.wat'] as string);
  }

  has(name: string): boolean {
    return name in this.#exports;
  }

  /** Calls `name` with the accrued flags (and frm) preset; returns the result's bits and FCSR afterwards. */
  call(
    name: string,
    kinds: readonly Kind[],
    operands: readonly bigint[],
    rm: number | undefined,
    fcsr: number,
  ): Outcome {
    const args = operands.map((bits, i) => (kinds[i]!.endsWith('32') ? Number(bits) : bits));
    if (rm !== undefined) args.push(rm);
    this.#memory.setUint32(FCSR, fcsr, true);
    const result = this.#exports[name]!(...args);
    const bits = typeof result === 'number' ? BigInt(result >>> 0) : BigInt.asUintN(64, result);
    return { bits, flags: this.#memory.getUint32(FCSR, true) };
  }
}
