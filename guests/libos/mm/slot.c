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

/* What a process leaves, no other sees. */
void slot_release(struct slot *slot) {
  for (u64 page = MAP_LOWEST >> PAGE_SHIFT; page < memory_size >> PAGE_SHIFT; page++) {
    if (slot->pages[page] != 0) clear_pages(slot->base + (page << PAGE_SHIFT), PAGE_SIZE);
    slot->pages[page] = 0;
  }
  slot->taken = false;
}
