// Numbers of the control and status registers that the machine has. Manual: Privileged 1.12 chapter 2, N extension
// (Privileged 1.11 draft chapter "N"), CHERI ISAv9. Compiles under both asc and tsc: plain numbers, no imports.
//
// Bits 9:8 of a number are the least privilege that may access it, bits 11:10 = 3 mean read-only.
// Names for humans come from here: CSR_MSTATUS is `mstatus`. The counters 3 to 31 and the PMP arrays are stated by
// their first number and their count.

// User
export const CSR_USTATUS = 0x000;
export const CSR_FFLAGS = 0x001;
export const CSR_FRM = 0x002;
export const CSR_FCSR = 0x003;
export const CSR_UIE = 0x004;
export const CSR_UTVEC = 0x005;
export const CSR_USCRATCH = 0x040;
export const CSR_UEPC = 0x041;
export const CSR_UCAUSE = 0x042;
export const CSR_UTVAL = 0x043;
export const CSR_UIP = 0x044;
export const CSR_UCCSR = 0x8c0;
export const CSR_CYCLE = 0xc00;
export const CSR_TIME = 0xc01;
export const CSR_INSTRET = 0xc02;
export const CSR_HPMCOUNTER3 = 0xc03;

// Supervisor
export const CSR_SSTATUS = 0x100;
export const CSR_SEDELEG = 0x102;
export const CSR_SIDELEG = 0x103;
export const CSR_SIE = 0x104;
export const CSR_STVEC = 0x105;
export const CSR_SCOUNTEREN = 0x106;
export const CSR_SENVCFG = 0x10a;
export const CSR_SSCRATCH = 0x140;
export const CSR_SEPC = 0x141;
export const CSR_SCAUSE = 0x142;
export const CSR_STVAL = 0x143;
export const CSR_SIP = 0x144;
export const CSR_SATP = 0x180;
export const CSR_SCCSR = 0x9c0;

// Machine
export const CSR_MSTATUS = 0x300;
export const CSR_MISA = 0x301;
export const CSR_MEDELEG = 0x302;
export const CSR_MIDELEG = 0x303;
export const CSR_MIE = 0x304;
export const CSR_MTVEC = 0x305;
export const CSR_MCOUNTEREN = 0x306;
export const CSR_MENVCFG = 0x30a;
export const CSR_MCOUNTINHIBIT = 0x320;
export const CSR_MHPMEVENT3 = 0x323;
export const CSR_MSCRATCH = 0x340;
export const CSR_MEPC = 0x341;
export const CSR_MCAUSE = 0x342;
export const CSR_MTVAL = 0x343;
export const CSR_MIP = 0x344;
export const CSR_PMPCFG0 = 0x3a0;
export const CSR_PMPCFG2 = 0x3a2;
export const CSR_PMPADDR0 = 0x3b0;
export const CSR_TSELECT = 0x7a0;
export const CSR_TDATA1 = 0x7a1;
export const CSR_TDATA2 = 0x7a2;
export const CSR_TDATA3 = 0x7a3;
export const CSR_MCCSR = 0xbc0;
export const CSR_MCYCLE = 0xb00;
export const CSR_MINSTRET = 0xb02;
export const CSR_MHPMCOUNTER3 = 0xb03;
export const CSR_MVENDORID = 0xf11;
export const CSR_MARCHID = 0xf12;
export const CSR_MIMPID = 0xf13;
export const CSR_MHARTID = 0xf14;
export const CSR_MCONFIGPTR = 0xf15;

// Bits 7:0 of the registers that each mode with traps has a set of.
export const TRAP_STATUS_REGISTER = 0x00;
export const TRAP_IE_REGISTER = 0x04;
export const TRAP_TVEC_REGISTER = 0x05;
export const TRAP_SCRATCH_REGISTER = 0x40;
export const TRAP_EPC_REGISTER = 0x41;
export const TRAP_CAUSE_REGISTER = 0x42;
export const TRAP_TVAL_REGISTER = 0x43;
export const TRAP_IP_REGISTER = 0x44;

/** Counters numbered 3 to 31: hpmcounter, mhpmcounter, mhpmevent. */
export const HPM_COUNT = 29;
/** PMP entries: pmpaddr0 to pmpaddr15, eight configuration bytes in each of pmpcfg0 and pmpcfg2. */
export const PMP_COUNT = 16;
