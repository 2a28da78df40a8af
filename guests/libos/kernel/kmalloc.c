/* Pages by a bitmap with a moving start; pieces below half a page from slabs of one size each, whose first bytes say
 * which; everything else whole pages, with their number in front of the first page's neighbour: a table. */
#include "kernel/kernel.h"

/* What a page is: free, or the first page of an allocation of so many pages, or inside one, or a slab. */
enum { PAGE_FREE = 0, PAGE_INSIDE = ~0u, PAGE_SLAB = ~1u };

static u32 *kinds;
static u8 *first_page;
static size_t page_count, free_pages_left, start_at;

struct slab {
  struct list_head link; /* slabs of this size with free pieces */
  void *free;
  u32 size_class, used;
};

static const u16 CLASS_SIZES[] = {16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1008, 1344, 2032};
static struct list_head slabs[ARRAY_SIZE(CLASS_SIZES)];

void kmalloc_start(void *begin, void *end) {
  uintptr_t from = round_up((uintptr_t)begin, PAGE_SIZE), to = round_down((uintptr_t)end, PAGE_SIZE);
  size_t pages = (to - from) / PAGE_SIZE, table = round_up(pages * sizeof(u32), PAGE_SIZE);
  kinds = (u32 *)from;
  first_page = (u8 *)(from + table);
  page_count = free_pages_left = pages - table / PAGE_SIZE;
  for (size_t i = 0; i < ARRAY_SIZE(slabs); i++) list_init(&slabs[i]);
}

size_t free_page_count(void) {
  return free_pages_left;
}

size_t total_page_count(void) {
  return page_count;
}

static size_t page_of(const void *memory) {
  return (size_t)((const u8 *)memory - first_page) / PAGE_SIZE;
}

/* From `page` on, `count` free ones? Else *next is where to look on. */
static bool is_free_run(size_t page, size_t count, size_t *next) {
  for (size_t i = 0; i < count; i++) {
    u32 kind = kinds[page + i];
    if (kind == PAGE_FREE) continue;
    *next = page + i + (kind < PAGE_SLAB ? kind : 1);
    return false;
  }
  return true;
}

static void *find_pages(size_t from, size_t to, size_t count, size_t alignment) {
  size_t next;
  for (size_t page = from; page < to; page = next) {
    uintptr_t address = round_up((uintptr_t)first_page + page * PAGE_SIZE, alignment);
    page = page_of((void *)address);
    if (page + count > page_count) return NULL;
    if (!is_free_run(page, count, &next)) continue;
    kinds[page] = (u32)count;
    for (size_t i = 1; i < count; i++) kinds[page + i] = PAGE_INSIDE;
    free_pages_left -= count;
    start_at = page + count;
    return (void *)address;
  }
  return NULL;
}

void *alloc_pages_aligned(size_t count, size_t alignment) {
  if (count == 0 || count > free_pages_left) return NULL;
  void *pages = find_pages(start_at, page_count, count, alignment);
  return pages != NULL ? pages : find_pages(0, page_count, count, alignment);
}

void *alloc_pages(size_t count) {
  return alloc_pages_aligned(count, PAGE_SIZE);
}

void free_pages(void *first, size_t count) {
  size_t page = page_of(first);
  if (page >= page_count || kinds[page] != count) panic("free_pages: %lx is not %lu pages", (u64)first, count);
  for (size_t i = 0; i < count; i++) kinds[page + i] = PAGE_FREE;
  free_pages_left += count;
  if (page < start_at) start_at = page;
}

static struct slab *make_slab(u32 size_class) {
  struct slab *slab = alloc_pages(1);
  if (slab == NULL) return NULL;
  kinds[page_of(slab)] = PAGE_SLAB;
  slab->size_class = size_class;
  slab->used = 0;
  slab->free = NULL;
  size_t size = CLASS_SIZES[size_class];
  for (size_t at = round_up(sizeof *slab, 16); at + size <= PAGE_SIZE; at += size) {
    void **piece = (void **)((u8 *)slab + at);
    *piece = slab->free;
    slab->free = piece;
  }
  list_add(&slab->link, &slabs[size_class]);
  return slab;
}

void *kmalloc(size_t bytes) {
  u32 size_class = bytes > CLASS_SIZES[4] ? 5 : 0;
  while (size_class < ARRAY_SIZE(CLASS_SIZES) && CLASS_SIZES[size_class] < bytes) size_class++;
  if (size_class == ARRAY_SIZE(CLASS_SIZES)) return alloc_pages(round_up(bytes, PAGE_SIZE) / PAGE_SIZE);
  struct slab *slab;
  if (!list_empty(&slabs[size_class])) slab = list_first_entry(&slabs[size_class], struct slab, link);
  else if ((slab = make_slab(size_class)) == NULL) return NULL;
  void **piece = slab->free;
  slab->free = *piece;
  slab->used++;
  if (slab->free == NULL) list_del(&slab->link);
  return piece;
}

void *kzalloc(size_t bytes) {
  void *memory = kmalloc(bytes);
  return memory == NULL ? NULL : memset(memory, 0, bytes);
}

static void free_piece(void *memory) {
  struct slab *slab = (struct slab *)round_down((uintptr_t)memory, PAGE_SIZE);
  if (slab->free == NULL) list_add(&slab->link, &slabs[slab->size_class]);
  *(void **)memory = slab->free;
  slab->free = memory;
  bool is_only_one = slab->link.next == slab->link.prev; /* of its class with free pieces: kept */
  if (--slab->used > 0 || is_only_one) return;
  list_del(&slab->link);
  kinds[page_of(slab)] = 1;
  free_pages(slab, 1);
}

void kfree(void *memory) {
  if (memory == NULL) return;
  size_t page = page_of(memory);
  if (page >= page_count) panic("kfree: %lx was not given out", (u64)memory);
  u32 kind = kinds[page];
  if (kind == PAGE_SLAB) free_piece(memory);
  else free_pages(memory, kind);
}

void *krealloc(void *memory, size_t before, size_t after) {
  u8 *larger = kmalloc(after);
  if (larger == NULL) return NULL;
  if (before > 0) memcpy(larger, memory, before);
  memset(larger + before, 0, after - before);
  kfree(memory);
  return larger;
}

char *kstrdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = kmalloc(size);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}
