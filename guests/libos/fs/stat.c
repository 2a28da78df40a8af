/* What files are: stat, statx, statfs, access; and what changes that. */
#include "fs/file.h"

/* The inode that a path and AT_ flags mean, referenced. */
static long inode_at(int directory, uaddr_t path, long flags, struct inode **inode) {
  if ((flags & AT_EMPTY_PATH) && directory != AT_FDCWD) {
    u8 first = 0; /* the usual fstat: no path to walk */
    if (path != 0 && copy_from_user(&first, path, 1) < 0) return -EFAULT;
    struct file *file = file_of(directory);
    if (first == 0 && file == NULL) return -EBADF;
    if (first == 0) {
      *inode = inode_get(file->inode);
      return 0;
    }
  }
  struct walk walk;
  int how = (flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW) | (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
  long error = walk_user(directory, path, how, &walk);
  if (error < 0) return error;
  *inode = inode_get(walk.inode);
  walk_end(&walk);
  return 0;
}

long on_path(long directory, long path, long flags, inode_call *call, void *argument) {
  struct inode *inode;
  long result = inode_at((int)directory, (uaddr_t)path, flags, &inode);
  if (result < 0) return result;
  result = call(inode, argument);
  inode_put(inode);
  return result;
}

long on_file(long fd, u32 refused, inode_call *call, void *argument) {
  struct file *file = file_of((int)fd);
  return file == NULL || (file->flags & refused) ? -EBADF : call(file->inode, argument);
}

/* `argument` is where the program wants it. */
static long put_stat(struct inode *inode, void *argument) {
  struct stat stat;
  if (inode->observers > 0) mappings_write_back(inode);
  inode_stat(inode, &stat);
  return copy_to_user(*(uaddr_t *)argument, &stat, sizeof stat);
}

long sys_fstat(long fd, long to) {
  return on_file(fd, 0, put_stat, &to);
}

long sys_newfstatat(long directory, long path, long to, long flags) {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT)) return -EINVAL;
  return on_path(directory, path, flags, put_stat, &to);
}

static struct statx_time statx_time(struct timespec time) {
  return (struct statx_time){time.seconds, (u32)time.nanoseconds, 0};
}

enum { STATX_BASIC = 0x7ff };

static long put_statx(struct inode *inode, void *argument) {
  struct stat from;
  inode_stat(inode, &from);
  struct statx statx = {
      .mask = STATX_BASIC, .block_size = PAGE_SIZE, .links = from.links, .uid = from.uid, .gid = from.gid, .mode = (u16)from.mode,
      .inode = from.inode, .size = (u64)from.size, .blocks = (u64)from.blocks, .atime = statx_time(from.atime),
      .ctime = statx_time(from.ctime), .mtime = statx_time(from.mtime), .rdev_major = (u32)(from.rdev >> 8 & 0xfff),
      .rdev_minor = (u32)from.rdev & 0xff, .dev_minor = (u32)from.device};
  return copy_to_user(*(uaddr_t *)argument, &statx, sizeof statx);
}

long sys_statx(long directory, long path, long flags, long mask, long to) {
  if ((mask & 0x80000000) || (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE))) return -EINVAL;
  return on_path(directory, path, flags, put_statx, &to);
}

static long put_statfs(struct inode *inode, void *argument) {
  const struct file_system *system = inode->system;
  u64 left = 0, total = system->pages == NULL ? 0 : system->pages(system, &left);
  struct statfs statfs = {.type = (s64)system->magic, .block_size = PAGE_SIZE, .blocks = total, .free = left, .available = left,
                          .files = total, .files_free = left, .id = system->device, .name_length = NAME_LIMIT_BYTES,
                          .fragment_size = PAGE_SIZE, .flags = 0x20 | system->is_read_only};
  return copy_to_user(*(uaddr_t *)argument, &statfs, sizeof statfs);
}

long sys_statfs(long path, long to) {
  return on_path(AT_FDCWD, path, 0, put_statfs, &to);
}

long sys_fstatfs(long fd, long to) {
  return on_file(fd, 0, put_statfs, &to);
}

static long check_access(struct inode *inode, void *argument) {
  return inode_permission(inode, *(int *)argument);
}

