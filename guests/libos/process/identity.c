/* Who a process is: users, groups, sessions. */
#include "process/process.h"

#define KEEP (~0u) /* -1: not to be changed */

static struct credentials *own(void) { return &current->process->credentials; }

long sys_getuid(void) { return own()->uid; }
long sys_geteuid(void) { return own()->euid; }
long sys_getgid(void) { return own()->gid; }
long sys_getegid(void) { return own()->egid; }

/* Calls for users and for groups are the same, with the ids of either; who is effectively root may take any. */
enum { REAL, EFFECTIVE, SAVED, FILE_SYSTEM };

static bool may_take(const u32 *ids, u32 id) {
  return own()->euid == 0 || id == KEEP || id == ids[REAL] || id == ids[EFFECTIVE] || id == ids[SAVED];
}

static long set_three(u32 *ids, u32 real, u32 effective, u32 saved) {
  if (!may_take(ids, real) || !may_take(ids, effective) || !may_take(ids, saved)) return -EPERM;
  if (real != KEEP) ids[REAL] = real;
  if (effective != KEEP) ids[EFFECTIVE] = ids[FILE_SYSTEM] = effective;
  if (saved != KEEP) ids[SAVED] = saved;
  return 0;
}

long sys_setresuid(long real, long effective, long saved) {
  return set_three(own()->users, (u32)real, (u32)effective, (u32)saved);
}

long sys_setresgid(long real, long effective, long saved) {
  return set_three(own()->groups_of_process, (u32)real, (u32)effective, (u32)saved);
}

static long set_one(u32 *ids, u32 id) {
  if (id == KEEP) return -EINVAL;
  if (own()->euid == 0) return set_three(ids, id, id, id);
  return id == ids[REAL] || id == ids[SAVED] ? set_three(ids, KEEP, id, KEEP) : -EPERM;
}

long sys_setuid(long id) { return set_one(own()->users, (u32)id); }
long sys_setgid(long id) { return set_one(own()->groups_of_process, (u32)id); }

/* The saved one follows the effective one when the real one is set. */
static long set_two(u32 *ids, u32 real, u32 effective) {
  bool follows = real != KEEP || (effective != KEEP && effective != ids[REAL]);
  if (own()->euid != 0 && real != KEEP && real != ids[REAL] && real != ids[EFFECTIVE]) return -EPERM;
  long result = set_three(ids, real, effective, KEEP);
  if (result == 0 && follows) ids[SAVED] = ids[EFFECTIVE];
  return result;
}

long sys_setreuid(long real, long effective) { return set_two(own()->users, (u32)real, (u32)effective); }
long sys_setregid(long real, long effective) { return set_two(own()->groups_of_process, (u32)real, (u32)effective); }

static long put_three(const u32 *ids, long real, long effective, long saved) {
  const long to[] = {real, effective, saved};
  for (int i = REAL; i <= SAVED; i++)
    if (copy_to_user((uaddr_t)to[i], &ids[i], 4) < 0) return -EFAULT;
  return 0;
}

long sys_getresuid(long real, long effective, long saved) { return put_three(own()->users, real, effective, saved); }

long sys_getresgid(long real, long effective, long saved) {
  return put_three(own()->groups_of_process, real, effective, saved);
}

/* The old one is the answer, whether it was changed or not. */
static long set_for_files(u32 *ids, u32 id) {
  u32 old = ids[FILE_SYSTEM];
  if (id != KEEP && may_take(ids, id)) ids[FILE_SYSTEM] = id;
  return old;
}

long sys_setfsuid(long id) { return set_for_files(own()->users, (u32)id); }
long sys_setfsgid(long id) { return set_for_files(own()->groups_of_process, (u32)id); }

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

static struct process *process_named(long pid) { return (s32)pid == 0 ? current->process : find_process((s32)pid); }

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
