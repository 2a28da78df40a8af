/* The stack with which a program starts, from the top: path, platform strings, environment, arguments, random bytes; auxv,
 * envp, argv, argc. */

#include "process/elf.h"

enum {
  AT_NULL = 0, AT_IGNORE = 1, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11,
  AT_EUID, AT_GID, AT_EGID, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25, AT_EXECFN = 31,
  AT_SYSINFO_EHDR = 33, AT_MINSIGSTKSZ = 51,
};
enum { HWCAP_IMAFDC = 0x112d, CLOCK_TICKS = 100, SIGNAL_FRAME = 1088 };

/* Below `top`: the new one. */
static uaddr_t push(struct mm *mm, uaddr_t top, const void *bytes, size_t size) {
  memcpy(mm->slot + top - size, bytes, size);
  return top - size;
}

/* Pointers to the strings from `at` on, one behind the other, then null. */
static uaddr_t fill_pointers(u64 *to, u32 count, uaddr_t at, const char *text) {
  for (u32 i = 0; i < count; i++) {
    to[i] = at;
    size_t size = strlen(text) + 1;
    at += size;
    text += size;
  }
  to[count] = 0;
  return at;
}

static u64 stack_size(const struct mm *mm) {
  u64 share = max(mm->size / 16, 256ul << 10);
  return round_down(min(config_number("main_stack", share), min(mm->size / 4, 8ul << 20)), PAGE_SIZE);
}

long start_stack(struct mm *mm, const struct elf *program, u64 base, const struct start_strings *strings, const char *path, u64 vdso) {
  u64 size = stack_size(mm);
  u64 words = 1 + strings->argc + 1 + strings->envc + 1;
  if (strings->used + words * 8 + PAGE_SIZE > size / 2) return -E2BIG;
  long place = mm_map(mm, mm->size - size, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
  if (place < 0) return place;
  for (u64 page = (mm->size - size) >> PAGE_SHIFT; page < mm->size >> PAGE_SHIFT; page++) mm->pages[page] |= PAGE_STACK;
  mm->map_top = mm->free_top = mm->size - size - PAGE_SIZE;
  uaddr_t name = push(mm, mm->size - 16, path, strlen(path) + 1), texts = push(mm, name, strings->bytes, strings->used);
  u8 random[16];
  host_entropy(random, sizeof random);
  uaddr_t randomness = push(mm, round_down(texts, 16), random, sizeof random);
  const struct credentials *who = &current->process->credentials;
  const u64 auxv[][2] = {
      {vdso == 0 ? AT_IGNORE : AT_SYSINFO_EHDR, vdso}, {AT_HWCAP, HWCAP_IMAFDC}, {AT_PAGESZ, PAGE_SIZE}, {AT_CLKTCK, CLOCK_TICKS},
      {AT_PHDR, elf_headers_address(program)}, {AT_PHENT, sizeof(struct elf_segment)}, {AT_PHNUM, program->header.segment_count},
      {AT_BASE, base}, {AT_FLAGS, 0}, {AT_ENTRY, program->bias + program->header.entry}, {AT_UID, who->uid}, {AT_EUID, who->euid},
      {AT_GID, who->gid}, {AT_EGID, who->egid}, {AT_SECURE, 0}, {AT_MINSIGSTKSZ, SIGNAL_FRAME}, {AT_RANDOM, randomness},
      {AT_EXECFN, name}, {AT_NULL, 0}};
  uaddr_t top = round_down(randomness - words * 8 - sizeof auxv, 16);
  u64 *at = (u64 *)(mm->slot + top);
  *at = strings->argc;
  mm->arguments_start = texts;
  const char *text = strings->bytes;
  mm->arguments_end = mm->environment_start = fill_pointers(at + 1, strings->argc, texts, text);
  mm->environment_end = fill_pointers(at + 2 + strings->argc, strings->envc, mm->arguments_end, text + (mm->arguments_end - texts));
  memcpy(at + words, auxv, sizeof auxv);
  return (long)top;
}
