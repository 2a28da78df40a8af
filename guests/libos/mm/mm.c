/* Memories of processes: where they lie, and what is mapped where. */
#include "fs/file.h"

#define HUGE_PAGE (2ul << 20)

u64 data_origin(void);

static struct mm *memories;
static u64 memory_count, memory_size;

u64 process_memory(void) {
  return memory_size;
}

/* Bounds of a capability of so many bytes are multiples of this (ISAv9, 128-bit format). */
static u64 bounds_unit(u64 size) {
  u64 unit = 8;
  for (u64 rest = size >> 13; rest > 0; rest >>= 1) unit *= 2;
  return max(unit, PAGE_SIZE);
}

/* A memory begins and ends where the bounds of a capability can. */
static void place_memory(struct mm *mm, u64 size, u64 unit) {
  u8 *room = alloc_pages((size + unit) >> PAGE_SHIFT);
  mm->pages = kzalloc(memory_size >> PAGE_SHIFT);
  if (room == NULL || mm->pages == NULL) panic("no memory for %lu processes of %lu bytes", memory_count, memory_size);
  u64 origin = data_origin(), lowest = round_up((u64)room + origin, unit) - origin;
  mm->slot = (u8 *)lowest - MAP_LOWEST;
}

void mm_start(void) {
  memory_count = config_number("processes", 1);
  u64 wanted = config_number("process_memory", 16 << 20);
  if (memory_count == 0 || memory_count > 256 || wanted < (1 << 20) || wanted > (3ul << 30)) panic("processes=%lu process_memory=%lu", memory_count, wanted);
  u64 size = wanted - MAP_LOWEST;
  size = round_up(size, bounds_unit(size));
  u64 unit = bounds_unit(size);
  size = round_down(size, unit);
  memory_size = size + MAP_LOWEST;
  memories = kzalloc(memory_count * sizeof *memories);
  for (u64 i = 0; i < memory_count; i++) place_memory(&memories[i], size, unit);
}

struct mm *mm_create(void) {
  struct mm *mm = memories;
  while (mm < memories + memory_count && mm->users > 0) mm++;
  if (mm == memories + memory_count) return NULL;
  *mm = (struct mm){.users = 1, .slot = mm->slot, .pages = mm->pages, .size = memory_size, .stack_low = memory_size, .map_top = memory_size, .free_top = memory_size};
  list_init(&mm->files);
  return mm;
}

/* The first page after this one that is not what it is; at most `limit`. */
static u64 alike_until(const u8 *pages, u64 page, u64 limit) {
  typedef u64 __attribute__((may_alias)) word;
  u8 kind = pages[page];
  while (page < limit && page % 8 != 0 && pages[page] == kind) page++;
  if (page % 8 == 0)
    while (page + 8 <= limit && *(const word *)(pages + page) == kind * 0x0101010101010101) page += 8;
  while (page < limit && pages[page] == kind) page++;
  return page;
}

struct mm *mm_get(struct mm *mm) {
  mm->users++;
  return mm;
}

/* What a process leaves, no other sees. */
void mm_put(struct mm *mm) {
  if (mm->users-- > 1) return;
  file_unmap(mm, 0, mm->size);
  kernel.pages -= mm->mapped_pages;
  u64 limit = memory_size >> PAGE_SHIFT;
  for (u64 page = MAP_LOWEST >> PAGE_SHIFT, end; page < limit; page = end) {
    end = alike_until(mm->pages, page, limit);
    if (mm->pages[page] != 0) clear_pages(mm->slot + (page << PAGE_SHIFT), (end - page) << PAGE_SHIFT);
  }
  memset(mm->pages, 0, limit);
}

static void count_pages(u64 pages) {
  kernel.pages += pages;
  kernel.most_pages = max(kernel.most_pages, kernel.pages);
}

/* Of the first thread's stack only what is in use, from `sp` on, if that is where it forks. */
static void copy_pages(struct mm *to, const struct mm *from, uaddr_t sp) {
  u64 limit = from->size >> PAGE_SHIFT;
  bool is_first = sp < from->size && from->pages[sp >> PAGE_SHIFT] & PAGE_STACK;
  u64 stack = is_first ? min(sp, from->stack_low) >> PAGE_SHIFT : 0;
  for (u64 page = MAP_LOWEST >> PAGE_SHIFT, end; page < limit; page = end) {
    u8 flags = from->pages[page];
    end = alike_until(from->pages, page, limit);
    if ((flags & PAGE_MAPPED) == 0) continue;
    memset(to->pages + page, flags, end - page);
    u64 first = flags & PAGE_STACK ? max(page, stack) : page;
    if (flags & PAGE_USED && first < end) memcpy(to->slot + (first << PAGE_SHIFT), from->slot + (first << PAGE_SHIFT), (end - first) << PAGE_SHIFT);
  }
}

struct mm *mm_fork(struct mm *mm, uaddr_t sp) {
  struct mm *copy = mm_create();
  if (copy == NULL) return NULL;
  u8 *slot = copy->slot, *pages = copy->pages;
  *copy = *mm;
  copy->users = 1;
  copy->slot = slot;
  copy->pages = pages;
  list_init(&copy->files);
  copy_pages(copy, mm, sp);
  file_mappings_copy(copy, mm);
  count_pages(copy->mapped_pages);
  return copy;
}

static bool is_inside(const struct mm *mm, uaddr_t address, u64 length) {
  return address >= MAP_LOWEST && address <= mm->size && length <= mm->size - address;
}

void *mm_bytes(const struct mm *mm, uaddr_t address, u64 length) {
  return is_inside(mm, address, length) ? mm->slot + address : NULL;
}

