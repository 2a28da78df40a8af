/* One connection to a service above a library OS, from a cVM without one: frames over a pair of streams, as the library
 * OS's own network speaks them (libos/net/mux.h). To the service it is a client's socket. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stddef.h>
#include <stdint.h>

/* Opens the streams and a connection to `port`: 0 or -errno. Its number is odd if `send` comes before `receive`, as the
 * other side expects (src/services/configuration.ts). */
long connection_open(const char *send, const char *receive, unsigned port);
/* All of these bytes: 0 or -errno. The CONNECTION_HEADROOM bytes before them are overwritten: the header comes there, and both
 * go in one piece. They are aligned to 4. */
enum { CONNECTION_HEADROOM = 16 };
long connection_send(uint8_t *bytes, size_t size);
/* Waits for something: where it lies, and how much is there in one piece; it stays until consumed. Null: the connection is over. */
const uint8_t *connection_peek(size_t *size);
/* At most what was seen: 0 or -errno. */
long connection_consume(size_t size);
/* Waits for something, and copies out 1 .. size bytes: how many, or -errno. */
long connection_receive(uint8_t *to, size_t size);
#endif
