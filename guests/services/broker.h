/* What the broker's entry takes: (verb, key bytes, value bytes), with a buffer of the caller's that begins with
 * the key. The value lies BROKER_VALUE behind its beginning. */
#ifndef BROKER_H
#define BROKER_H

enum broker_verb { BROKER_GET, BROKER_SET };
enum { BROKER_VALUE = 64, BROKER_VALUE_MOST = 4096, BROKER_ENTRY_STACK = 4096 };
/* GET: the value's size, or -ENOENT, -E2BIG (it does not fit into the caller's buffer). SET: 0. Or -EINVAL (no such verb,
 * sizes that are none, or Redis refuses), -EPIPE (Redis is gone). */
#endif
