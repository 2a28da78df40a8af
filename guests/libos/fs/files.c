/* Descriptor tables, and the directories that a process has. */
#include "fs/file.h"

enum { SMALLEST_TABLE = 64, LARGEST_TABLE = 65536 };

static bool resize(struct files *files, int capacity) {
  struct descriptor *table = krealloc(files->table, (size_t)files->capacity * sizeof *table, (size_t)capacity * sizeof *table);
  if (table == NULL) return false;
  files->table = table;
  files->capacity = capacity;
  return true;
}

static struct files *create(int capacity) {
  struct files *files = kzalloc(sizeof *files);
  if (files == NULL) return NULL;
  files->users = 1;
  if (resize(files, capacity)) return files;
  kfree(files);
  return NULL;
}

struct files *files_create(bool has_console) {
  struct files *files = create(SMALLEST_TABLE);
  for (int fd = 0; files != NULL && has_console && fd < 3; fd++) {
    struct file *file = file_open_path(fd == 2 ? "/dev/console-errors" : "/dev/console", fd == 0 ? O_RDONLY : O_WRONLY, 0);
    if (!IS_ERR(file)) files->table[fd].file = file;
  }
  return files;
}

struct files *files_copy(struct files *from, bool is_shared) {
  struct files *files = is_shared ? from : create(from->capacity);
  if (is_shared) files->users++;
  if (is_shared || files == NULL) return files;
  files->lowest_free = from->lowest_free;
  for (int fd = 0; fd < from->capacity; fd++) {
    files->table[fd] = from->table[fd];
    if (from->table[fd].file != NULL) file_get(from->table[fd].file);
  }
  return files;
}

void files_put(struct files *files) {
  if (--files->users > 0) return;
  for (int fd = fd_next(files, 0); fd >= 0; fd = fd_next(files, fd + 1)) {
    locks_release_owner(files->table[fd].file->inode, files);
    file_put(files->table[fd].file);
  }
  kfree(files->table);
  kfree(files);
}

int fd_next(struct files *files, int fd) {
  for (; fd < files->capacity; fd++)
    if (files->table[fd].file != NULL) return fd;
  return -1;
}

static bool has_room(struct files *files, int fd) {
  int capacity = files->capacity;
  while (capacity <= fd) capacity *= 2;
  return capacity == files->capacity || resize(files, capacity);
}

static int find_free(struct files *files, int least) {
  u64 limit = min(current->process->limits[RLIMIT_NOFILE].soft, (u64)LARGEST_TABLE);
  int fd = max(least, files->lowest_free);
  while (fd < files->capacity && files->table[fd].file != NULL) fd++;
  if ((u64)fd >= limit) return -EMFILE;
  return has_room(files, fd) ? fd : -ENOMEM;
}

long fd_install_from(struct file *file, int least, bool close_on_exec) {
  struct files *files = current->process->files;
  int fd = find_free(files, least);
  if (fd < 0) {
    file_put(file);
    return fd;
  }
  files->table[fd] = (struct descriptor){file, close_on_exec};
  if (least <= files->lowest_free) files->lowest_free = fd + 1;
  return fd;
}

long fd_install(struct file *file, bool close_on_exec) {
  return fd_install_from(file, 0, close_on_exec);
}

long fd_install_pair(struct file *first, struct file *second, bool close_on_exec, uaddr_t to) {
  long a = fd_install(first, close_on_exec);
  if (a < 0) {
    file_put(second);
    return a;
  }
  long b = fd_install(second, close_on_exec);
  s32 pair[2] = {(s32)a, (s32)b};
  long error = b < 0 ? b : copy_to_user(to, pair, sizeof pair);
  if (error == 0) return 0;
  file_put(fd_remove((int)a));
  if (b >= 0) file_put(fd_remove((int)b));
  return error;
}

struct file *fd_remove(int fd) {
  struct files *files = current->process->files;
  struct file *file = fd_of(files, fd);
  if (file == NULL) return NULL;
  files->table[fd].file = NULL;
  files->lowest_free = min(files->lowest_free, fd);
  locks_release_owner(file->inode, files);
  return file;
}

long sys_close(long fd) {
  struct file *file = fd_remove((int)fd);
  if (file == NULL) return -EBADF;
  file_put(file);
  return 0;
}

enum { CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4 };

long sys_close_range(long first, long last, long flags) {
  struct files *files = current->process->files;
  if ((u32)first > (u32)last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))) return -EINVAL;
  if ((u32)first >= (u32)files->capacity) return 0;
  for (int fd = fd_next(files, (int)first); fd >= 0 && (u32)fd <= (u32)last; fd = fd_next(files, fd + 1)) {
    if (flags & CLOSE_RANGE_CLOEXEC) files->table[fd].close_on_exec = true;
    else file_put(fd_remove(fd));
  }
  return 0;
}

void files_close_on_exec(struct files *files) {
  for (int fd = fd_next(files, 0); fd >= 0; fd = fd_next(files, fd + 1))
    if (files->table[fd].close_on_exec) file_put(fd_remove(fd));
}

