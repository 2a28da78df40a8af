// The check of PCC for one parcel (ISAv9: tag, seal, Execute, [base alignment when relocated,] bounds; register 32).
import {
  CAP_BASE, CAP_OTYPE, CAP_PERMS, CAP_STATE, CONFIG, CONFIG_CHERI, CONFIG_RELOCATED, PCC, STATE_TAG,
} from "./layout";
import { CAPEX_EXECUTE, CAPEX_SEAL, CAPEX_TAG, CAPEX_UNALIGNED_BASE, OTYPE_UNSEALED, PERM_EXECUTE } from "./cheri/names";
import { jumpAllowed, REGNUM_PCC } from "./interpreter";
import { raiseCapability } from "./riscv/trap";

function refuse(cause: u32): bool {
  raiseCapability(cause, REGNUM_PCC);
  return false;
}

/** [pc, pc + 2) may be fetched through PCC; raises if not. */
export function checkFetch(pc: u64): bool {
  const config = load<u32>(CONFIG);
  if ((config & CONFIG_CHERI) == 0) return true;
  if ((load<u32>(PCC, CAP_STATE) & STATE_TAG) == 0) return refuse(CAPEX_TAG);
  if (load<u32>(PCC, CAP_OTYPE) != OTYPE_UNSEALED) return refuse(CAPEX_SEAL);
  if ((load<u32>(PCC, CAP_PERMS) & PERM_EXECUTE) == 0) return refuse(CAPEX_EXECUTE);
  if ((config & CONFIG_RELOCATED) != 0 && (load<u64>(PCC, CAP_BASE) & 1) != 0) return refuse(CAPEX_UNALIGNED_BASE);
  return jumpAllowed(pc);
}
