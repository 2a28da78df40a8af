// The trap that was taken last, as the registers of the mode that handles it say.
import {
  MCAUSE,
  MEPCC,
  MSTATUS,
  MTCC,
  MTVAL,
  PRIV,
  SCAUSE,
  SEPCC,
  STCC,
  STVAL,
  UCAUSE,
  UEPCC,
  UTCC,
  UTVAL,
} from '../../assembly/layout.ts';
import type { Core } from './core.ts';
import type { Privilege } from './registers.ts';

/** Linear pointers of one mode's trap registers. */
export interface TrapRegisters {
  readonly cause: number;
  readonly tval: number;
  /** Capability struct of the saved PCC. */
  readonly epcc: number;
  /** Capability struct of the trap vector. */
  readonly tcc: number;
}

const REGISTERS: Readonly<Record<number, TrapRegisters>> = {
  0: { cause: UCAUSE, tval: UTVAL, epcc: UEPCC, tcc: UTCC },
  1: { cause: SCAUSE, tval: STVAL, epcc: SEPCC, tcc: STCC },
  3: { cause: MCAUSE, tval: MTVAL, epcc: MEPCC, tcc: MTCC },
};

export interface TrapState {
  readonly cause: bigint;
  readonly tval: bigint;
  /** Absolute address of the instruction that trapped. */
  readonly pc: bigint;
  /** Privilege it had. */
  readonly privilege: Privilege;
}

/** The registers of the mode that the machine is in now. */
export function trapRegisters(core: Core): TrapRegisters {
  return REGISTERS[core.readU32(PRIV)];
}

export function trapState(core: Core): TrapState {
  const registers = trapRegisters(core);
  return {
    cause: core.readU64(registers.cause),
    tval: core.readU64(registers.tval),
    pc: core.readU64(registers.epcc),
    privilege: previousPrivilege(core),
  };
}

const PREVIOUS = ['U', 'S', 'S', 'M'] as const;

/** mstatus.MPP, SPP, or U for a trap into user mode. */
function previousPrivilege(core: Core): Privilege {
  const status = core.readU32(MSTATUS);
  switch (core.readU32(PRIV)) {
    case 0:
      return 'U';
    case 1:
      return ((status >> 8) & 1) === 1 ? 'S' : 'U';
    default:
      return PREVIOUS[(status >> 11) & 3]!;
  }
}
