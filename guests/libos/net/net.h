/* What waiting needs of the network. */
#pragma once
#include "cvm.h"
#include "fs/file.h"
#include "time/clock.h"

/* Takes what came into sockets, wakes who waits for it: of all streams, or most often of that alone from which something
 * came last; who sleeps next hears of the others. */
void net_drain(void);
void net_look(void);
/* Without the lock meanwhile, waits until `word` is not 0 or bytes come: for net_woken, or -ETIMEDOUT, -EINTR. */
long net_wait(const volatile u32 *word, u64 nanoseconds);
void net_woken(long ready);
/* The next free descriptor of the present process becomes a connection with the host itself: 0 or -errno. */
long net_connect_host(u32 port);
