/* ELF files as far as starting programs needs them. */
#pragma once
#include "process/process.h"

enum { ET_EXEC = 2, ET_DYN = 3, EM_RISCV = 243, PT_LOAD = 1, PT_INTERP = 3, PT_PHDR = 6 };
enum { PF_X = 1, PF_W = 2, PF_R = 4 };
enum { ELF_SEGMENTS = 32 };

struct elf_header {
  u8 identification[16];
  u16 type, machine;
  u32 version;
  u64 entry, segments_offset, sections_offset;
  u32 flags;
  u16 header_size, segment_size, segment_count, section_size, section_count, names;
};

struct elf_segment {
  u32 type, flags;
  u64 offset, address, physical, file_size, memory_size, alignment;
};

/* A file that is to be run, read and checked. */
struct elf {
  struct file *file;
  struct elf_header header;
  struct elf_segment segments[ELF_SEGMENTS];
  u64 bias;      /* what is added to the file's addresses */
  u32 code_mask; /* the code objects that it is in */
  u64 lowest, end; /* of its pages, in the file's addresses */
};

/* Reads the headers and finds its place: -ENOEXEC, -EACCES (the image has no code of it). */
long elf_read(struct elf *elf, struct file *file);
/* Its segments into an address space. */
long elf_map(const struct elf *elf, struct mm *mm);
/* Path of its interpreter into `to`: its length, 0: none, -ENOEXEC. */
long elf_interpreter(const struct elf *elf, char *to, size_t size);
/* Where its program headers lie in memory, 0: nowhere. */
u64 elf_headers_address(const struct elf *elf);

/* Maps the stack with which a program starts and fills it (start.c): arguments, environment, auxiliary vector. Its
 * address, or -errno. `base`: of the dynamic linker, 0: none. */
long start_stack(struct mm *mm, const struct elf *program, u64 base, const struct start_strings *strings, const char *path, u64 vdso);
