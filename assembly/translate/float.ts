// Emits F and D instructions. Values live in f64 locals with the register's 64 bits.
// Everything can be done by the table's expression as calls of soft-float. Where rounding is to nearest even and NX has
// accrued (which regions have baked in), host arithmetic gives RISC-V's result and flags whenever the result is an
// ordinary number (float-host.ts); where NX has not, whenever the result is exact, too (float-exact.ts). Anything else
// leaves, or calls soft-float.
import { emitExpression, fastFloat } from "../generated/emit";
import { RECORD_RD } from "../layout";
import { code, F64_REINTERPRET_I64, I64_EXTEND_I32_U } from "./code";
import { TYPE_F4, TYPE_F8, TYPE_X, typeOf } from "./describe";
import { emitExact } from "./float-exact";
import { emitComparison, emitFastDouble, emitFastSingle, emitSign } from "./float-host";
import { boxAndWrite, FAST_COMPARISON, FAST_FUSED, FAST_FUSED_SINGLE, FAST_SIGN } from "./float-values";
import { isRobust, writeF, writeX } from "./frame";
import { emitFused, emitFusedSingle, emitHostFused } from "./fused";
import { HOST_FUSES } from "./map";
import { isFastFloat, roundingMode } from "./operands";

/** By the table's expression. */
function emitGeneral(record: usize, description: u32, operation: u32): void {
  emitExpression(operation, record);
  const type = typeOf(description);
  if (type == TYPE_X) {
    writeX(load<u16>(record, RECORD_RD));
  } else if (type == TYPE_F4) {
    code(I64_EXTEND_I32_U);
    boxAndWrite(record);
  } else {
    code(F64_REINTERPRET_I64);
    writeF(load<u16>(record, RECORD_RD));
  }
}

export function emitFloat(record: usize, description: u32, operation: u32): void {
  const fast = fastFloat(operation);
  const kind = fast >> 8;
  if (!isRobust && (kind == FAST_COMPARISON || kind == FAST_SIGN)) {
    if (kind == FAST_SIGN) emitSign(record, fast & 255, typeOf(description) == TYPE_F8);
    else emitComparison(record, fast & 255);
    return;
  }
  // Where the fast paths fail often the general way, a call, is better than leaving.
  if (kind == 0 || isRobust || roundingMode(record) != 0) emitGeneral(record, description, operation);
  else if (!isFastFloat && emitExact(record, description, fast)) return;
  else if (!isFastFloat) emitGeneral(record, description, operation);
  else if (kind == FAST_FUSED_SINGLE) emitFusedSingle(record, fast & 255);
  else if (kind == FAST_FUSED && load<u32>(HOST_FUSES) != 0) emitHostFused(record, fast & 255);
  else if (kind == FAST_FUSED) emitFused(record, fast & 255);
  else if (typeOf(description) == TYPE_F4) emitFastSingle(record, fast & 255, kind);
  else emitFastDouble(record, fast & 255, kind);
}
