/* What a process asks of the system as a whole: limits, names, numbers, entropy, scheduling. */
#include "process/process.h"

enum { NAME_SIZE = 65, NOFILE_LIMIT = 1 << 20 };
enum {
  PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_GET_NAME,
  PR_CAPBSET_READ = 23, PR_SET_TIMERSLACK = 29, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER = 36, PR_SET_NO_NEW_PRIVS = 38,
  PR_GET_NO_NEW_PRIVS, PR_SET_THP_DISABLE = 41, PR_GET_THP_DISABLE,
};

long sys_uname(long to) {
  struct {
    char system[NAME_SIZE], node[NAME_SIZE], release[NAME_SIZE], version[NAME_SIZE], machine[NAME_SIZE], domain[NAME_SIZE];
  } names = {"Linux", "", "6.12.0-capvm", "#1 capvm library OS", "riscv64", "(none)"};
  strlcpy(names.node, host_name(), NAME_SIZE);
  return copy_to_user((uaddr_t)to, &names, sizeof names);
}

long sys_sysinfo(long to) {
  struct {
    u64 uptime, loads[3], total_ram, free_ram, shared, buffers, total_swap, free_swap;
    u16 processes, unused[3];
    u64 total_high, free_high;
    u32 unit, unused2;
  } info = {.uptime = host_time() / 1000000000, .unit = 1};
  struct process *process;
  list_for_each_entry(process, &all_processes, link) info.processes++;
  u64 size = current->process->mm->size;
  info.total_ram = total_page_count() * PAGE_SIZE;
  info.free_ram = free_page_count() * PAGE_SIZE + size - current->process->mm->mapped_pages * PAGE_SIZE;
  return copy_to_user((uaddr_t)to, &info, sizeof info);
}

long sys_getrandom(long to, long size, long flags) {
  enum { GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4 };
  if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) || (flags & 6) == 6) return -EINVAL;
  u64 wanted = min((u64)size, (u64)INT32_MAX);
  void *bytes = user_range((uaddr_t)to, wanted, USER_WRITE);
  if (bytes == NULL) return -EFAULT;
  host_entropy(bytes, wanted);
  return (long)wanted;
}

static long set_limit(struct process *process, unsigned which, const struct rlimit *wanted) {
  struct rlimit *limit = &process->limits[which];
  if (wanted->soft > wanted->hard) return -EINVAL;
  if (wanted->hard > limit->hard && current->process->credentials.euid != 0) return -EPERM;
  if (which == RLIMIT_NOFILE && wanted->hard > NOFILE_LIMIT) return -EPERM;
  *limit = *wanted;
  return 0;
}

static bool is_of_same_user(const struct process *process) {
  const struct credentials *own = &current->process->credentials, *other = &process->credentials;
  return own->euid == 0 || (own->uid == other->uid && own->uid == other->euid && own->uid == other->suid);
}

long sys_prlimit64(long pid, long which, long new, long old) {
  struct rlimit wanted, before;
  struct process *process = (s32)pid == 0 ? current->process : find_process((s32)pid);
  if ((u32)which >= RLIMIT_COUNT) return -EINVAL;
  if (new != 0 && copy_from_user(&wanted, (uaddr_t)new, sizeof wanted) < 0) return -EFAULT;
  if (process == NULL) return -ESRCH;
  if (process != current->process && !is_of_same_user(process)) return -EPERM;
  before = process->limits[(u32)which];
  long result = new == 0 ? 0 : set_limit(process, (unsigned)which, &wanted);
  if (result < 0 || old == 0) return result;
  return copy_to_user((uaddr_t)old, &before, sizeof before);
}

long sys_getrlimit(long which, long to) {
  if ((u32)which >= RLIMIT_COUNT) return -EINVAL;
  return copy_to_user((uaddr_t)to, &current->process->limits[(u32)which], sizeof(struct rlimit));
}

long sys_setrlimit(long which, long from) { return from == 0 ? -EFAULT : sys_prlimit64(0, which, from, 0); }

long sys_getrusage(long who, long to) {
  u64 usage[18] = {0};
  if (who < -1 || who > 1) return -EINVAL;
  u64 time = who == -1 ? 0 : host_time() - current->process->start_time;
  usage[0] = time / 1000000000;
  usage[1] = time % 1000000000 / 1000;
  usage[4] = current->process->mm->mapped_pages * (PAGE_SIZE / 1024);
  return copy_to_user((uaddr_t)to, usage, sizeof usage);
}

static long set_name(uaddr_t from) {
  char name[16];
  long length = strncpy_from_user(name, from, sizeof name);
  if (length == -EFAULT) return -EFAULT;
  name[15] = 0;
  strlcpy(current->name, name, sizeof current->name);
  return 0;
}

long sys_prctl(long what, long a, long b, long c, long d) {
  switch ((int)what) {
    case PR_SET_NAME: return set_name((uaddr_t)a);
    case PR_GET_NAME: return copy_to_user((uaddr_t)a, current->name, sizeof current->name);
    case PR_GET_DUMPABLE: return current->process->dumpable;
    case PR_SET_DUMPABLE:
      if (a != 0 && a != 1) return -EINVAL;
      current->process->dumpable = a != 0;
      return 0;
    case PR_SET_PDEATHSIG: return (u64)a > SIGNAL_COUNT ? -EINVAL : 0;
    case PR_CAPBSET_READ: return (u64)a > 40 ? -EINVAL : current->process->credentials.euid == 0;
    case PR_SET_KEEPCAPS: return (u64)a > 1 ? -EINVAL : 0;
    case PR_SET_NO_NEW_PRIVS: return a != 1 || b != 0 || c != 0 || d != 0 ? -EINVAL : 0;
    case PR_GET_TIMERSLACK: return 50000;
    case PR_SET_TIMERSLACK: case PR_SET_CHILD_SUBREAPER: case PR_SET_THP_DISABLE: case PR_GET_THP_DISABLE: case PR_GET_NO_NEW_PRIVS: return 0;
    default: return -EINVAL;
  }
}

