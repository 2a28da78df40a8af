/* Who a process is: users, groups, sessions. */
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "mm/uaccess.h"
#include "process/process.h"

#define KEEP (~0u) /* -1: not to be changed */

static struct credentials *own(void) {
  return &current->process->credentials;
}

long sys_getuid(void) {
  return own()->uid;
}
long sys_geteuid(void) {
  return own()->euid;
}
long sys_getgid(void) {
  return own()->gid;
}
long sys_getegid(void) {
  return own()->egid;
}

static bool is_one_of(u32 id, u32 real, u32 effective, u32 saved) {
  return id == KEEP || id == real || id == effective || id == saved;
}

long sys_setresuid(long real, long effective, long saved) {
  struct credentials *c = own();
  u32 wanted[] = {(u32)real, (u32)effective, (u32)saved};
  for (int i = 0; i < 3 && c->euid != 0; i++)
    if (!is_one_of(wanted[i], c->uid, c->euid, c->suid)) return -EPERM;
  if (wanted[0] != KEEP) c->uid = wanted[0];
  if (wanted[1] != KEEP) c->euid = c->fsuid = wanted[1];
  if (wanted[2] != KEEP) c->suid = wanted[2];
  return 0;
}

long sys_setresgid(long real, long effective, long saved) {
  struct credentials *c = own();
  u32 wanted[] = {(u32)real, (u32)effective, (u32)saved};
  for (int i = 0; i < 3 && c->euid != 0; i++)
    if (!is_one_of(wanted[i], c->gid, c->egid, c->sgid)) return -EPERM;
  if (wanted[0] != KEEP) c->gid = wanted[0];
  if (wanted[1] != KEEP) c->egid = c->fsgid = wanted[1];
  if (wanted[2] != KEEP) c->sgid = wanted[2];
  return 0;
}

long sys_setuid(long id) {
  u32 uid = (u32)id;
  if (uid == KEEP) return -EINVAL;
  struct credentials *c = own();
  if (c->euid == 0) return sys_setresuid(uid, uid, uid);
  return uid == c->uid || uid == c->suid ? sys_setresuid(KEEP, uid, KEEP) : -EPERM;
}

long sys_setgid(long id) {
  u32 gid = (u32)id;
  if (gid == KEEP) return -EINVAL;
  struct credentials *c = own();
  if (c->euid == 0) return sys_setresgid(gid, gid, gid);
  return gid == c->gid || gid == c->sgid ? sys_setresgid(KEEP, gid, KEEP) : -EPERM;
}

/* The saved one follows the effective one when the real one is set. */
long sys_setreuid(long real, long effective) {
  struct credentials *c = own();
  bool follows = (u32)real != KEEP || ((u32)effective != KEEP && (u32)effective != c->uid);
  if (c->euid != 0 && (u32)real != KEEP && (u32)real != c->uid && (u32)real != c->euid) return -EPERM;
  long result = sys_setresuid(real, effective, KEEP);
  if (result == 0 && follows) c->suid = c->euid;
  return result;
}

long sys_setregid(long real, long effective) {
  struct credentials *c = own();
  bool follows = (u32)real != KEEP || ((u32)effective != KEEP && (u32)effective != c->gid);
  if (c->euid != 0 && (u32)real != KEEP && (u32)real != c->gid && (u32)real != c->egid) return -EPERM;
  long result = sys_setresgid(real, effective, KEEP);
  if (result == 0 && follows) c->sgid = c->egid;
  return result;
}

static long put_ids(long real, long effective, long saved, u32 a, u32 b, u32 c) {
  bool failed = copy_to_user((uaddr_t)real, &a, 4) < 0 || copy_to_user((uaddr_t)effective, &b, 4) < 0 || copy_to_user((uaddr_t)saved, &c, 4) < 0;
  return failed ? -EFAULT : 0;
}

long sys_getresuid(long real, long effective, long saved) {
  return put_ids(real, effective, saved, own()->uid, own()->euid, own()->suid);
}

long sys_getresgid(long real, long effective, long saved) {
  return put_ids(real, effective, saved, own()->gid, own()->egid, own()->sgid);
}

/* The old one is the answer, whether it was changed or not. */
long sys_setfsuid(long id) {
  struct credentials *c = own();
  u32 old = c->fsuid;
  if (c->euid == 0 || is_one_of((u32)id, c->uid, c->euid, c->suid)) c->fsuid = (u32)id == KEEP ? old : (u32)id;
  return old;
}

long sys_setfsgid(long id) {
  struct credentials *c = own();
  u32 old = c->fsgid;
  if (c->euid == 0 || is_one_of((u32)id, c->gid, c->egid, c->sgid)) c->fsgid = (u32)id == KEEP ? old : (u32)id;
  return old;
}

long sys_getgroups(long size, long list) {
  struct credentials *c = own();
  if (size < 0) return -EINVAL;
  if (size == 0) return c->group_count;
  if ((u64)size < c->group_count) return -EINVAL;
  return copy_to_user((uaddr_t)list, c->groups, c->group_count * 4) < 0 ? -EFAULT : (long)c->group_count;
}

long sys_setgroups(long size, long list) {
  struct credentials *c = own();
  u32 groups[GROUP_LIMIT];
  if (c->euid != 0) return -EPERM;
  if (size < 0 || size > GROUP_LIMIT) return -EINVAL;
  if (copy_from_user(groups, (uaddr_t)list, (size_t)size * 4) < 0) return -EFAULT;
  memcpy(c->groups, groups, (size_t)size * 4);
  c->group_count = (u32)size;
  return 0;
}

static struct process *process_named(long pid) {
  return (s32)pid == 0 ? current->process : find_process((s32)pid);
}

static bool group_exists(s32 group, s32 session) {
  struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (process->group == group && process->session == session) return true;
  return false;
}

long sys_setpgid(long pid, long group) {
  struct process *self = current->process, *process = process_named(pid);
  if ((s32)group < 0) return -EINVAL;
  if (process == NULL || (process != self && process->parent != self)) return -ESRCH;
  if (process != self && process->session != self->session) return -EPERM;
  if (process != self && process->has_execed) return -EACCES;
  if (process->session == process->pid) return -EPERM;
  s32 wanted = (s32)group == 0 ? process->pid : (s32)group;
  if (wanted != process->pid && !group_exists(wanted, self->session)) return -EPERM;
  process->group = wanted;
  return 0;
}

long sys_getpgid(long pid) {
  struct process *process = process_named(pid);
  return process == NULL ? -ESRCH : process->group;
}

long sys_getsid(long pid) {
  struct process *process = process_named(pid);
  return process == NULL ? -ESRCH : process->session;
}

long sys_setsid(void) {
  struct process *process = current->process;
  if (process->group == process->pid) return -EPERM;
  return process->group = process->session = process->pid;
}
