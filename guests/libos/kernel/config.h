/* The configuration file: records "key=value", each ended by NUL, the whole by an empty one. */
#pragma once
#include "kernel/types.h"

/* Reads the file of that name; panics if there is none. */
void config_start(const char *file);
/* The first value of a key, or null. */
const char *config_text(const char *key);
u64 config_number(const char *key, u64 otherwise);
/* One value after another of a key that is given several times: start with null; null at the end. */
const char *config_next(const char *key, const char *previous);
const char *host_name(void);
