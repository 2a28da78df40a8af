/* Doubly linked lists through members, as in Linux. */
#pragma once
#include "kernel/types.h"

struct list_head {
  struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) {&(name), &(name)}

static inline void list_init(struct list_head *head) {
  head->next = head->prev = head;
}

static inline void list_insert(struct list_head *entry, struct list_head *before, struct list_head *after) {
  entry->prev = before;
  entry->next = after;
  before->next = after->prev = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head) {
  list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head) {
  list_insert(entry, head->prev, head);
}

/* Also of an entry that is in no list, if it was initialised. */
static inline void list_del(struct list_head *entry) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  list_init(entry);
}

static inline bool list_empty(const struct list_head *head) {
  return head->next == head;
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_for_each_entry(entry, head, member)                                                       \
  for (entry = list_entry((head)->next, __typeof__(*entry), member); &entry->member != (head);         \
       entry = list_entry(entry->member.next, __typeof__(*entry), member))
/* The entry may be removed in the body. */
#define list_for_each_entry_safe(entry, following, head, member)                                       \
  for (entry = list_entry((head)->next, __typeof__(*entry), member),                                   \
      following = list_entry(entry->member.next, __typeof__(*entry), member);                          \
       &entry->member != (head);                                                                       \
       entry = following, following = list_entry(entry->member.next, __typeof__(*entry), member))