static long duplicate(long from, long to, bool close_on_exec) {
  struct files *files = current->process->files;
  if ((u64)(u32)to >= current->process->limits[RLIMIT_NOFILE].soft || (u32)to >= LARGEST_TABLE) return -EBADF;
  struct file *file = file_of((int)from);
  if (file == NULL) return -EBADF;
  if (!has_room(files, (int)to)) return -ENOMEM;
  struct file *before = fd_remove((int)to);
  files->table[to] = (struct descriptor){file_get(file), close_on_exec};
  if (files->lowest_free == (int)to) files->lowest_free++;
  if (before != NULL) file_put(before);
  return to;
}

long sys_dup(long fd) {
  struct file *file = file_of((int)fd);
  return file == NULL ? -EBADF : fd_install(file_get(file), false);
}

long sys_dup3(long from, long to, long flags) {
  if ((flags & ~O_CLOEXEC) || (int)from == (int)to) return -EINVAL;
  return duplicate((int)from, (int)to, flags & O_CLOEXEC);
}

long sys_fcntl(long number, long command, long argument) {
  const u32 changeable = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;
  int fd = (int)number;
  struct files *files = current->process->files;
  struct file *file = file_of(fd);
  if (file == NULL) return -EBADF;
  switch ((int)command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if ((u64)(u32)argument >= current->process->limits[RLIMIT_NOFILE].soft) return -EINVAL;
      return fd_install_from(file_get(file), (int)argument, (int)command == F_DUPFD_CLOEXEC);
    case F_GETFD: return files->table[fd].close_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD: files->table[fd].close_on_exec = argument & FD_CLOEXEC; return 0;
    case F_GETFL: return file->flags | O_LARGEFILE * (file->inode->parent != NULL || file->inode->entry != NULL);
    case F_SETFL: file->flags = (file->flags & ~changeable) | ((u32)argument & changeable); return 0;
    case F_SETOWN: case F_SETSIG: case F_GETOWN: case F_GETSIG: return 0; /* nobody is told by SIGIO */
    case F_SETPIPE_SZ: case F_GETPIPE_SZ: return pipe_size(file, (int)command == F_SETPIPE_SZ, (u64)argument);
    case F_GETLK: case F_SETLK: case F_SETLKW: case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
      return lock_control(file, (int)command, (uaddr_t)argument);
    default: return -EINVAL;
  }
}

long sys_ioctl(long fd, long command, long argument) {
  struct file *file = file_of((int)fd);
  if (file == NULL || (file->flags & O_PATH)) return -EBADF;
  s32 value = 0;
  switch ((u32)command) {
    case FIOCLEX: return sys_fcntl(fd, F_SETFD, FD_CLOEXEC);
    case FIONCLEX: return sys_fcntl(fd, F_SETFD, 0);
    case FIONBIO:
    case FIOASYNC: {
      if (copy_from_user(&value, (uaddr_t)argument, 4) < 0) return -EFAULT;
      u32 flag = (u32)command == FIONBIO ? O_NONBLOCK : O_ASYNC;
      file->flags = value != 0 ? file->flags | flag : file->flags & ~flag;
      return 0;
    }
    case FIONREAD:
      if (!S_ISREG(file->inode->mode)) break;
      value = (s32)(file->inode->size - min(file->position, file->inode->size));
      return copy_to_user((uaddr_t)argument, &value, 4);
  }
  return file->operations->ioctl == NULL ? -ENOTTY : file->operations->ioctl(file, (u32)command, (uaddr_t)argument);
}

const struct fs_context *fs_context(void) {
  static struct fs_context own = {.umask = 022};
  own.root = own.working_directory = root_inode;
  return current == NULL || current->process == NULL || current->process->fs == NULL ? &own : current->process->fs;
}

struct fs_context *fs_context_create(const char *directory) {
  struct walk walk;
  if (walk_path(root_inode, directory, WALK_FOLLOW | WALK_DIRECTORY, &walk) < 0) return NULL;
  struct fs_context *context = fs_context_copy(&(struct fs_context){1, 022, root_inode, walk.inode}, false);
  walk_end(&walk);
  return context;
}

struct fs_context *fs_context_copy(struct fs_context *from, bool is_shared) {
  struct fs_context *context = is_shared ? from : kmalloc(sizeof *context);
  if (is_shared) context->users++;
  if (is_shared || context == NULL) return context;
  *context = (struct fs_context){1, from->umask, inode_get(from->root), inode_get(from->working_directory)};
  return context;
}

void fs_context_put(struct fs_context *context) {
  if (--context->users > 0) return;
  inode_put(context->root);
  inode_put(context->working_directory);
  kfree(context);
}

long sys_umask(long mask) {
  struct fs_context *context = current->process->fs;
  u32 before = context->umask;
  context->umask = (u32)mask & 0777;
  return before;
}