/* Have all pages of a range, of the flags `among`, just these? */
static bool are_all(const struct mm *mm, uaddr_t address, u64 length, u8 among, u8 flags) {
  if (!is_inside(mm, address, length)) return false;
  for (u64 page = address >> PAGE_SHIFT; page << PAGE_SHIFT < address + length; page++)
    if ((mm->pages[page] & among) != flags) return false;
  return true;
}

bool mm_is_mapped(const struct mm *mm, uaddr_t address, u64 length, u8 flags) {
  return are_all(mm, address, length, flags | PAGE_MAPPED, flags | PAGE_MAPPED);
}

static bool is_free(const struct mm *mm, uaddr_t address, u64 length) {
  return are_all(mm, address, length, PAGE_MAPPED, 0);
}

/* The highest free range between `lowest` and `top`, aligned; 0: none. */
static uaddr_t find_between(const struct mm *mm, uaddr_t lowest, uaddr_t top, u64 length, u64 alignment) {
  u64 pages = length >> PAGE_SHIFT, run = 0;
  for (u64 page = top >> PAGE_SHIFT; page-- > lowest >> PAGE_SHIFT;) {
    run = mm->pages[page] & PAGE_MAPPED ? 0 : run + 1;
    if (run >= pages && ((page << PAGE_SHIFT) & (alignment - 1)) == 0) return page << PAGE_SHIFT;
  }
  return 0;
}

/* Whole huge pages are aligned, as on Linux. When there is no room any more, it is where objects of the image would be that
 * this process has not loaded; what it loads of them afterwards fails. */
static uaddr_t find_free(struct mm *mm, u64 length) {
  uaddr_t found = 0;
  if (length % HUGE_PAGE == 0) found = find_between(mm, mm->brk, mm->free_top, length, HUGE_PAGE);
  if (found == 0) found = find_between(mm, mm->brk, mm->free_top, length, PAGE_SIZE);
  if (found == 0) found = find_between(mm, MAP_LOWEST, mm->brk_start, length, PAGE_SIZE);
  while (mm->free_top > mm->brk && mm->pages[(mm->free_top >> PAGE_SHIFT) - 1] & PAGE_MAPPED) mm->free_top -= PAGE_SIZE;
  return found;
}

/* An ELF object's first mapping goes to where its code is; everything else, anywhere. 0: no room. */
static uaddr_t choose_address(struct mm *mm, uaddr_t wish, u64 length, int protection, int flags, struct file *file, u64 offset) {
  struct code_info code;
  if (file != NULL && (protection & PROT_EXEC || flags & MAP_DENYWRITE) && file_code(file, &code) && code.mask >> mm->code & 1) {
    uaddr_t place = code.address + offset;
    if (is_free(mm, place, length)) return place;
    if (protection & PROT_EXEC) return 0;
  }
  wish = round_down(wish, PAGE_SIZE);
  if (wish >= MAP_LOWEST && wish >= mm->brk && is_free(mm, wish, length)) return wish;
  return find_free(mm, length);
}

static void set_pages(struct mm *mm, uaddr_t address, u64 length, u8 flags) {
  for (u64 page = address >> PAGE_SHIFT; page < (address + length) >> PAGE_SHIFT; page++) {
    u8 old = mm->pages[page];
    if (old & PAGE_USED && (flags & PAGE_FILE) == 0) clear_pages(mm->slot + (page << PAGE_SHIFT), PAGE_SIZE);
    mm->pages[page] = flags | (flags & (PAGE_FILE | PROT_WRITE) ? PAGE_USED : old & PAGE_USED);
  }
  mm->mapped_pages += length >> PAGE_SHIFT;
  count_pages(length >> PAGE_SHIFT);
}

long mm_map(struct mm *mm, uaddr_t address, u64 length, int protection, int flags, struct file *file, u64 offset) {
  u64 size = round_up(length, PAGE_SIZE);
  if (length == 0 || offset % PAGE_SIZE != 0) return -EINVAL;
  if (size < length || size > mm->size) return -ENOMEM;
  if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
    if (address % PAGE_SIZE != 0) return -EINVAL;
    if (address < MAP_LOWEST) return -EPERM;
    if (!is_inside(mm, address, size)) return -ENOMEM;
    if (flags & MAP_FIXED_NOREPLACE && !is_free(mm, address, size)) return -EEXIST;
    mm_unmap(mm, address, size);
  } else {
    address = choose_address(mm, address, size, protection, flags, file, offset);
    if (address == 0) return -ENOMEM;
  }
  set_pages(mm, address, size, (u8)(protection & PAGE_PROTECTION) | PAGE_MAPPED | (file != NULL ? PAGE_FILE : 0));
  long result = file == NULL ? 0 : file_map(mm, address, size, file, offset, (flags & MAP_TYPE) != MAP_PRIVATE);
  if (result == 0) return (long)address;
  mm_unmap(mm, address, size);
  return result;
}

long mm_unmap(struct mm *mm, uaddr_t address, u64 length) {
  u64 size = round_up(length, PAGE_SIZE);
  if (address % PAGE_SIZE != 0 || length == 0 || size < length) return -EINVAL;
  if (address < MAP_LOWEST) {
    if (size <= MAP_LOWEST - address) return 0;
    size -= MAP_LOWEST - address;
    address = MAP_LOWEST;
  }
  if (address >= mm->size) return size > -address ? -EINVAL : 0;
  size = min(size, mm->size - address);
  file_unmap(mm, address, size);
  for (u64 page = address >> PAGE_SHIFT; page < (address + size) >> PAGE_SHIFT; page++) {
    if (mm->pages[page] & PAGE_MAPPED) mm->mapped_pages--, kernel.pages--;
    mm->pages[page] &= PAGE_USED;
  }
  if (address + size > mm->free_top) mm->free_top = min(address + size, mm->map_top);
  return 0;
}
