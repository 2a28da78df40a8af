// Where things lie in a differential program, and the shape of a snippet's descriptor and of its report.
//
//   0x80000000  supervisor code and its data    S-only under Sv39
//   0x80010000  page tables
//   0x80100000  report of the current snippet
//   0x80200000  snippets                        user pages for U snippets
//   0x80400000  scratch, 16 KiB                 user pages for U snippets
//   0x80600000  scratch image, then descriptors

export const RAM_BASE = 0x8000_0000n;
export const RAM_MIB = 64;
export const HANDLER_DATA = 0x8000_8000n;
export const ROOT_TABLE = 0x8001_0000n;
export const WINDOW_L1 = 0x8001_1000n;
export const IDENTITY_L1 = 0x8001_2000n;
export const WINDOW_L0 = 0x8001_3000n;
export const REPORT = 0x8010_0000n;
export const CODE = 0x8020_0000n;
export const CODE_LIMIT = 0x8040_0000n;
export const SCRATCH = 0x8040_0000n;
export const SCRATCH_BYTES = 0x4000;
export const IMAGE = 0x8060_0000n;
export const DESCRIPTORS = 0x8061_0000n;
export const UART = 0x1000_0000n;
/** CLINT mtimecmp: zero on QEMU at reset, so that a timer interrupt is pending. */
export const TIMER_COMPARE = 0x200_4000n;
export const FINISHER = 0x10_0000n;

/** Virtual window whose page tables are random: 16 pages, then superpages. */
export const WINDOW = 0x4000_0000n;
export const WINDOW_PAGES = 16;
/** An address in physical space where neither machine has memory or a device. */
export const NOTHING = 0x9000_0000n;

export const MAX_TRAPS = 40;
export const TRAP_WORDS = 5; // cause, epc, tval, xstatus, mode

/** Physical addresses of the page-table entries that a descriptor fills in and a report shows. */
export const PTE_SLOTS: readonly bigint[] = [
  ...Array.from({ length: WINDOW_PAGES }, (_, i) => WINDOW_L0 + 8n * BigInt(i)),
  ...[0n, 1n, 2n, 3n].map((i) => WINDOW_L1 + 8n * i),
  IDENTITY_L1 + 8n, // snippets
  IDENTITY_L1 + 16n, // scratch
  ROOT_TABLE + 8n * 3n, // 0xc0000000
  ROOT_TABLE + 8n * 511n, // the top gigabyte
];

/** CSRs set before a snippet, in this order. mstatus and mepc come last. */
// prettier-ignore
export const SETUP_CSRS = [
  'mie', 'mip', 'medeleg', 'mideleg', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'mscratch', 'mcause', 'mtval',
  'mcounteren', 'scounteren', 'pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'pmpcfg0', 'satp', 'fcsr', 'mepc', 'mstatus',
] as const;

/** CSRs read after a snippet. */
// prettier-ignore
export const REPORT_CSRS = [
  'medeleg', 'mideleg', 'mie', 'mip', 'mtvec', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'mcounteren', 'scounteren',
  'pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'pmpcfg0', 'satp', 'sstatus',
] as const;

// prettier-ignore
export const CSR_NUMBERS: Readonly<Record<string, number>> = {
  fflags: 0x001, frm: 0x002, fcsr: 0x003, cycle: 0xc00, time: 0xc01, instret: 0xc02,
  sstatus: 0x100, sie: 0x104, stvec: 0x105, scounteren: 0x106, sscratch: 0x140, sepc: 0x141, scause: 0x142, stval: 0x143, sip: 0x144,
  satp: 0x180, mvendorid: 0xf11, marchid: 0xf12, mimpid: 0xf13, mhartid: 0xf14,
  mstatus: 0x300, misa: 0x301, medeleg: 0x302, mideleg: 0x303, mie: 0x304, mtvec: 0x305, mcounteren: 0x306,
  mcountinhibit: 0x320, mscratch: 0x340, mepc: 0x341, mcause: 0x342, mtval: 0x343, mip: 0x344,
  pmpcfg0: 0x3a0, pmpcfg2: 0x3a2, pmpaddr0: 0x3b0, pmpaddr1: 0x3b1, pmpaddr2: 0x3b2, pmpaddr3: 0x3b3,
  mcycle: 0xb00, minstret: 0xb02,
};

export function csrNumber(name: string): number {
  const number = CSR_NUMBERS[name];
  if (number === undefined) throw new Error(`no CSR '${name}'`);
  return number;
}

/** Descriptor: u64 start, u64 exit, SETUP_CSRS, x1..x31, f0..f31, PTE_SLOTS. */
export const DESCRIPTOR_CSRS = 2;
export const DESCRIPTOR_X = DESCRIPTOR_CSRS + SETUP_CSRS.length;
export const DESCRIPTOR_F = DESCRIPTOR_X + 31;
export const DESCRIPTOR_PTES = DESCRIPTOR_F + 32;
export const DESCRIPTOR_WORDS = DESCRIPTOR_PTES + PTE_SLOTS.length;
