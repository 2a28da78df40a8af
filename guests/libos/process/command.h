/* Programs that the host asks for: the first one, and further ones beside it (net/control.c). */
#pragma once
#include "kernel/types.h"

struct process;
struct thread;

/* As the host sends it: texts, each with its NUL: working directory, arguments, environment. */
struct command_request {
  u32 command, argc, envc, size; /* of the texts, in bytes */
  char texts[];
};

/* The first process, as the configuration says: what its thread does first. */
void command_first(struct thread *self);
/* Takes the request over, of so many bytes of texts. Its number is not 0, its standard files lead to the host, which is
 * told of its end. False: it is no request. With the lock held. */
bool command_start(struct command_request *request, size_t texts);
/* A process has ended; the host is told if it was such a one. */
void command_ended(const struct process *process);
