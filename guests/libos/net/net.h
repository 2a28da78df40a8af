/* What waiting needs of the network; what poll, select and epoll share. */
#pragma once
#include "cvm.h"
#include "fs/file.h"

/* Takes what came into sockets, wakes who waits for it: of all streams, or of those that something came from lately; who
 * sleeps next hears of the others. */
void net_drain(void);
void net_look(void);
/* Without the lock meanwhile, waits until `word` is not 0 or bytes come: for net_woken, or -ETIMEDOUT, -EINTR. */
long net_wait(const volatile u32 *word, u64 nanoseconds);
void net_woken(long ready);
/* The next free descriptor of the present process becomes a connection with the host itself: 0 or -errno. */
long net_connect_host(u32 port);

u64 poll_deadline(u64 nanoseconds);
/* Null: never; a time of zero: 0. */
long poll_deadline_from_user(uaddr_t timeout, u64 *deadline);
