/* /proc/PID: a directory of each process, made when somebody looks at it. */
#include "fs/text.h"

enum { INODES_OF_PROCESS = 65536 }; /* numbers: pid * this + place in the table; descriptors from FIRST_FD */
enum { FIRST_FD = 256 };

static u64 ticks(u64 nanoseconds) {
  return nanoseconds / 10000000;
}

static const char *name_of(const struct process *process) {
  return list_empty(&process->threads) ? "" : list_first_entry(&process->threads, struct thread, link)->name;
}

static void write_stat(struct text *text, struct process *process) {
  const struct mm *mm = process->mm;
  u64 now = host_time(), pages = mm == NULL ? 0 : mm->mapped_pages;
  text_print(text, "%d (%s) %c %d %d %d 0 -1 4194304 0 0 0 0 ", process->pid, name_of(process), process->is_zombie ? 'Z' : 'R',
             process->parent == NULL ? 0 : process->parent->pid, process->group, process->session);
  text_print(text, "%lu 0 %lu 0 20 0 %u 0 %lu %lu %lu ", ticks(now - process->start_time), ticks(process->children_time),
             process->live_threads, ticks(process->start_time), pages * PAGE_SIZE, pages);
  text_print(text, "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 %d\n", process->exit_status);
}

static void write_statm(struct text *text, struct process *process) {
  u64 pages = process->mm == NULL ? 0 : process->mm->mapped_pages;
  text_print(text, "%lu %lu 0 0 0 %lu 0\n", pages, pages, pages);
}

