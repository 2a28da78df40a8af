/* Traps as signals. The processor says which capability check failed, not at which address: that comes from the
 * instruction, as the program's copy of its code shows it. */

#include "process/process.h"

enum { CAUSE_FETCH_ACCESS = 1, CAUSE_ILLEGAL, CAUSE_BREAKPOINT, CAUSE_LOAD_MISALIGNED, CAUSE_LOAD, CAUSE_STORE_MISALIGNED, CAUSE_STORE, CAUSE_CHERI = 28 };
enum { CHERI_REGISTER_PCC = 32 };
enum { ILL_ILLOPC = 1, SEGV_MAPERR = 1, SEGV_ACCERR = 2, BUS_ADRALN = 1, TRAP_BRKPT = 1 };

static u64 field(u32 instruction, unsigned from, unsigned bits) { return instruction >> from & ((1u << bits) - 1); }

static u64 compressed_address(const struct registers *registers, u32 instruction) {
  u64 quadrant = field(instruction, 0, 2), kind = field(instruction, 13, 3), offset;
  bool is_word = kind == 2 || kind == 6;
  if (quadrant == 0) {
    offset = field(instruction, 10, 3) << 3;
    offset |= is_word ? field(instruction, 6, 1) << 2 | field(instruction, 5, 1) << 6 : field(instruction, 5, 2) << 6;
    return registers->x[8 + field(instruction, 7, 3)] + offset;
  }
  if (kind < 4) {
    offset = field(instruction, 12, 1) << 5;
    offset |= is_word ? field(instruction, 4, 3) << 2 | field(instruction, 2, 2) << 6 : field(instruction, 5, 2) << 3 | field(instruction, 2, 3) << 6;
  } else {
    offset = is_word ? field(instruction, 9, 4) << 2 | field(instruction, 7, 2) << 6 : field(instruction, 10, 3) << 3 | field(instruction, 7, 3) << 6;
  }
  return registers->x[SP] + offset;
}

/* Where a load or store goes. */
static u64 access_address(const struct registers *registers, u32 instruction) {
  if ((instruction & 3) != 3) return compressed_address(registers, instruction & 0xffff);
  u64 base = field(instruction, 15, 5), opcode = field(instruction, 0, 7);
  s64 offset = (s32)instruction >> 20;
  if (opcode == 0x23 || opcode == 0x27) offset = (s64)((s32)instruction >> 25) * 32 + (s64)field(instruction, 7, 5);
  if (opcode == 0x2f) offset = 0;
  return (base == 0 ? 0 : registers->x[base]) + (u64)offset;
}

static u32 instruction_at(u64 pc) {
  u32 instruction = 0;
  const void *bytes = mm_bytes(current->process->mm, pc, 4);
  if (bytes != NULL && mm_is_mapped(current->process->mm, pc, 2, 0)) memcpy(&instruction, bytes, 4);
  return instruction;
}

static void segmentation(struct signal_info *info, u64 address) {
  bool exists = mm_is_mapped(current->process->mm, address, 1, 0);
  *info = (struct signal_info){.number = SIGSEGV, .code = exists ? SEGV_ACCERR : SEGV_MAPERR, .address = address};
}

static void cheri(const struct registers *registers, struct signal_info *info) {
  bool is_fetch = registers->value >> 5 == CHERI_REGISTER_PCC;
  u32 instruction = instruction_at(registers->pc);
  segmentation(info, is_fetch || instruction == 0 ? registers->pc : access_address(registers, instruction));
}

void fault_signal(const struct registers *registers, struct signal_info *info) {
  u64 pc = registers->pc;
  switch (registers->cause) {
    case CAUSE_ILLEGAL:
      if (instruction_at(pc) == 0) return segmentation(info, pc); /* zeros between what executes */
      *info = (struct signal_info){.number = SIGILL, .code = ILL_ILLOPC, .address = pc};
      return;
    case CAUSE_BREAKPOINT:
      *info = (struct signal_info){.number = SIGTRAP, .code = TRAP_BRKPT, .address = pc};
      return;
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
      *info = (struct signal_info){.number = SIGBUS, .code = BUS_ADRALN, .address = registers->value};
      return;
    case CAUSE_CHERI:
      return cheri(registers, info);
    default:
      segmentation(info, registers->value);
  }
}
