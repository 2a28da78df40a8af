/* Advisory locks: of a process (fcntl), of an open file (OFD, flock). */
#pragma once
#include "fs/file.h"

long lock_control(struct file *file, int command, uaddr_t argument);
/* What a process (by its descriptor table) or an open file holds on it goes. */
void locks_release_owner(struct inode *inode, const void *owner);
