// What this process has compiled of translated code, by its bytes: the same guest code compiles once, whichever machine
// met it first.

/** A function, and the module that exports it. */
export interface CompiledFunction {
  readonly module: WebAssembly.Module;
  readonly name: string;
}

/** Bytes of Wasm kept; the engine's code for them is some ten times as large. */
const MOST_BYTES = 8 * 1024 * 1024;
/** A module costs some 90 KB, whatever is in it. */
const MOST_MODULES = 512;

/** The least recently used first. */
const functions = new Map<string, CompiledFunction>();
/** Functions kept of each module. */
const modules = new Map<WebAssembly.Module, number>();
let bytes = 0;

export function findCompiled(key: string): CompiledFunction | undefined {
  const found = functions.get(key);
  if (found === undefined) return undefined;
  functions.delete(key);
  functions.set(key, found);
  return found;
}

export function keepCompiled(key: string, compiled: CompiledFunction): void {
  forget(key);
  functions.set(key, compiled);
  modules.set(compiled.module, (modules.get(compiled.module) ?? 0) + 1);
  bytes += key.length;
  for (const oldest of functions.keys()) {
    if (bytes <= MOST_BYTES && modules.size <= MOST_MODULES) return;
    forget(oldest);
  }
}

/** For tests and measurements: as if nothing had been compiled yet. */
export function forgetCompiled(): void {
  functions.clear();
  modules.clear();
  bytes = 0;
}

/** Functions, modules and bytes of Wasm that are kept. */
export const compiledSize = (): { functions: number; modules: number; bytes: number } => ({
  functions: functions.size,
  modules: modules.size,
  bytes,
});

function forget(key: string): void {
  const found = functions.get(key);
  if (found === undefined) return;
  functions.delete(key);
  bytes -= key.length;
  const left = modules.get(found.module)! - 1;
  if (left === 0) modules.delete(found.module);
  else modules.set(found.module, left);
}
