// The translator's part of the memory map. A leaf like layout.ts: plain numbers, no imports, for asc and tsc.
//
//   0x3400   cells that emitted code reads
//   0x18000  counters of jump targets
//   0x30000  jump map: pc of a region's entry -> its meta block
//   0x40000  decoded capabilities
//   0x48000  crossings
//   workspace (placed by `initialize` behind the decoded pages, only if the machine is to translate)
//     ┌─────────────────────────────────────────────┐
//     │ bytes of the function being written         │ WORK_CODE
//     │ functions that wait for their module        │ WORK_MODULE, WORK_BATCH
//     │ blocks, flags, worklist of the region       │ WORK_BLOCKS ...
//     │ meta blocks, one per region or call target  │ WORK_METAS
//     │ meta blocks by record (hash)                │ WORK_BY_RECORD
//     │ arena: exits and links of regions           │ WORK_ARENA
//     └─────────────────────────────────────────────┘

// Cells.
export const TRANSLATING = 0x3400; // u32: 1 while the translator is on, 2 if it takes whatever is jumped to at once
export const TRANSLATING_ALL = 2;
export const REGION_STAMP = 0x3404; // u32: one bit, the current configuration; a region is valid under those in its mask
export const MAP_TAG = 0x3408; // u64: what keys of the jump map are XORed with
export const WORK_POINTER = 0x3410; // u32: the workspace, 0 = none
export const CONFIGURATION_STALE = 0x3414; // u32: 1 if PCC, DDC, privilege or code changed since REGION_STAMP was made
export const HOT_PC = 0x3418; // u64: the last target without translation that a region called or jumped to
export const CODE_EPOCH = 0x3420; // u32: bumped when decoded pages may have changed or been reused
export const HOT_THRESHOLD = 0x3424; // u32: executions after which code is translated
export const CAPS_SEEN = 0x3430; // u32: 1 once an instruction wrote a capability register, until none holds a capability
export const HOST_FUSES = 0x3434; // u32: 1 if the engine's relaxed multiply-add rounds once (src/host/fused.ts)
export const CROSS_RETURN = 0x3438; // u64: where the caller of the code that crossed first waits (crossing.ts)
export const SLOW_VALUE = 0x3428; // u64: what a device's load brought

// Counters, for the host.
export const COUNT_REGIONS = 0x3440; // u32: regions translated
export const COUNT_BYTES = 0x3444; // u32: bytes of Wasm
export const COUNT_INSTRUCTIONS = 0x3448; // u32: guest instructions in them
export const COUNT_REFUSED = 0x344c; // u32: attempts that gave none
export const COUNT_FLUSHES = 0x3450; // u32: times everything was dropped, the start included
export const COUNT_MODULES = 0x3454; // u32: modules compiled
export const COUNT_REUSED = 0x34c0; // u32: regions whose function the host had already
export const CROSS_UNWOUND = 0x34c8; // u32: 1 if what crossed came back with another configuration: callers must return, too
export const CROSS_DEPTH = 0x34cc; // u32: depth of the code that was crossed into last (crossing.ts)
export const CROSSINGS_EPOCH = 0x34d0; // u32: bumped when what crossings came to is no longer to be relied on (crossing-memo.ts)
export const COUNT_DROPPED = 0x34c4; // u32: regions dropped for a store, a reused page or another configuration
export const COUNT_ENTRIES = 0x3458; // u64: entries from the interpreter
export const COUNT_TRANSLATED = 0x3460; // u64: instructions retired in regions
export const COUNT_EXITS = 0x3480; // 8 × u64 by cause of exit, EXIT_*
export const EXIT_JUMP = 0; // to code outside the region, or the slice ends
export const EXIT_INTERPRET = 1; // an instruction that only the interpreter executes
export const EXIT_ACCESS = 2; // a load or store, or its arithmetic, is not one for the fast path
export const EXIT_HELPER = 3; // a helper raised
export const EXIT_RAISED = 4; // the slow path of a load or store raised
export const EXIT_COLD = 5; // to code that had not run yet when the region was made (cold.ts)

/** Configurations, and the one being made: (CONFIGURATION_COUNT + 1) × CONFIGURATION_SIZE. */
export const CONFIGURATIONS = 0x3500;
export const CONFIGURATION_SIZE = 64;
export const CONFIGURATION_COUNT = 31;

