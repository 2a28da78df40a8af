// Memory map of the core: every fixed address in the machine's linear memory, stated once.
// Compiles under both asc and tsc: plain numbers below 2^31, no imports.
//
//   0x0000 ┌────────────────────────────┐
//          │ guard (never used)         │
//   0x1000 │ X: 33 register structs     │  32 = write sink of x0
//   0x2000 │ SCR: 32 capability structs │  by CSpecialRW number: 0 PCC, 1 DDC, 4.. UTCC, 12.. STCC, 28.. MTCC
//   0x2800 │ F: 33 × 8 bytes            │
//   0x2a00 │ scratch structs            │
//   0x3000 │ CSRs, configuration, cells │
//   0x4000 │ scratch decode records     │
//   0x8000 │ jump cache, TLBs           │
//  0x20000 │ static data of the core    │
//  0x30000 │ the translator's tables    │  translate/map
//  0x50000 └────────────────────────────┘ FIXED_END: then tags, RAM, decoded pages (placed by `initialize`)
//
// A register or capability is one struct of CAP_SIZE bytes. An integer write stores the value at +0 and
// zero in the eight bytes at +8: that alone makes it an untagged null-derived integer with no access window.
//
//   +0  u64 address (integer value)
//   +8  u32 state in bits 3:0 (TAG, META, DECODED), load window in bytes in bits 31:4
//   +12 u32 store window in bytes
//   +16 u64 high word as in memory (XORed with null's); meaningful only if state has META
//   +24 u64 base            (meaningful if DECODED)
//   +32 u64 top, low 64 bit (meaningful if DECODED)
//   +40 u32 top, bit 64     (meaningful if DECODED)
//   +44 u32 permissions in CGetPerm's numbering (meaningful if DECODED)
//   +48 u64 first guest address of the access windows, a multiple of 16 (meaningful if a window is not 0)
//   +56 u32 otype, 18 bits  (meaningful if DECODED)
//   +60 u32 spare

export const CAP_SIZE = 64;
export const CAP_SIZE_LOG2 = 6;
export const CAP_ADDRESS = 0;
export const CAP_STATE = 8;
export const CAP_STORE_WINDOW = 12;
export const CAP_HIGH = 16;
export const CAP_BASE = 24;
export const CAP_TOP = 32;
export const CAP_TOP_HIGH = 40;
export const CAP_PERMS = 44;
export const CAP_WINDOW_BASE = 48;
export const CAP_OTYPE = 56;

/** Bits of the state word at CAP_STATE. */
export const STATE_TAG = 1;
export const STATE_META = 2;
export const STATE_DECODED = 4;
export const STATE_MASK = 15;

export const X = 0x1000;
export const X_SINK = 0x1800;
export const SCR = 0x2000;
export const PCC = 0x2000;
export const DDC = 0x2040;
export const UTCC = 0x2100;
export const UTDC = 0x2140;
export const USCRATCHC = 0x2180;
export const UEPCC = 0x21c0;
export const STCC = 0x2300;
export const STDC = 0x2340;
export const SSCRATCHC = 0x2380;
export const SEPCC = 0x23c0;
export const MTCC = 0x2700;
export const MTDC = 0x2740;
export const MSCRATCHC = 0x2780;
export const MEPCC = 0x27c0;
export const F = 0x2800;
/** Four temporary capability structs for handlers and for the host's calls. */
export const TEMP_CAP = 0x2a00;

// Configuration, written once by the host through `initialize`.
export const CONFIG = 0x3000; // u32, CONFIG_* bits
export const RAM_POINTER = 0x3008; // u32 linear pointer of guest RAM
export const RAM_SIZE = 0x3010; // u64 bytes
export const SLOT_POINTER = 0x3018; // u32 linear pointer of the decoded-page slots
export const SLOT_COUNT = 0x301c; // u32
export const SLOT_NEXT = 0x3038; // u32 index of the slot to be (re)used next
export const PAGE_MAP_POINTER = 0x3020; // u32: per RAM page two u32 (integer, capability mode) slot pointers, 0 = none
export const TOHOST = 0x3028; // u64 guest address of HTIF tohost, 0 = none
export const HART_ID = 0x3030; // u64

/** Bits of CONFIG. */
export const CONFIG_RELOCATED = 1; // integer addresses are offsets from DDC/PCC
export const CONFIG_S_MODE = 2;
export const CONFIG_N = 4; // user traps (misa.N)
export const CONFIG_SEDELEG_WIDE = 8; // sedeleg keeps every bit that medeleg keeps
export const CONFIG_HARDWARE_AD = 16; // A, D and CD page-table bits are set by hardware
export const CONFIG_STOP_ON_M_TRAP = 32; // run() returns STOP_TRAP once a trap into M mode was taken
export const CONFIG_B = 128; // Zba, Zbb, Zbs
// Deviations from the ISA text of the models that recorded golden vectors alone (tests/vectors/README.md).
export const CONFIG_LIKE_SAIL = 256; // every CSR access needs AccessSystemRegisters
export const CONFIG_LIKE_QEMU = 512; // see uses
export const CONFIG_MARKED_TRAPS = 2048; // only code with PERM_USER0 traps into U-mode
export const CONFIG_TRANSLATE = 1024; // hot code becomes Wasm (translate/)
export const CONFIG_CHERI = 64; // capability instructions, tags and checks exist

