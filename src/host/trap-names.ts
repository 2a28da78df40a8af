// Names of trap causes: Privileged 1.12 table 3.6, CHERI ISAv9 (xcause 26..28 and capability exception codes).

const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store/AMO address misaligned',
  7: 'store/AMO access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store/AMO page fault',
  26: 'capability load page fault',
  27: 'capability store/AMO page fault',
  28: 'CHERI fault',
};

const INTERRUPTS: Readonly<Record<number, string>> = {
  0: 'user software interrupt',
  1: 'supervisor software interrupt',
  3: 'machine software interrupt',
  4: 'user timer interrupt',
  5: 'supervisor timer interrupt',
  7: 'machine timer interrupt',
  8: 'user external interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
};

/** Cause of a CHERI fault: the ISA's name and what it says to a reader. */
const CAPABILITY_CAUSES: Readonly<Record<number, readonly [string, string]>> = {
  0x01: ['CapEx_LengthViolation', 'bounds'],
  0x02: ['CapEx_TagViolation', 'tag'],
  0x03: ['CapEx_SealViolation', 'seal'],
  0x04: ['CapEx_TypeViolation', 'object type'],
  0x08: ['CapEx_UserDefViolation', 'user-defined permission'],
  0x0b: ['CapEx_UnalignedBase', 'alignment of the base'],
  0x10: ['CapEx_GlobalViolation', 'permission Global'],
  0x11: ['CapEx_PermitExecuteViolation', 'permission Execute'],
  0x12: ['CapEx_PermitLoadViolation', 'permission Load'],
  0x13: ['CapEx_PermitStoreViolation', 'permission Store'],
  0x14: ['CapEx_PermitLoadCapViolation', 'permission LoadCap'],
  0x15: ['CapEx_PermitStoreCapViolation', 'permission StoreCap'],
  0x16: ['CapEx_PermitStoreLocalCapViolation', 'permission StoreLocalCap'],
  0x18: ['CapEx_AccessSystemRegsViolation', 'permission AccessSystemRegisters'],
  0x19: ['CapEx_PermitCInvokeViolation', 'permission CInvoke'],
  0x1c: ['CapEx_PermitSetCIDViolation', 'permission SetCID'],
};

export const CAUSE_CHERI = 28;
const INTERRUPT_BIT = 1n << 63n;

export const isInterrupt = (cause: bigint): boolean => (cause & INTERRUPT_BIT) !== 0n;

/** Name of an xcause value. */
export function trapName(cause: bigint): string {
  const number = Number(cause & ~INTERRUPT_BIT);
  if (isInterrupt(cause)) return INTERRUPTS[number] ?? `interrupt ${number}`;
  return EXCEPTIONS[number] ?? `exception ${number}`;
}

/** The ISA's name of a capability exception code. */
export function capabilityCauseName(code: number): string {
  return CAPABILITY_CAUSES[code]?.[0] ?? `capability exception 0x${code.toString(16)}`;
}

/** Which check failed, in a word or two. */
export function capabilityCheck(code: number): string {
  return CAPABILITY_CAUSES[code]?.[1] ?? `unknown check 0x${code.toString(16)}`;
}
