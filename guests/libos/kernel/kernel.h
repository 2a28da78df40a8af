/* What every room uses of the kernel. */
#pragma once
#include "kernel/config.h"
#include "kernel/errno.h"
#include "kernel/host.h"
#include "kernel/kmalloc.h"
#include "kernel/lock.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/wait.h"
