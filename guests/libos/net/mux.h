/* Connections to others, framed over a pair of streams for each peer (design: Network frames). */
#ifndef LIBOS_NET_MUX_H
#define LIBOS_NET_MUX_H
#include "cvm.h"
#include "kernel/types.h"

struct socket;
struct address_inet;
struct mux;

void mux_start(void);
/* Where an address is: null, nowhere. */
struct mux *mux_of_address(u32 address);
/* Asks the other side for a connection: 0, the answer comes later; or -errno. */
long mux_connect(struct mux *mux, struct socket *socket, const struct address_inet *to);
/* How many bytes may be sent now, and sending up to that many: how many, or -errno. */
u32 mux_room(const struct socket *socket);
long mux_send(struct socket *socket, const void *from, size_t size);
/* Nothing more will be sent. */
void mux_finish(struct socket *socket);
/* Bytes were read: the other side may send as many again. */
void mux_consumed(struct socket *socket, u32 size);
/* Nobody has the socket any more: true, it may be freed; else it is freed when the other side is done. */
bool mux_close(struct socket *socket);

/* For those who sleep (net.h), if something waits for room in a stream, or a peer has broken the rules. */
extern bool mux_is_full;
u32 mux_send_items(struct cvm_poll_item *items);
void mux_flush(void);
#endif
