// Accrued exception flags and rounding modes of the F and D extensions.
// Source: RISC-V Unprivileged ISA 20191213, section 11.2 (fcsr).
import { FCSR } from "../../layout";

/** Bits of fflags. */
export const NX: u32 = 1; // inexact
export const UF: u32 = 2; // underflow: tiny after rounding and inexact
export const OF: u32 = 4; // overflow
export const DZ: u32 = 8; // division by zero
export const NV: u32 = 16; // invalid operation

/** Rounding modes, already resolved: 7 (dynamic) never reaches this library. */
export const RNE: u32 = 0; // to nearest, ties to even
export const RTZ: u32 = 1; // towards zero
export const RDN: u32 = 2; // towards minus infinity
export const RUP: u32 = 3; // towards plus infinity
export const RMM: u32 = 4; // to nearest, ties away from zero

/** Accrues `bits` in fflags. */
// @ts-ignore: decorator
@inline
export function raiseFlags(bits: u32): void {
  store<u32>(FCSR, load<u32>(FCSR) | bits);
}

/** True once inexact has accrued: from then on nobody needs to know whether a result was exact. */
// @ts-ignore: decorator
@inline
export function isInexactAccrued(): bool {
  return <bool>(load<u32>(FCSR) & NX);
}
