// Does the engine's relaxed multiply-add (relaxed SIMD) round once, as the processor's own instruction
// does? It may also round twice, or not exist.
const F64 = 0x7c;
// (x, y: f64) -> x * x + y
// prettier-ignore
const MODULE = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 7, 1, 0x60, 2, F64, F64, 1, F64,
  3, 2, 1, 0,
  7, 5, 1, 1, 0x66, 0, 0, // export "f"
  10, 22, 1, 20, 0,
  0x20, 0, 0xfd, 0x14, // local.get, f64x2.splat
  0x20, 0, 0xfd, 0x14,
  0x20, 1, 0xfd, 0x14,
  0xfd, 0x87, 2, // f64x2.relaxed_madd
  0xfd, 0x21, 0, // f64x2.extract_lane 0
  0x0b,
]);

/** Node 20's V8 has these instructions behind a flag; it is on only while a module of ours is compiled. */
const FLAG = 'experimental-wasm-relaxed-simd';
let isBehindFlag = false;

/** `compile()` with the flag on. @returns undefined where there is no such flag to set. */
function withFlag<T>(compile: () => T): T | undefined {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
  if (v8 === undefined) return undefined;
  v8.setFlagsFromString(`--${FLAG}`);
  try {
    return compile();
  } finally {
    v8.setFlagsFromString(`--no-${FLAG}`);
  }
}

/** Compiles what the translator emitted. @throws WebAssembly.CompileError for what is no module. */
export function compileEmitted(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const compile = (): WebAssembly.Module => new WebAssembly.Module(bytes);
  return (isBehindFlag ? withFlag(compile) : undefined) ?? compile();
}

function probe(): boolean {
  isBehindFlag = !WebAssembly.validate(MODULE) && withFlag(() => WebAssembly.validate(MODULE)) === true;
  if (!isBehindFlag && !WebAssembly.validate(MODULE)) return false;
  const { exports } = new WebAssembly.Instance(compileEmitted(MODULE));
  const multiplyAdd = exports.f as (x: number, y: number) => number;
  // The square's last bit, 2^-54, is lost if it is rounded.
  return multiplyAdd(1 + 2 ** -27, -1 - 2 ** -26) === 2 ** -54;
}

let answer: boolean | undefined;

export const hasFusedMultiplyAdd = (): boolean => (answer ??= probe());
