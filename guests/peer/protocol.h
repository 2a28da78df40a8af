/* What a peer and the host code behind it say to each other, through two streams: frames of a head and a payload.
 * src/peer/protocol.ts states the same. */
#ifndef PEER_PROTOCOL_H
#define PEER_PROTOCOL_H

#include <stdint.h>

struct frame {
  uint32_t verb;
  uint32_t place;       /* of a worker, or of a request */
  uint32_t payloadBytes;
  uint32_t caller;      /* of a request: the cVM's number */
  int64_t values[8];    /* arguments; of a reply, values[0] is the result */
};

/* Host to peer, for a worker; names and bytes are the payload. A time-out is nanoseconds, 0 for none. */
enum verb {
  VERB_CALL,         /* handle, read-only, time-out, a0 .. a3; buffer -> result, buffer */
  VERB_BIND,         /* time-out; name -> handle */
  VERB_SEND_OPEN,    /* name -> handle */
  VERB_RECEIVE_OPEN, /* ring bytes; name -> handle */
  VERB_CLOSE,        /* handle */
  VERB_SEND,         /* handle; bytes -> sent */
  VERB_RECEIVE,      /* handle, most bytes, time-out -> 0 = end of file; bytes */
  VERB_LEND,         /* handle, time-out; bytes -> when it is back */
  VERB_BORROW,       /* handle, time-out -> file handle */
  VERB_FILE_OPEN,    /* rights, time-out; name -> handle */
  VERB_FILE_CLOSE,   /* handle */
  VERB_FILE_SIZE,    /* handle -> bytes */
  VERB_FILE_READ,    /* handle, offset, most bytes -> bytes */
  VERB_FILE_WRITE,   /* handle, offset; bytes -> written */
  VERB_FILE_WAIT,    /* handle, offset, expected, time-out */
  VERB_FILE_NOTIFY,  /* handle, offset, count -> woken */
  VERB_OFFER,        /* first stack, how many; name; two requests for each */
  VERB_ANSWER,       /* for a request: result; buffer */
};

/* Peer to host. */
enum news {
  NEWS_READY,   /* workers, requests, payload bytes at most */
  NEWS_REPLY,   /* of a worker: result; bytes */
  NEWS_REQUEST, /* a0 .. a3; the caller's buffer */
};

#endif
