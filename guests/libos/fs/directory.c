/* Directories: reading them, being in them. */
#include "fs/file.h"

static long put_entry(u8 *to, size_t room, const struct backing_name *name, u64 next) {
  size_t length = round_up(DIRENT_HEAD + name->length + 1ul, 8);
  if (length > room) return -EINVAL;
  struct dirent64 *entry = (struct dirent64 *)to;
  entry->inode = name->number;
  entry->offset = (s64)next;
  entry->record_length = (u16)length;
  entry->type = (u8)(name->mode >> 12);
  memcpy(entry->name, name->name, name->length);
  memset(entry->name + name->length, 0, length - DIRENT_HEAD - name->length);
  return (long)length;
}

long sys_getdents64(long fd, long to, long size) {
  struct file *file = file_of((int)fd);
  if (file == NULL || (file->flags & O_PATH)) return -EBADF;
  if (!S_ISDIR(file->inode->mode)) return -ENOTDIR;
  u8 record[round_up(DIRENT_HEAD + NAME_LIMIT_BYTES + 1ul, 8)];
  size_t done = 0, room = (u32)size;
  if (file->inode->links == 0) return -ENOENT;
  for (;;) {
    struct backing_name name;
    u64 position = file->position;
    long result = directory_next(file->inode, &position, &name);
    if (result == -ENOENT) return (long)done;
    if (result == 0) result = put_entry(record, min(room - done, sizeof record), &name, position);
    if (result < 0) return done > 0 ? (long)done : result;
    if (copy_to_user((uaddr_t)to + done, record, (size_t)result) < 0) return done > 0 ? (long)done : -EFAULT;
    done += (size_t)result;
    file->position = position;
  }
}

long sys_getcwd(long to, long size) {
  char path[1024];
  long length = inode_path(fs_context()->working_directory, path, sizeof path);
  if (length < 0) return length;
  if (fs_context()->working_directory->links == 0) return -ENOENT;
  if ((size_t)size < (size_t)length + 1) return -ERANGE;
  return copy_to_user((uaddr_t)to, path, (size_t)length + 1) < 0 ? -EFAULT : length + 1;
}

/* `argument`: the root or working directory that it becomes. */
static long change_directory(struct inode *to, void *argument) {
  struct inode **place = argument;
  if (!S_ISDIR(to->mode)) return -ENOTDIR;
  long error = inode_permission(to, MAY_EXEC);
  if (error < 0) return error;
  inode_put(*place);
  *place = inode_get(to);
  return 0;
}

long sys_chdir(long path) {
  return on_path(AT_FDCWD, path, 0, change_directory, &current->process->fs->working_directory);
}

long sys_fchdir(long fd) {
  return on_file(fd, 0, change_directory, &current->process->fs->working_directory);
}

long sys_chroot(long path) {
  if (current->process->credentials.euid != 0) return -EPERM;
  return on_path(AT_FDCWD, path, 0, change_directory, &current->process->fs->root);
}

/* The mounts are the configuration's. */
long sys_mount(void) {
  return -EPERM;
}

long sys_umount2(void) SAME_AS(mount);
