/* See slot.c. */
#pragma once

#include "kernel/types.h"

struct slot {
  u8 *base;
  u8 *pages; /* see mm.h */
  bool taken;
};

/* Null: all are taken. Its bytes are zero. */
struct slot *slot_take(void);
void slot_release(struct slot *slot);
/* The first page after this one that is not what it is; at most `limit`. */
u64 alike_until(const u8 *pages, u64 page, u64 limit);
/* Bytes of each, with the unused ones below MAP_LOWEST. */
u64 process_memory(void);
