/* The stack with which a program starts, from the top: path, platform strings, environment, arguments, random bytes; auxv,
 * envp, argv, argc. */

#include "process/elf.h"

enum {
  AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11,
  AT_EUID, AT_GID, AT_EGID, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25, AT_EXECFN = 31,
  AT_SYSINFO_EHDR = 33, AT_MINSIGSTKSZ = 51,
};
enum { HWCAP_IMAFDC = 0x112d, CLOCK_TICKS = 100, SIGNAL_FRAME = 1088, AUXV_ENTRIES = 24 };

struct builder {
  struct mm *mm;
  uaddr_t top;
  u64 auxv[AUXV_ENTRIES][2];
  unsigned entries;
};

static uaddr_t push(struct builder *builder, const void *bytes, size_t size) {
  builder->top -= size;
  memcpy(builder->mm->slot + builder->top, bytes, size);
  return builder->top;
}

static void add(struct builder *builder, u64 key, u64 value) {
  builder->auxv[builder->entries][0] = key;
  builder->auxv[builder->entries++][1] = value;
}

static void fill_auxv(struct builder *builder, const struct elf *program, u64 base, u64 vdso) {
  const struct credentials *who = &current->process->credentials;
  if (vdso != 0) add(builder, AT_SYSINFO_EHDR, vdso);
  add(builder, AT_HWCAP, HWCAP_IMAFDC);
  add(builder, AT_PAGESZ, PAGE_SIZE);
  add(builder, AT_CLKTCK, CLOCK_TICKS);
  add(builder, AT_PHDR, elf_headers_address(program));
  add(builder, AT_PHENT, sizeof(struct elf_segment));
  add(builder, AT_PHNUM, program->header.segment_count);
  add(builder, AT_BASE, base);
  add(builder, AT_FLAGS, 0);
  add(builder, AT_ENTRY, program->bias + program->header.entry);
  add(builder, AT_UID, who->uid);
  add(builder, AT_EUID, who->euid);
  add(builder, AT_GID, who->gid);
  add(builder, AT_EGID, who->egid);
  add(builder, AT_SECURE, 0);
  add(builder, AT_MINSIGSTKSZ, SIGNAL_FRAME);
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
  struct builder builder = {.mm = mm, .top = mm->size - 16};
  uaddr_t name = push(&builder, path, strlen(path) + 1);
  uaddr_t texts = push(&builder, strings->bytes, strings->used);
  u8 random[16];
  host_entropy(random, sizeof random);
  builder.top = round_down(builder.top, 16);
  uaddr_t randomness = push(&builder, random, sizeof random);
  fill_auxv(&builder, program, base, vdso);
  add(&builder, AT_RANDOM, randomness);
  add(&builder, AT_EXECFN, name);
  add(&builder, AT_NULL, 0);
  u64 auxv_bytes = builder.entries * sizeof builder.auxv[0];
  builder.top = round_down(builder.top - words * 8 - auxv_bytes, 16);
  u64 *at = (u64 *)(mm->slot + builder.top);
  *at = strings->argc;
  mm->arguments_start = texts;
  const char *text = strings->bytes;
  mm->arguments_end = mm->environment_start = fill_pointers(at + 1, strings->argc, texts, text);
  mm->environment_end = fill_pointers(at + 2 + strings->argc, strings->envc, mm->arguments_end, text + (mm->arguments_end - texts));
  memcpy(at + words, builder.auxv, auxv_bytes);
  return (long)builder.top;
}
