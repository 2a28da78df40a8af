/* What poll, select and epoll share. */
#ifndef LIBOS_NET_POLL_H
#define LIBOS_NET_POLL_H
#include "fs/file.h"

u64 poll_deadline(u64 nanoseconds);
/* Null: never; a time of zero: 0. */
long poll_deadline_from_user(uaddr_t timeout, u64 *deadline);
/* The signal mask that a call brings for as long as it waits; null: none. */
long mask_begin(uaddr_t mask, size_t size);
long mask_end(uaddr_t mask, long result);
#endif
