// Names and numbers of the CHERI architecture that guests, the host and the core agree on.
// Manual: CHERI ISAv9 (UCAM-CL-TR-987). Compiles under both asc and tsc: plain numbers below 2^31, no imports.

// Permissions, as masks in the numbering of CGetPerm and CAndPerm. Bits 12 to 14 do not exist.
export const PERM_GLOBAL = 0x1;
export const PERM_EXECUTE = 0x2;
export const PERM_LOAD = 0x4;
export const PERM_STORE = 0x8;
export const PERM_LOAD_CAP = 0x10;
export const PERM_STORE_CAP = 0x20;
export const PERM_STORE_LOCAL_CAP = 0x40;
export const PERM_SEAL = 0x80;
export const PERM_CINVOKE = 0x100;
export const PERM_UNSEAL = 0x200;
export const PERM_ACCESS_SYSTEM_REGISTERS = 0x400;
export const PERM_SET_CID = 0x800;
/** The first of the four that software defines. */
export const PERM_USER0 = 0x8000;
/** Four permissions without a meaning to the machine, bits 15 to 18. */
export const PERMS_USER = 0x78000;
export const PERMS_HARDWARE = 0xfff;
export const PERMS_ALL = 0x78fff;

// Object types, 18 bits. Those above OTYPE_MAX are reserved and read as negative numbers.
export const OTYPE_MAX = 0x3fffb;
export const OTYPE_SENTRY = 0x3fffe; // -2: sealed entry point, unsealed by jumping to it
export const OTYPE_UNSEALED = 0x3ffff; // -1

/** Bits of the bounds' mantissa (MW in the manual) and the exponent at which a length of 2^64 fits. */
export const MANTISSA_WIDTH = 14;
export const EXPONENT_MAX = 52;

// Capability exception codes: bits 4:0 of xtval when xcause is EXC_CHERI.
// From CapEx_GlobalViolation to CapEx_PermitStoreLocalCapViolation the code is 0x10 + the permission's number.
export const CapEx_LengthViolation = 0x1;
export const CapEx_TagViolation = 0x2;
export const CapEx_SealViolation = 0x3;
export const CapEx_TypeViolation = 0x4;
export const CapEx_UserDefViolation = 0x8;
export const CapEx_UnalignedBase = 0xb;
export const CapEx_GlobalViolation = 0x10;
export const CapEx_PermitExecuteViolation = 0x11;
export const CapEx_PermitLoadViolation = 0x12;
export const CapEx_PermitStoreViolation = 0x13;
export const CapEx_PermitLoadCapViolation = 0x14;
export const CapEx_PermitStoreCapViolation = 0x15;
export const CapEx_PermitStoreLocalCapViolation = 0x16;
export const CapEx_AccessSystemRegsViolation = 0x18;
export const CapEx_PermitCInvokeViolation = 0x19;
export const CapEx_PermitSetCIDViolation = 0x1c;

/** Register numbers in xtval bits 10:5: 0 to 31 are c0 to c31, 32 + n is special capability register n. */
export const REGNUM_PCC = 32;
export const REGNUM_DDC = 33;
export const REGNUM_SCR = 32;

// xcause values that CHERI adds.
export const EXC_LOAD_CAP_PAGE_FAULT = 26;
export const EXC_STORE_CAP_PAGE_FAULT = 27;
export const EXC_CHERI = 28;

// Special capability registers by CSpecialRW number. Bits 4:3 of the banked ones are the least privilege.
export const SCR_PCC = 0;
export const SCR_DDC = 1;
export const SCR_UTCC = 4;
export const SCR_UTDC = 5;
export const SCR_USCRATCHC = 6;
export const SCR_UEPCC = 7;
export const SCR_STCC = 12;
export const SCR_STDC = 13;
export const SCR_SSCRATCHC = 14;
export const SCR_SEPCC = 15;
export const SCR_MTCC = 28;
export const SCR_MTDC = 29;
export const SCR_MSCRATCHC = 30;
export const SCR_MEPCC = 31;