long sys_personality(long wanted) { return 0; }

long sys_sched_yield(void) {
  cvm_yield();
  return 0;
}

static bool is_thread(long tid) { return (s32)tid == 0 || find_thread((s32)tid) != NULL; }

/* One processor. */
long sys_sched_getaffinity(long tid, long size, long to) {
  u64 mask = 1;
  if ((u32)size < sizeof mask || size % 8 != 0) return -EINVAL;
  if (!is_thread(tid)) return -ESRCH;
  return copy_to_user((uaddr_t)to, &mask, sizeof mask) < 0 ? -EFAULT : (long)sizeof mask;
}

long sys_sched_setaffinity(long tid, long size, long from) {
  u64 mask = 0;
  if (copy_from_user(&mask, (uaddr_t)from, min((u64)(u32)size, sizeof mask)) < 0) return -EFAULT;
  if (!is_thread(tid)) return -ESRCH;
  return mask & 1 ? 0 : -EINVAL;
}

long sys_sched_getscheduler(long tid) { return (s32)tid < 0 ? -EINVAL : is_thread(tid) ? 0 : -ESRCH; }

long sys_sched_setscheduler(long tid, long policy, long parameter) {
  s32 priority;
  if ((s32)tid < 0 || parameter == 0) return -EINVAL;
  if (copy_from_user(&priority, (uaddr_t)parameter, sizeof priority) < 0) return -EFAULT;
  if (!is_thread(tid)) return -ESRCH;
  bool is_normal = policy == 0 || policy == 3 || policy == 5;
  return is_normal && priority == 0 ? 0 : policy == 1 || policy == 2 ? -EPERM : -EINVAL;
}

long sys_sched_getparam(long tid, long to) {
  if ((s32)tid < 0 || to == 0) return -EINVAL;
  return is_thread(tid) ? clear_user((uaddr_t)to, 4) : -ESRCH;
}

long sys_sched_setparam(long tid, long from) { return sys_sched_setscheduler(tid, 0, from); }

static long priority_bound(long policy, long realtime) {
  if (policy == 1 || policy == 2) return realtime;
  return policy == 0 || policy == 3 || policy == 5 || policy == 6 ? 0 : -EINVAL;
}

long sys_sched_get_priority_max(long policy) { return priority_bound(policy, 99); }
long sys_sched_get_priority_min(long policy) { return priority_bound(policy, 1); }

/* Nice values 19 .. -20 are told as 1 .. 40; all are 0 here. */
long sys_getpriority(long kind, long who) { return (u64)kind > 2 ? -EINVAL : 20; }
long sys_setpriority(long kind, long who, long value) { return (u64)kind > 2 ? -EINVAL : 0; }

long sys_getcpu(long cpu, long node) {
  if (cpu != 0 && clear_user((uaddr_t)cpu, 4) < 0) return -EFAULT;
  return node != 0 ? clear_user((uaddr_t)node, 4) : 0;
}

/* Nothing a program writes ever executes. */
long sys_riscv_flush_icache(long start, long end, long flags) { return flags & ~1l ? -EINVAL : 0; }

/* What the processor can: programs choose their memcpy by it. */
long sys_riscv_hwprobe(long pairs, long count, long size, long cpus, long flags) {
  enum { KEY_BASE = 3, KEY_EXTENSIONS, KEY_MISALIGNED, KEY_MISALIGNED_SCALAR = 9, BASE_IMA = 1, EXTENSIONS_FD_C = 3, MISALIGNED_FAST = 3 };
  static const u64 values[] = {[KEY_BASE] = BASE_IMA, [KEY_EXTENSIONS] = EXTENSIONS_FD_C, [KEY_MISALIGNED] = MISALIGNED_FAST, [KEY_MISALIGNED_SCALAR] = MISALIGNED_FAST};
  if (flags != 0) return -EINVAL;
  for (uaddr_t at = (uaddr_t)pairs; count > 0; count--, at += 16) {
    u64 pair[2];
    if (copy_from_user(pair, at, sizeof pair) < 0) return -EFAULT;
    bool is_known = pair[0] < ARRAY_SIZE(values) && values[pair[0]] != 0;
    pair[1] = is_known ? values[pair[0]] : 0;
    if (!is_known) pair[0] = ~0ul;
    if (copy_to_user(at, pair, sizeof pair) < 0) return -EFAULT;
  }
  return 0;
}

long sys_capget(long header, long data) {
  struct {
    u32 version;
    s32 pid;
  } asked;
  enum { VERSION_3 = 0x20080522, VERSION_2 = 0x20071026, VERSION_1 = 0x19980330 };
  u32 version = VERSION_3, sets[6];
  if (copy_from_user(&asked, (uaddr_t)header, sizeof asked) < 0) return -EFAULT;
  if (asked.version != VERSION_3 && asked.version != VERSION_2 && asked.version != VERSION_1) {
    if (copy_to_user((uaddr_t)header, &version, sizeof version) < 0) return -EFAULT;
    return data == 0 ? 0 : -EINVAL;
  }
  memset(sets, current->process->credentials.euid == 0 ? 0xff : 0, sizeof sets);
  sets[2] = sets[5] = 0; /* inheritable */
  return data == 0 ? 0 : copy_to_user((uaddr_t)data, sets, asked.version == VERSION_1 ? 12 : 24);
}

long sys_capset(long header, long data) { return current->process->credentials.euid == 0 ? 0 : -EPERM; }