long sys_faccessat2(long directory, long path, long access, long flags) {
  if ((access & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))) return -EINVAL;
  struct credentials *credentials = &current->process->credentials;
  u32 uid = credentials->fsuid, gid = credentials->fsgid;
  if (!(flags & AT_EACCESS)) credentials->fsuid = credentials->uid, credentials->fsgid = credentials->gid;
  long result = on_path(directory, path, flags & ~AT_EACCESS, check_access, &(int){(int)access});
  credentials->fsuid = uid, credentials->fsgid = gid;
  return result;
}

long sys_faccessat(long directory, long path, long access) {
  return sys_faccessat2(directory, path, access, 0);
}

static long put_target(struct inode *inode, void *argument) {
  const long *place = argument; /* address and size */
  char *target = kmalloc(PATH_LIMIT);
  long length = target == NULL ? -ENOMEM : S_ISLNK(inode->mode) ? link_target(inode, target, PATH_LIMIT) : -EINVAL;
  length = min(length, place[1]);
  if (length > 0 && copy_to_user((uaddr_t)place[0], target, (size_t)length) < 0) length = -EFAULT;
  kfree(target);
  return length;
}

long sys_readlinkat(long directory, long path, long to, long size) {
  if ((int)size <= 0) return -EINVAL;
  return on_path(directory, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, put_target, (long[]){to, (int)size});
}

/* Attributes change. */

static long change_mode(struct inode *inode, void *argument) {
  u32 mode = *(u32 *)argument;
  if (inode->system->is_read_only) return -EROFS;
  if (S_ISLNK(inode->mode)) return -EOPNOTSUPP;
  if (!inode_is_owned(inode)) return -EPERM;
  inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
  inode_changed(inode);
  return 0;
}

long sys_fchmod(long fd, long mode) {
  return on_file(fd, O_PATH, change_mode, &(u32){(u32)mode});
}

long sys_fchmodat(long directory, long path, long mode) {
  return on_path(directory, path, 0, change_mode, &(u32){(u32)mode});
}

static long change_owner(struct inode *inode, void *argument) {
  u32 uid = ((u32 *)argument)[0], gid = ((u32 *)argument)[1];
  const struct credentials *credentials = &current->process->credentials;
  bool is_root = credentials->fsuid == 0;
  if (inode->system->is_read_only) return -EROFS;
  if (!is_root && (!inode_is_owned(inode) || (uid != ~0u && uid != inode->uid) || (gid != ~0u && gid != credentials->fsgid))) return -EPERM;
  if (uid != ~0u) inode->uid = uid;
  if (gid != ~0u) inode->gid = gid;
  if (S_ISREG(inode->mode) && (inode->mode & 0111)) inode->mode &= ~(u32)(S_ISUID | (inode->mode & 010 ? S_ISGID : 0));
  inode_changed(inode);
  return 0;
}

long sys_fchown(long fd, long uid, long gid) {
  return on_file(fd, O_PATH, change_owner, (u32[]){(u32)uid, (u32)gid});
}

long sys_fchownat(long directory, long path, long uid, long gid, long flags) {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  return on_path(directory, path, flags, change_owner, (u32[]){(u32)uid, (u32)gid});
}

static long set_time(u64 *time, const struct timespec *to) {
  if (to->nanoseconds == UTIME_OMIT) return 0;
  if (to->nanoseconds == UTIME_NOW) *time = clock_realtime();
  else if (to->nanoseconds < 0 || to->nanoseconds >= 1000000000) return -EINVAL;
  else *time = to->seconds < 0 ? 0 : (u64)to->seconds * 1000000000 + (u64)to->nanoseconds;
  return 0;
}

static long change_times(struct inode *inode, void *argument) {
  const struct timespec *times = argument;
  bool is_now = times[0].nanoseconds == UTIME_NOW && times[1].nanoseconds == UTIME_NOW;
  if (inode->system->is_read_only) return -EROFS;
  if (!inode_is_owned(inode) && !(is_now && inode_permission(inode, MAY_WRITE) == 0)) return is_now ? -EACCES : -EPERM;
  u64 atime = inode->atime, mtime = inode->mtime;
  long error = set_time(&atime, &times[0]);
  if (error == 0) error = set_time(&mtime, &times[1]);
  if (error < 0) return error;
  inode->atime = atime;
  inode->mtime = mtime;
  inode_changed(inode);
  return 0;
}

long sys_utimensat(long directory, long path, long times, long flags) {
  struct timespec pair[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  if (times != 0 && copy_from_user(pair, (uaddr_t)times, sizeof pair) < 0) return -EFAULT;
  if (path == 0) return on_file(directory, O_PATH, change_times, pair);
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  return on_path(directory, path, flags, change_times, pair);
}
