/* The memory of one Linux process: a slot of the library OS's data. Program address v lies at `slot + v`; only
 * [MAP_LOWEST, size) exists. One byte per page says what is mapped; nothing enforces page protections while the
 * program runs (there is no page table), the library OS itself keeps to them. */
#pragma once
#include "kernel/kernel.h"

#define MAP_LOWEST 0x10000ul

#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_TYPE 15
#define MAP_FIXED 16
#define MAP_ANONYMOUS 32
#define MAP_DENYWRITE 0x800
#define MAP_FIXED_NOREPLACE 0x100000

/* Of a page, beside PROT_…: */
enum {
  PAGE_PROTECTION = 7,
  PAGE_MAPPED = 8,
  PAGE_USED = 16, /* its bytes may not be zero; so it stays when it is unmapped */
  PAGE_FILE = 32,
  PAGE_STACK = 64, /* the first thread's, for /proc */
};

struct file;

/* A mapping of a file: for write-back of shared ones, and for /proc/PID/maps. */
struct file_mapping {
  struct list_head link;
  uaddr_t start, end;
  u64 offset;
  struct file *file;
  bool shared;
};

struct mm {
  unsigned users; /* 0: nobody's */
  u8 *slot;
  u64 size;
  u8 *pages; /* [size >> PAGE_SHIFT] */
  struct list_head files;
  uaddr_t brk_start, brk;
  uaddr_t map_top;  /* mmap looks for room below */
  uaddr_t free_top; /* there is none between this and map_top */
  uaddr_t stack_low; /* the lowest stack pointer of the first thread's stack that was left for another stack */
  unsigned code;    /* code object that it executes */
  uaddr_t vdso;     /* 0: none */
  u64 mapped_pages;
  uaddr_t arguments_start, arguments_end, environment_start, environment_end;
};

/* Memories for as many processes as configured, each of that size, out of what kmalloc has. */
void mm_start(void);
/* Bytes of each, with the unused ones below MAP_LOWEST. */
u64 process_memory(void);
/* Nothing mapped, all zeros; null: every memory is some process'. */
struct mm *mm_create(void);
/* A copy for a thread whose stack pointer is `sp`; shared mappings are no longer shared in it. Null: no room. */
struct mm *mm_fork(struct mm *mm, uaddr_t sp);
/* A thread may go on with another stack than this one's. */
static inline void mm_stack_left(struct mm *mm, uaddr_t sp) {
  if (sp < mm->stack_low && sp >= MAP_LOWEST && mm->pages[sp >> PAGE_SHIFT] & PAGE_STACK) mm->stack_low = sp;
}
struct mm *mm_get(struct mm *mm);
void mm_put(struct mm *mm);

/* Address or -errno, as Linux's mmap; offset in bytes. `file` may be null. */
long mm_map(struct mm *mm, uaddr_t address, u64 length, int protection, int flags, struct file *file, u64 offset);
long mm_unmap(struct mm *mm, uaddr_t address, u64 length);
/* Bytes of the slot, whatever is mapped there; null: outside. */
void *mm_bytes(const struct mm *mm, uaddr_t address, u64 length);
bool mm_is_mapped(const struct mm *mm, uaddr_t address, u64 length, u8 flags);
/* Zeroes; `to` and `size` are multiples of a page. */
void clear_pages(void *to, size_t size);

/* Mappings of files (mm/file-map.c). */
long file_map(struct mm *mm, uaddr_t address, u64 length, struct file *file, u64 offset, bool shared);
/* Forgets what they say of a range that is unmapped, and writes back what is shared. */
void file_unmap(struct mm *mm, uaddr_t address, u64 length);
void file_write_back(struct mm *mm, uaddr_t address, u64 length);
/* Of the same files, private; the bytes are there already. */
void file_mappings_copy(struct mm *to, const struct mm *from);
struct file_mapping *file_mapping_at(struct mm *mm, uaddr_t address);
