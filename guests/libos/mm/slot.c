/* Slots: where processes' memories lie. Each begins and ends where the bounds of a capability can. */
#include "mm/slot.h"

#include "kernel/config.h"
#include "kernel/host.h"
#include "kernel/kmalloc.h"
#include "kernel/string.h"
#include "mm/mm.h"

u64 data_origin(void);

static struct slot *slots;
static u64 slot_count, memory_size;

u64 process_memory(void) {
  return memory_size;
}

/* Bounds of a capability of so many bytes are multiples of this (ISAv9, 128-bit format). */
static u64 bounds_unit(u64 size) {
  u64 unit = 8;
  for (u64 rest = size >> 13; rest > 0; rest >>= 1) unit *= 2;
  return max(unit, PAGE_SIZE);
}

static void make_slot(struct slot *slot, u64 size, u64 unit) {
  u8 *room = alloc_pages((size + unit) >> PAGE_SHIFT);
  slot->pages = kzalloc(memory_size >> PAGE_SHIFT);
  if (room == NULL || slot->pages == NULL) panic("no memory for %lu processes of %lu bytes", slot_count, memory_size);
  u64 origin = data_origin(), lowest = round_up((u64)room + origin, unit) - origin;
  slot->base = (u8 *)lowest - MAP_LOWEST;
}

void mm_start(void) {
  slot_count = config_number("processes", 1);
  u64 wanted = config_number("process_memory", 16 << 20);
  if (slot_count == 0 || slot_count > 256 || wanted < (1 << 20) || wanted > (3ul << 30)) panic("processes=%lu process_memory=%lu", slot_count, wanted);
  u64 size = wanted - MAP_LOWEST, unit = bounds_unit(size);
  size = round_up(size, unit);
  unit = bounds_unit(size);
  size = round_down(size, unit);
  memory_size = size + MAP_LOWEST;
  slots = kzalloc(slot_count * sizeof *slots);
  for (u64 i = 0; i < slot_count; i++) make_slot(&slots[i], size, unit);
}

struct slot *slot_take(void) {
  for (u64 i = 0; i < slot_count; i++) {
    if (slots[i].taken) continue;
    slots[i].taken = true;
    return &slots[i];
  }
  return NULL;
}

u64 alike_until(const u8 *pages, u64 page, u64 limit) {
  typedef u64 __attribute__((may_alias)) word;
  u8 kind = pages[page];
  while (page < limit && page % 8 != 0 && pages[page] == kind) page++;
  if (page % 8 == 0)
    while (page + 8 <= limit && *(const word *)(pages + page) == kind * 0x0101010101010101) page += 8;
  while (page < limit && pages[page] == kind) page++;
  return page;
}

/* What a process leaves, no other sees. */
void slot_release(struct slot *slot) {
  u64 limit = memory_size >> PAGE_SHIFT;
  for (u64 page = MAP_LOWEST >> PAGE_SHIFT, end; page < limit; page = end) {
    end = alike_until(slot->pages, page, limit);
    if (slot->pages[page] != 0) clear_pages(slot->base + (page << PAGE_SHIFT), (end - page) << PAGE_SHIFT);
  }
  memset(slot->pages, 0, limit);
  slot->taken = false;
}