static void write_status(struct text *text, struct process *process) {
  const struct credentials *ids = &process->credentials;
  u64 size = process->mm == NULL ? 0 : process->mm->mapped_pages * 4;
  text_print(text, "Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", name_of(process), fs_context()->umask,
             process->is_zombie ? "Z (zombie)" : "R (running)", process->pid, process->pid, process->parent == NULL ? 0 : process->parent->pid);
  text_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", ids->uid, ids->euid, ids->suid, ids->fsuid, ids->gid, ids->egid, ids->sgid, ids->fsgid);
  text_print(text, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmRSS:\t%8lu kB\nThreads:\t%u\n", size, size, size, process->live_threads);
}

/* Neighbouring pages alike, of one mapping of a file or of none. */
static uaddr_t end_of_area(struct mm *mm, uaddr_t start, const struct file_mapping *mapping) {
  uaddr_t limit = mapping == NULL ? mm->size : mapping->end, at = start + PAGE_SIZE;
  const u8 alike = PROT_READ | PROT_WRITE | PROT_EXEC | PAGE_MAPPED | PAGE_FILE | PAGE_STACK;
  u8 kind = mm->pages[start >> PAGE_SHIFT] & alike;
  while (at < limit && (mm->pages[at >> PAGE_SHIFT] & alike) == kind) at += PAGE_SIZE;
  return at;
}

static void write_area(struct text *text, struct mm *mm, uaddr_t start, uaddr_t end, const struct file_mapping *mapping) {
  u8 kind = mm->pages[start >> PAGE_SHIFT];
  char path[256] = "";
  if (mapping != NULL && inode_path(mapping->file->inode, path, sizeof path) < 0) path[0] = 0;
  if (mapping == NULL && kind & PAGE_STACK) strlcpy(path, "[stack]", sizeof path);
  else if (mapping == NULL && start >= mm->brk_start && end <= round_up(mm->brk, PAGE_SIZE)) strlcpy(path, "[heap]", sizeof path);
  bool is_shared = mapping != NULL && mapping->shared;
  text_print(text, "%08lx-%08lx %c%c%c%c %08lx 00:%02x %lu", start, end, kind & PROT_READ ? 'r' : '-', kind & PROT_WRITE ? 'w' : '-',
             kind & PROT_EXEC ? 'x' : '-', is_shared ? 's' : 'p', mapping == NULL ? 0 : mapping->offset + (start - mapping->start),
             mapping == NULL ? 0 : 20, mapping == NULL ? 0ul : mapping->file->inode->number);
  text_print(text, path[0] == 0 ? "\n" : "                  %s\n", path);
}

static void write_areas(struct text *text, struct process *process, bool with_sizes) {
  struct mm *mm = process->mm;
  for (uaddr_t at = MAP_LOWEST; mm != NULL && at < mm->size && !text->has_failed;) {
    if (!(mm->pages[at >> PAGE_SHIFT] & PAGE_MAPPED)) {
      at += PAGE_SIZE;
      continue;
    }
    const struct file_mapping *mapping = file_mapping_at(mm, at);
    uaddr_t end = end_of_area(mm, at, mapping);
    write_area(text, mm, at, end, mapping);
    u64 size = (end - at) >> 10;
    if (with_sizes)
      text_print(text, "Size:           %8lu kB\nRss:            %8lu kB\nPss:            %8lu kB\nPrivate_Clean:         0 kB\nPrivate_Dirty:  %8lu kB\nAnonymous:      %8lu kB\nAnonHugePages:         0 kB\nSwap:                  0 kB\n",
                 size, size, size, size, size);
    at = end;
  }
}

static void write_maps(struct text *text, struct process *process) {
  write_areas(text, process, false);
}

static void write_smaps(struct text *text, struct process *process) {
  write_areas(text, process, true);
}

static void write_memory(struct text *text, struct process *process, uaddr_t start, uaddr_t end) {
  const u8 *bytes = process->mm == NULL || end <= start ? NULL : mm_bytes(process->mm, start, end - start);
  for (u64 i = 0; bytes != NULL && i < end - start; i++) text_print(text, "%c", bytes[i]);
}

static void write_cmdline(struct text *text, struct process *process) {
  if (process->mm != NULL) write_memory(text, process, process->mm->arguments_start, process->mm->arguments_end);
}

static void write_environ(struct text *text, struct process *process) {
  if (process->mm != NULL) write_memory(text, process, process->mm->environment_start, process->mm->environment_end);
}

static void write_comm(struct text *text, struct process *process) {
  text_print(text, "%s\n", name_of(process));
}

static void write_zero(struct text *text, struct process *process) {
  text_print(text, "0\n");
}

static void write_limits(struct text *text, struct process *process) {
  text_print(text, "Limit                     Soft Limit           Hard Limit           Units     \n");
  const struct rlimit *files = &process->limits[RLIMIT_NOFILE];
  text_print(text, "Max open files            %lu                 %lu                 files     \n", files->soft, files->hard);
}

/* A thread's directory has what its process' has, but no "task": it would go on for ever. */
enum node { NODE_DIRECTORY, NODE_TASK, NODE_THREAD, NODE_FD, NODE_FDINFO, NODE_EXE, NODE_CWD, NODE_ROOT, NODE_TEXTS };
static const struct {
  const char *name;
  u32 mode;
  text_writer *writer;
} nodes[] = {
    [NODE_DIRECTORY] = {".", S_IFDIR | 0555, NULL}, [NODE_TASK] = {"task", S_IFDIR | 0555, NULL}, [NODE_THREAD] = {".", S_IFDIR | 0555, NULL},
    [NODE_FD] = {"fd", S_IFDIR | 0500, NULL}, [NODE_FDINFO] = {"fdinfo", S_IFDIR | 0500, NULL},
    [NODE_EXE] = {"exe", S_IFLNK | 0777, NULL}, [NODE_CWD] = {"cwd", S_IFLNK | 0777, NULL},
    [NODE_ROOT] = {"root", S_IFLNK | 0777, NULL}, [NODE_TEXTS] = {"stat", S_IFREG | 0444, write_stat},
    {"statm", S_IFREG | 0444, write_statm}, {"status", S_IFREG | 0444, write_status}, {"maps", S_IFREG | 0444, write_maps},
    {"smaps", S_IFREG | 0444, write_smaps}, {"smaps_rollup", S_IFREG | 0444, write_smaps}, {"cmdline", S_IFREG | 0444, write_cmdline},
    {"environ", S_IFREG | 0400, write_environ}, {"comm", S_IFREG | 0644, write_comm}, {"limits", S_IFREG | 0444, write_limits},
    {"oom_score_adj", S_IFREG | 0644, write_zero}, {"oom_score", S_IFREG | 0444, write_zero}, {"loginuid", S_IFREG | 0644, write_zero},
};

static const struct inode_operations process_operations;
static struct file_system process_system = {.name = "proc", .magic = 0x9fa0, .device = 21, .operations = &process_operations};

static struct process *process_of(const struct inode *inode) {
  return find_process((s32)(inode->number / INODES_OF_PROCESS));
}

static u64 place_of(const struct inode *inode) {
  return inode->number % INODES_OF_PROCESS;
}

/* A name of a directory, from the table or as a number, and what it leads to. */
static long set_name(struct backing_name *to, const char *name, u64 number, const struct process *process, u64 place) {
  static char text[24];
  to->length = (u32)(name != NULL ? strlen(name) : (size_t)snprintf(text, sizeof text, "%lu", number));
  to->name = name != NULL ? name : text;
  to->number = (u64)process->pid * INODES_OF_PROCESS + place;
  to->mode = place < FIRST_FD ? nodes[place].mode : S_IFLNK | 0700;
  return 0;
}

/* The root of /proc, beside its texts. */
static long root_name_at(struct inode *directory, u64 index, struct backing_name *name) {
  static const char *const own[] = {"self", "thread-self"};
  if (index < ARRAY_SIZE(own)) return set_name(name, own[index], 0, current->process, NODE_DIRECTORY);
  index -= ARRAY_SIZE(own);
  const struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (index-- == 0) return set_name(name, NULL, (u64)process->pid, process, NODE_DIRECTORY);
  return -ENOENT;
}

/* The directory of a process or thread, its fd or task. */
static long name_at(struct inode *directory, u64 index, struct backing_name *name) {
  struct process *process = process_of(directory);
  u64 place = place_of(directory);
  if (process == NULL) return -ENOENT;
  if (place == NODE_DIRECTORY || place == NODE_THREAD) {
    u64 node = place == NODE_DIRECTORY && index == 0 ? NODE_TASK : index + NODE_FD - (place == NODE_DIRECTORY);
    return node < ARRAY_SIZE(nodes) ? set_name(name, nodes[node].name, 0, process, node) : -ENOENT;
  }
  if (place == NODE_TASK) {
    const struct thread *thread;
    list_for_each_entry(thread, &process->threads, link)
      if (index-- == 0) return set_name(name, NULL, (u64)thread->tid, process, NODE_THREAD);
    return -ENOENT;
  }
  int fd = -1;
  do fd = place == NODE_FD && process->files != NULL ? fd_next(process->files, fd + 1) : -1;
  while (fd >= 0 && index-- > 0);
  return fd < 0 || fd >= INODES_OF_PROCESS - FIRST_FD ? -ENOENT : set_name(name, NULL, (u64)fd, process, FIRST_FD + (u64)fd);
}

static struct inode *lookup(struct inode *directory, const char *name, size_t length) {
  struct backing_name found;
  for (u64 index = 0; directory->operations->name_at(directory, index, &found) == 0; index++) {
    if (found.length != length || memcmp(found.name, name, length) != 0) continue;
    struct inode *inode = inode_create(&process_system, found.mode);
    if (inode == NULL) return ERR_PTR(-ENOMEM);
    process_system.next_number = 0;
    inode->number = found.number;
    inode->links = S_ISDIR(found.mode) ? 2 : 1;
    inode->uid = process_of(inode)->credentials.euid;
    inode->gid = process_of(inode)->credentials.egid;
    inode->is_backed = S_ISDIR(found.mode);
    inode->parent = inode_get(directory);
    return inode;
  }
  return ERR_PTR(-ENOENT);
}

static void process_release(struct inode *inode) {
  inode_put(inode->parent);
}

/* Where a link of /proc leads, without a reference; null: nowhere. */
static struct inode *target_of(struct inode *link) {
  struct process *process = process_of(link);
  u64 place = place_of(link);
  if (process == NULL) return NULL;
  if (place == NODE_EXE) return process->executable == NULL ? NULL : process->executable->inode;
  if (place == NODE_CWD || place == NODE_ROOT)
    return process->fs == NULL ? NULL : place == NODE_CWD ? process->fs->working_directory : process->fs->root;
  struct file *file = place < FIRST_FD || process->files == NULL ? NULL : fd_of(process->files, (int)(place - FIRST_FD));
  return file == NULL ? NULL : file->inode;
}

static long process_link_target(struct inode *inode, char *to, size_t size) {
  const struct inode *target = target_of(inode);
  return target == NULL ? -ENOENT : inode_path(target, to, size);
}

static struct inode *jump(struct inode *link) {
  struct inode *target = target_of(link);
  return target == NULL ? ERR_PTR(-ENOENT) : inode_get(target);
}

static long process_open(struct inode *inode, struct file *file) {
  struct process *process = process_of(inode);
  if (S_ISDIR(inode->mode)) return 0;
  return process == NULL ? -ENOENT : text_open(file, nodes[place_of(inode)].writer, process, NULL);
}

static const struct inode_operations process_operations = {
    .lookup = lookup, .name_at = name_at, .link_target = process_link_target, .jump = jump, .is_volatile = true,
    .open = process_open, .release = process_release};
const struct inode_operations proc_root_operations = {.lookup = lookup, .name_at = root_name_at, .is_volatile = true};
