/* What waiting needs of the network; what poll, select and epoll share. */
#pragma once
#include "cvm.h"
#include "fs/file.h"

/* What to wait for beside the thread's own word: how many, less than POLL_ITEMS. */
u32 net_poll_items(struct cvm_poll_item *items);
/* Takes what came into sockets, wakes who waits for it. With the big lock held. */
void net_drain(void);
/* The next free descriptor of the present process becomes a connection with the host itself: 0 or -errno. */
long net_connect_host(u32 port);

u64 poll_deadline(u64 nanoseconds);
/* Null: never; a time of zero: 0. */
long poll_deadline_from_user(uaddr_t timeout, u64 *deadline);
