// CLINT, the core-local interruptor: software interrupt, timer compare, time. SiFive's layout, as QEMU's `virt` has it.
// One hart. Accesses of 4 and 8 bytes; other sizes fault; offsets without a register read zero.
import { MIP, MMIO_FAULT, MTIMECMP, MTIME_OFFSET, TIMER_DEADLINE } from "../layout";
import { elapsed, INSTRUCTIONS_PER_TICK, NEVER, readTime } from "./counters";
import { IRQ_MSI, updateTimer } from "./interrupt";
import { contextChanged } from "./status";

/** Place in the physical address space. */
export const CLINT_BASE: u64 = 0x2000000;
export const CLINT_SIZE: u64 = 0x10000;

export const CLINT_MSIP: u32 = 0;
export const CLINT_MTIMECMP: u32 = 0x4000;
export const CLINT_MTIME: u32 = 0xbff8;

/** Ticks beyond this are as good as never, and times 100 still fit. */
const TICKS_LIMIT: u64 = (<u64>1) << 56;

/** Value of an aligned access of `size` bytes, or MMIO_FAULT. */
export function clintLoad(offset: u32, size: u32): u64 {
  if (size < 4) {
    store<u32>(MMIO_FAULT, 1);
    return 0;
  }
  const value = readRegister(offset & ~7);
  if (size == 8) return value;
  return offset & 4 ? value >> 32 : value & 0xffffffff;
}

export function clintStore(offset: u32, size: u32, value: u64): void {
  if (size < 4) {
    store<u32>(MMIO_FAULT, 1);
    return;
  }
  const register = offset & ~7;
  if (size == 8) {
    writeRegister(register, value);
    return;
  }
  const old = readRegister(register);
  const shift = <u64>(offset & 4) << 3;
  const mask: u64 = (<u64>0xffffffff) << shift;
  writeRegister(register, (old & ~mask) | ((value << shift) & mask));
}

/** The eight bytes at an aligned offset. */
function readRegister(offset: u32): u64 {
  if (offset == CLINT_MSIP) return (load<u64>(MIP) >> IRQ_MSI) & 1;
  if (offset == CLINT_MTIMECMP) return load<u64>(MTIMECMP);
  return offset == CLINT_MTIME ? readTime() : 0;
}

function writeRegister(offset: u32, value: u64): void {
  if (offset == CLINT_MSIP) {
    const bit: u64 = 1 << IRQ_MSI;
    store<u64>(MIP, value & 1 ? load<u64>(MIP) | bit : load<u64>(MIP) & ~bit);
  } else if (offset == CLINT_MTIMECMP) {
    store<u64>(MTIMECMP, value);
  } else if (offset == CLINT_MTIME) {
    store<u64>(MTIME_OFFSET, load<u64>(MTIME_OFFSET) + value - readTime());
  } else {
    return;
  }
  updateDeadline();
  contextChanged();
}

/** Recomputes when mtime will reach mtimecmp. */
export function updateDeadline(): void {
  const time = readTime();
  const compare = load<u64>(MTIMECMP);
  let deadline: u64 = 0;
  if (compare > time) {
    const ticks = elapsed() / INSTRUCTIONS_PER_TICK + (compare - time);
    deadline = compare - time < TICKS_LIMIT ? ticks * INSTRUCTIONS_PER_TICK : NEVER;
  }
  store<u64>(TIMER_DEADLINE, deadline);
  updateTimer();
}