export const HOT_TABLE = 0x18000; // u32 each: 16 bits of tag, 16 bits of count
export const HOT_TABLE_ENTRIES = 8192;
/** Structs of tagged capabilities as decoded (capability.ts), 64 bytes each: for what is loaded again and again. */
export const DECODED = 0x40000;
export const DECODED_ENTRIES = 512;
export const DECODED_EPOCH = 60; // u32: CROSSINGS_EPOCH as it was
/** The place is at bits 14:6 of the high word times the factor, XORed with the address, shifted. */
export const DECODED_FACTOR = 0x1e3779b1;
export const DECODED_SHIFT = 2;
/** Crossings and what they came to (crossing-memo.ts), 256 bytes each. */
export const CROSSINGS = 0x48000;
export const CROSSINGS_ENTRIES = 128;
export const JUMP_MAP = 0x30000; // { u64 key, u32 meta, u32 spare }
export const JUMP_MAP_ENTRIES = 4096;

/** Turns of a near loop between questions to the translator. */
export const HOT_TURNS = 256;
/** RECORD_RS1 of `ret`. */
export const RETURN_REGISTER = 0x40;

// Workspace, offsets from WORK_POINTER.
export const WORK_CODE = 0;
export const WORK_CODE_SIZE = 0x80000;
export const WORK_MODULE = 0x80000; // what comes before the code section
export const WORK_BATCH = 0x82000; // bodies of the code section
export const WORK_BATCH_END = 0x110000;
export const WORK_BLOCKS = 0x110000;
export const WORK_FLAGS = 0x150000; // per page of the region 2048 bytes
export const WORK_BLOCK_OF = 0x156000; // per page 2048 × u16: block + 1
export const WORK_LIST = 0x162000;
export const WORK_ORDER = 0x166000; // u16: block by reverse postorder
export const WORK_LABELS = 0x168000;
export const WORK_EXIT_LABELS = 0x16a000; // 24 bytes each (exits.ts)
export const WORK_TARGETS = 0x170000; // u32 each: records that jumps to registers went to
export const WORK_AWKWARD = 0x170800; // u32 each: records (awkward.ts)
export const WORK_SWITCH = 0x171000; // u16: blocks that the region's jumps to registers may go to
export const WORK_PLANS = 0x180000; // 24 bytes per exit (exits.ts)
export const MOST_EXITS = 4096;
export const WORK_METAS = 0x200000;
export const WORK_BY_RECORD = 0x400000; // u32 each
export const BY_RECORD_ENTRIES = 65536;
export const WORK_ARENA = 0x440000;
export const WORK_SIZE = 0x1400000;

// A meta block. Emitted code reads the first three fields.
export const META_SIZE = 128;
export const META_SLOT = 0; // u32: index in the function table
export const META_VALID = 4; // u32: stamps of the configurations it was checked under
export const META_COUNT = 8; // u32: jumps to registers, counted by emitted code
export const META_RECORD = 12; // u32: record of the entry
export const META_STATE = 16; // u32: META_*
export const META_EXITS = 20; // u32: pointer to the exits
export const META_FAILURES = 24; // u32: entries refused because the configuration differs
export const META_LOW = 28; // i32: least and greatest pc touched, relative to the entry
export const META_HIGH = 32; // i32
export const META_PAGES = 36; // u32: pointer to its pages
export const META_PAGE_COUNT = 40; // u32
export const META_CONFIGURATION = 44; // u32: what was baked in, see tier.ts
export const META_BALANCE = 48; // i32: what entries from the interpreter gained, in instructions (tier.ts)
export const META_NEED_MASK = 52; // u32: which bits of the configuration's needs the code depends on
export const META_NEEDS = 56; // u32: and their values
export const META_MISSES = 60; // u32: exits for the sake of a slow path, ROBUST once they were too many; and FLOATING
export const MOST_MISSES = 4000;
/** Misses of a region between looks at what it is that misses. */
export const MISSES_TO_LOOK = 256;
export const ROBUST = 0x40000000;
export const FLOATING = 0x20000000; // runs with DDC in several places and sizes
/** Least bytes of DDC's windows for that: more than any group of accesses spans. */
export const LEAST_FLOATING = 4096;
export const META_LINKS = 64; // 13 × u32: meta blocks of call targets
export const META_LINK_LIMIT = 13;
export const META_BLOCKS = 116; // u32: pointer to its blocks (covered.ts)
export const META_COLD = 120; // u32: exits to code that was cold, and how often that was seen to (cold.ts)
export const META_TARGETS = 124; // u32: known targets of jumps to registers in reach when it was translated
export const META_LIMIT = 16384;
export const META_FREE = 0;
export const META_STUB = 1; // a call target without translation
export const META_LIVE = 2;
export const META_PENDING = 3; // translated, not yet compiled (batch.ts)

