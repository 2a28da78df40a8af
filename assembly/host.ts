// What the host provides: devices outside RAM and the CLINT. Where none answers it sets MMIO_FAULT.

// @ts-ignore: decorator
@external("env", "mmioLoad")
export declare function mmioLoad(address: u32, sizeBytes: u32): u64;

// @ts-ignore: decorator
@external("env", "mmioStore")
export declare function mmioStore(address: u32, sizeBytes: u32, value: u64): void;

// What the translator needs of the host (translate/tier.ts). The first is code; the second a few bytes of Wasm that
// call through the shared table, as AssemblyScript cannot take two results.

/**
 * Puts the function whose body is at `pointer`, of the code at `pc`, into `slot` of the table and returns 1 if the host has
 * it compiled; else 0, and it will be number `position` of the next module.
 */
// @ts-ignore: decorator
@external("env", "reuseFunction")
export declare function reuseFunction(pointer: u32, sizeBytes: u32, slot: u32, pc: u64, position: u32): u32;

/** Compiles the module at `pointer` and puts its first `count` functions into their slots. */
// @ts-ignore: decorator
@external("env", "compileModule")
export declare function compileModule(pointer: u32, sizeBytes: u32, count: u32): void;

/** Calls the function in `slot`; stores the instructions that it left to LEFT, returns the pc. */
// @ts-ignore: decorator
@external("env", "enterFunction")
export declare function enterFunction(slot: u32, meta: u32, pc: u64, left: i32, depth: u32): u64;
