// Where QEMU 7.2 and this machine may differ and both be right. Everything else is compared.

/** What is left out of the comparison or of generation, and why; printed by `run.ts --differences`. */
// prettier-ignore
export const DIFFERENCES: readonly (readonly [what: string, why: string])[] = [
  ['tval of illegal instructions', 'QEMU gives the instruction bits, this machine 0 as the Sail model does'],
  ['tval of breakpoints', 'QEMU gives 0, this machine the pc'],
  ['tval of accesses that straddle two pages', 'QEMU may name the second page; not generated where they can fault'],
  ['cause of faulting AMOs', 'QEMU raises the load causes (4, 5, 13), the manual asks for the store/AMO ones (6, 7, 15); accepted for AMOs only'],
  ['A and D of pages where an AMO faulted', 'QEMU translates an AMO as a load first; not compared in such snippets'],
  ['fetch by S from a user page after a load with SUM', 'QEMU 7.2 takes the permission from its TLB; user pages of S snippets are not executable'],
  ['PMP regions and accesses across two pages', 'QEMU checks what its TLB happens to miss; not generated together'],
  ['several accesses under MPRV', 'QEMU 7.2 keeps its TLB when mret changes MPP; one access per change of MPRV is generated'],
  ['ctzw', 'QEMU 7.2 looks at the upper half too; not generated'],
  ['bit 0 of mepc and sepc', 'QEMU keeps it when written; only even values are'],
  ['priority among several pending interrupts', 'QEMU without AIA takes the lowest number instead of external, software, timer; one at a time is generated'],
  ['SC without a reservation on a bad or misaligned address', 'QEMU fails it without looking at the address; not generated'],
  ['SC of another size than the LR, stores between LR and SC', 'QEMU compares address and value instead of tracking the reservation; not generated'],
  ['mstatus.FS after instructions that only raise flags', 'QEMU leaves a clean FS clean; FS is compared only where it is Off'],
  ['mstatus.MPP = 2, UXL and SXL writes', 'QEMU 7.2 accepts MPP = 2 and a writable UXL; not generated'],
  ['mtime, cycle, time', 'real time in QEMU; only whether they can be read is compared'],
  ['minstret across traps', 'QEMU counts instructions that trap; deltas are taken where nothing traps'],
  ['writes of minstret and mcycle', 'QEMU counts the writing instruction; not generated'],
  ['mip.MTIP and mip.SEIP lines', 'the timer and PLIC lines differ at reset; masked'],
  ['wfi', 'would wait for interrupts that the two machines time differently'],
  ['mvendorid, marchid, mimpid, misa, hpm counters and events', 'identify the implementation'],
  ['opcode 0x5b, and lc, sc, lr.c, sc.c, amoswap.c, lr.b, lr.h, sc.b, sc.h', 'CHERI instructions, illegal in QEMU'],
];

/** CSR number ranges whose very existence legitimately differs. */
// prettier-ignore
export const UNDUMPED_CSRS: readonly (readonly [low: number, high: number])[] = [
  [0x000, 0x000], [0x004, 0x005], [0x008, 0x00f], [0x015, 0x017], [0x040, 0x044], // user traps, vector, seed, jvt
  [0x102, 0x103], // sedeleg, sideleg
  [0x10a, 0x10c], [0x30a, 0x30f], [0x31a, 0x31a], // environment configuration, state enable
  [0x14d, 0x15f], [0x1d0, 0x1ff], [0x5a8, 0x5a8], [0x7a0, 0x7bf], // Sstc, AIA, debug
  [0x200, 0x2ff], [0x600, 0x6ff], [0xa00, 0xaff], [0xe00, 0xeff], // hypervisor
  [0x321, 0x33f], [0x3a0, 0x3ef], [0xb00, 0xb9f], [0xc00, 0xcff], [0xda0, 0xda0], // PMP beyond what is set up, counters
  [0x35c, 0x35f], [0x350, 0x355], [0x740, 0x757], [0x800, 0x8ff], [0x9c0, 0x9ff], [0xbc0, 0xbff], [0xdb0, 0xdbf], [0xfb0, 0xfbf], [0xf15, 0xf15],
];

/** Words that must not be generated at random: CHERI encodings, and what QEMU decodes although its extension is off. */
export function isExcludedWord(word: number, sizeBytes: number): boolean {
  if (sizeBytes === 2) return false;
  const opcode = word & 0x7f;
  const funct3 = (word >>> 12) & 7;
  if (opcode === 0x5b || opcode === 0x0f || opcode === 0x2f) return true;
  if (opcode === 0x23 && funct3 === 4) return true;
  if ((word & 0xfff0707f) >>> 0 === 0x6010101b) return true; // ctzw
  // SYSTEM: funct3 0 holds dret, uret, hypervisor and Svinval fences; funct3 4 hypervisor accesses.
  return opcode === 0x73 && ((word >>> 7) & 0x1f) === 0 && funct3 === 0;
}

/** Bits of CSRs in a report that are compared. */
// prettier-ignore
export const COMPARED_CSR_BITS: Readonly<Record<string, bigint>> = {
  medeleg: 0xb1ffn, mideleg: 0x222n, mie: 0xaaan, mip: 0x22n, mtvec: ~0n, stvec: ~0n, sscratch: ~0n, sepc: ~0n, scause: ~0n,
  mcounteren: 7n, scounteren: 7n, pmpaddr0: ~0n, pmpaddr1: ~0n, pmpaddr2: ~0n, pmpaddr3: 0x3f_ffff_ffff_ffffn, pmpcfg0: ~0n, satp: ~0n,
};

/** Bits of mstatus and sstatus that are compared; of FS only whether it is Off. */
export const STATUS_BITS = 0x7e_19aan;

const LOAD_CAUSES = [4n, 5n, 13n];
export const isAmo = (word: number): boolean => (word & 0x7f) === 0x2f && word >>> 27 !== 2;

/** QEMU's cause for the instruction `word`, corrected to the manual's: its AMOs fault like loads. */
export function correctCause(cause: bigint, word: number): bigint {
  return isAmo(word) && LOAD_CAUSES.includes(cause) ? cause + 2n : cause;
}

/** Delegates load and store/AMO causes together, so that they go to the same mode on both machines. */
export function pairedDelegation(medeleg: bigint): bigint {
  return LOAD_CAUSES.reduce(
    (bits, cause) => (bits & ~(5n << cause)) | ((bits >> cause) & 1n ? 5n << cause : 0n),
    medeleg,
  );
}

/** Illegal instructions and breakpoints report different things in tval. */
export function tvalMatters(cause: bigint): boolean {
  return cause !== 2n && cause !== 3n;
}
