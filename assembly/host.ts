// What the host provides: devices outside RAM and the CLINT. Where none answers it sets MMIO_FAULT.

// @ts-ignore: decorator
@external("env", "mmioLoad")
export declare function mmioLoad(address: u32, sizeBytes: u32): u64;

// @ts-ignore: decorator
@external("env", "mmioStore")
export declare function mmioStore(address: u32, sizeBytes: u32, value: u64): void;