// Execution state.
export const PRIV = 0x3040; // u32: 0 U, 1 S, 3 M
export const PC = 0x3048; // u64 absolute virtual address of the next instruction; home while not in execute()
export const CAP_MODE = 0x3050; // u32: PCC.flag
export const PENDING = 0x3054; // u32: what the current instruction raised, PENDING_* (0 = nothing)
export const TRAP_CAUSE = 0x3058; // u64: xcause of the pending trap, interrupt bit included
export const TRAP_TVAL = 0x3060; // u64
export const INSTRET = 0x3068; // u64: instructions retired since reset, up to the start of the current execute()
export const LEFT = 0x3070; // i64: instructions execute() may still retire; home while not in execute()
export const SLICE = 0x3078; // i64: LEFT when the current execute() began; now = INSTRET + SLICE - LEFT
export const IDLE_TIME = 0x3080; // u64: instructions' worth of time skipped by WFI
export const STOP = 0x3088; // u32: STOP_* requested by host or by a handler; run() returns it at the next boundary
export const STOP_VALUE = 0x3090; // u64: exit code and the like
export const PC_BIAS = 0x3098; // u64: PCC.base when relocated, else 0: architectural pc = PC - PC_BIAS
export const DDC_BIAS = 0x30a0; // u64: DDC.address when relocated, else 0: integer-mode address = x[rs1] + imm + DDC_BIAS
export const CONTEXT = 0x30a8; // u32: tag in the low 12 bits of jump-cache keys; a change empties the cache
export const TRANSLATE_FETCH = 0x30b0; // u32: 1 if fetches go through Sv39
export const TRANSLATE_DATA = 0x30b4; // u32: 1 if loads and stores go through Sv39
export const DATA_PRIV = 0x30b8; // u32: effective privilege of loads and stores (MPRV)
export const PMP_ACTIVE = 0x30bc; // u32: 1 if some access of the current privileges may be refused by PMP
export const PCC_PAGE_LOW = 0x30c0; // u64: first page-aligned address with the whole page inside a usable PCC
export const PCC_PAGE_LENGTH = 0x30c8; // u64: bytes of whole pages from there; 0 = none

// DDC's access window once more, in the shape the integer-mode fast path wants (refreshDDC keeps them).
export const DDC_OFFSET_BIAS = 0x30d8; // u64: x[rs1] + imm + this = offset of the access in the window
export const DDC_LINEAR = 0x30e0; // u32: offset in the window + this = linear pointer
export const DDC_LOAD_WINDOW = 0x30e4; // u32 bytes
export const DDC_STORE_WINDOW = 0x30e8; // u32 bytes
export const RAM_DELTA = 0x30ec; // u32: low half of a RAM address + this = linear pointer
export const TRAP_LOOP_INSTRET = 0x30f0; // u64: the last trap within this run(), to notice endless ones
export const TRAP_LOOP_PC = 0x30f8; // u64
export const TRAP_LOOP_CAUSE = 0x32f8; // u64
export const MMIO_FAULT = 0x30d0; // u32: set to 1 by the host's mmioLoad/mmioStore where no device answers

/** Values of PENDING. */
export const PENDING_TRAP = 1; // TRAP_CAUSE/TRAP_TVAL; the instruction does not retire
export const PENDING_CONTEXT = 2; // retired; privilege, translation or interrupt state changed: leave execute()

/** Values returned by run() and held in STOP. */
export const STOP_BUDGET = 0; // the budget is used up
export const STOP_TRAP = 1; // a trap into M mode was taken (CONFIG_STOP_ON_M_TRAP)
export const STOP_IDLE = 2; // WFI and nothing that could ever wake it but the outside
export const STOP_EXIT = 3; // test finisher or HTIF: STOP_VALUE = exit code
export const STOP_TRAP_LOOP = 4; // the trap handler traps at its first instruction for ever
export const STOP_BREAK = 5; // breakpoint set by the host, before the instruction
export const STOP_REQUEST = 6; // a device or the host asked for it
export const STOP_HTIF = 7; // the guest stored to tohost; the host looks and goes on