// A page that a region uses: its slot, and a bit per granule with code of the region.
export const PAGE_USE_SIZE = 40;
export const PAGE_SLOT = 0;
export const PAGE_GRANULES = 8;

// An exit: what is known where emitted code leaves or calls a helper.
export const EXIT_SIZE = 16;
export const EXIT_RECORD = 0; // u32
export const EXIT_OFFSET = 4; // i32: pc relative to the entry
export const EXIT_RETIRED = 8; // u32: instructions to take from the region's `left`
export const EXIT_KIND = 12; // u32: EXIT_*

// A block of the region under translation.
export const BLOCK_SIZE = 128;
export const BLOCK_LIMIT = 1024;
export const BLOCK_RECORD = 0; // u32: first record
export const BLOCK_OFFSET = 4; // i32: pc of the first instruction relative to the entry
export const BLOCK_LENGTH = 8; // u32: instructions
export const BLOCK_END = 12; // u32: END_*
export const BLOCK_TAKEN = 16; // i32: block of the taken branch, jump or landing; -1 outside
export const BLOCK_NEXT = 20; // i32: block that follows
export const BLOCK_USES = 24; // u64: registers read before they are written
export const BLOCK_WRITES = 32; // u64
export const BLOCK_LIVE = 40; // u64: at the start
export const BLOCK_DIRTY = 48; // u64: possibly newer than home, at the start
export const BLOCK_LAST = 56; // u32: last record
export const BLOCK_LAST_OFFSET = 60; // i32
export const BLOCK_ORDER = 64; // i32: number in reverse postorder, -1 unreachable
export const BLOCK_DOMINATOR = 68; // i32
export const BLOCK_MARKS = 72; // u32: MARK_*
export const BLOCK_PHASE = 76; // i32: instructions the local `left` is behind at the start
export const BLOCK_EDGES = 80; // u32: forward edges into it
export const BLOCK_INTEGER = 84; // u32: registers known to hold no capability state, at the start
export const BLOCK_PATH = 88; // u32: most instructions before the next look at `left`
export const BLOCK_TAKEN_OFFSET = 92; // i32: pc of the taken target relative to the entry
export const BLOCK_SPAN = 96; // u32: bytes
export const BLOCK_CAPABILITIES = 112; // u32: registers last written as capabilities
export const BLOCK_INTEGERS = 116; // u32: registers last written as integers
export const BLOCK_TAKEN_VIA = 104; // i32: block + 1 that TAKEN leads to by way of the switch, 0 = directly
export const BLOCK_NEXT_VIA = 108; // i32: NEXT, likewise
export const BLOCK_WORDS = 100; // u32: registers known to hold sign-extended words, at the start
export const BLOCK_SINGLES = 120; // u32: f registers known to hold boxed singles, at the start
export const BLOCK_AUTHORITIES = 124; // u32: registers used as capabilities that must be decoded
export const MARK_LOOP = 1;
export const MARK_MERGE = 2;
export const MARK_IN_LOOP = 8;
export const MARK_REACHES = 16; // leads to the end of the loop in hand
export const MARK_NESTED = 32; // in a loop of which it is not the header
export const MARK_EVEN = 4; // `left` is never behind at the start

export const END_NEXT = 0; // runs into the next block
export const END_BRANCH = 1;
export const END_JUMP = 2; // direct, no link
export const END_CALL = 3;
export const END_CALL_REGISTER = 4;
export const END_JUMP_REGISTER = 5;
export const END_HELPER = 6; // an instruction executed by the core, then the next block
export const END_INTERPRET = 7; // leave; the interpreter executes the instruction
export const END_LEAVE = 8; // runs on outside the region
export const END_CROSS = 10; // PCC or DDC becomes another, or may (crossing.ts)
export const END_SWITCH = 9; // an empty block of its own: goes to the block at LOCAL_T, or leaves

export const REGION_PAGES = 6;
export const REGION_INSTRUCTIONS = 700;
