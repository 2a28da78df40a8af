/* Memory of the library OS itself: whole pages, and pieces. Needs the big lock. */
#pragma once
#include "kernel/types.h"

/* Any size; null: there is no more. At least 16-byte aligned, page-aligned from a page on. */
void *kmalloc(size_t bytes);
/* Zeroed. */
void *kzalloc(size_t bytes);
/* Null is allowed. */
void kfree(void *memory);
/* A larger piece for the first `before` bytes and then zeros, in place of the old one; null: there is none, the old one stays. */
void *krealloc(void *memory, size_t before, size_t after);
char *kstrdup(const char *text);

/* Neighbouring pages, not zeroed; null: none. */
void *alloc_pages(size_t count);
void free_pages(void *first, size_t count);
/* Of `count` pages and aligned to `alignment` bytes, a power of two. */
void *alloc_pages_aligned(size_t count, size_t alignment);
/* Free pages, for sysinfo and limits. */
size_t free_page_count(void);
size_t total_page_count(void);

/* Once: everything from `begin` to `end` is to be given out. */
void kmalloc_start(void *begin, void *end);