// CSRs (u64 each). mstatus holds SXL/UXL/FS/XS and all interrupt bits, S and U views are masks of it.
export const MSTATUS = 0x3100;
export const MEDELEG = 0x3108;
export const MIDELEG = 0x3110;
export const MIE = 0x3118;
export const MIP = 0x3120; // as software and devices set it; see riscv/interrupt
export const MCAUSE = 0x3128;
export const MTVAL = 0x3130;
export const MSCRATCH = 0x3138;
export const SEDELEG = 0x3140;
export const SIDELEG = 0x3148;
export const SCAUSE = 0x3150;
export const STVAL = 0x3158;
export const SSCRATCH = 0x3160;
export const SATP = 0x3168;
export const UCAUSE = 0x3170;
export const UTVAL = 0x3178;
export const USCRATCH = 0x3180;
export const MCOUNTEREN = 0x3188;
export const SCOUNTEREN = 0x3190;
export const MCOUNTINHIBIT = 0x3198;
export const MINSTRET_OFFSET = 0x31a0; // minstret = now + offset
export const MCYCLE_OFFSET = 0x31a8;
export const SCCSR = 0x31b0; // writable bits 2 SGCLG, 3 UGCLG
export const FCSR = 0x31b8; // u32: fflags in 4:0, frm in 7:5
export const MENVCFG = 0x31c0;
export const PMPCFG = 0x31c8; // 16 bytes
export const PMPADDR = 0x3200; // 16 × u64
export const MTIMECMP = 0x3280; // u64 (CLINT)
export const RESERVATION = 0x3288; // u64: physical address of the LR reservation + 1, 0 = none
export const RESERVATION_SIZE = 0x3290; // u32
export const INTERRUPT_LINES = 0x3298; // u64: levels that devices hold, ORed into mip (bits 9 SEIP, 11 MEIP)
export const MTIME_OFFSET = 0x32a0; // u64: mtime = elapsed ticks + this
export const SENVCFG = 0x32a8;
export const CSR_CELLS_END = 0x3300;

// Derived from the above; no state of the machine.
export const TIMER_DEADLINE = 0x3300; // u64: retired + idle instructions at which mtime reaches mtimecmp
export const TLB_GENERATION = 0x3308; // u32, 1 to 511: part of the keys of valid TLB entries
export const SUPERPAGE_LOW = 0x3310; // u64: first and last address of a range that holds all superpages in the TLBs
export const SUPERPAGE_TOP = 0x3318; // u64
export const WINDOWS_EPOCH = 0x3320; // u32: bumped whenever windows are made anew; those in a saved register are of the one it was saved in

/** One-record programs for single steps and page-straddling instructions: room for 4 records. */
export const SCRATCH_RECORDS = 0x4000;

/** What the boot ROM reads as, and where stores to it go: 64 bytes each. */
export const ROM_ZEROS = 0x4300;
export const ROM_SINK = 0x4340;

// Breakpoints set by the host.
export const BREAKPOINT_COUNT = 0x4100; // u32
export const BREAKPOINTS = 0x4108; // 32 × u64 virtual addresses

/** Jump cache: 512 entries { u64 virtual page | CONTEXT, u32 first record of the page, u32 spare }. */
export const JUMP_CACHE = 0x8000;
export const JUMP_CACHE_ENTRIES = 512;

/** Data TLBs, direct-mapped, 512 entries each: { u64 key, u64 addend } see riscv/sv39. */
export const TLB_ENTRIES = 512;
export const TLB_LOAD = 0xa000;
export const TLB_STORE = 0xc000;
export const TLB_FETCH = 0xe000;
export const TLB_LOAD_CAP = 0x10000;
export const TLB_STORE_CAP = 0x12000;
export const TLB_AMO = 0x14000;

/** Static data end before this. */
export const STATIC_END = 0x30000;
/** Space for generated Wasm and other later tenants ends here. */
export const FIXED_END = 0x50000;

/** Byte of the granule at linear pointer p: TAG_DELTA + (p >>> 4). `initialize` places RAM so that these end before it. */
export const TAG_DELTA = 0x50000;
/** Bits of a granule's byte: its tag, and whether decoded records depend on its contents. */
export const GRANULE_TAG = 1;
export const GRANULE_CODE = 2;


// Decoded pages. A slot: 2048 records, 2 end records, header.
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
export const RECORD_SIZE = 16;
export const RECORD_SIZE_LOG2 = 4;
export const RECORD_OP = 0; // u16 dense op number; 0 = not decoded yet
export const RECORD_RD = 2; // u16 byte offset of the destination struct from X (or of the f register from F); x0 -> sink
export const RECORD_RS1 = 4; // u16
export const RECORD_RS2 = 6; // u16
export const RECORD_IMM = 8; // i32
export const RECORD_RAW = 12; // u32 instruction word (16 bit ones zero-extended)
export const SLOT_PAGE = 32800; // u32 RAM page index + 1
export const SLOT_MODE = 32804; // u32 0 integer, 1 capability
export const SLOT_HAS_REGIONS = 32808; // u32: translated regions may have been made from it
export const SLOT_STRIDE = 32832;
