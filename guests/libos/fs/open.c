/* Opening and making files. */
#include "fs/file.h"

long inode_make(const struct walk *at, u32 mode, u64 rdev, const char *target, struct inode **made) {
  struct inode *directory = at->parent;
  if (at->length > NAME_LIMIT_BYTES) return -ENAMETOOLONG;
  if (directory->links == 0) return -ENOENT;
  long error = inode_permission(directory, MAY_WRITE | MAY_EXEC);
  if (error < 0) return error;
  if (directory->system->next_number == 0) return S_ISREG(mode) ? -EACCES : -EPERM; /* a system that makes its own names */
  struct inode *inode = inode_create(directory->system, mode);
  if (inode == NULL) return -ENOSPC;
  inode->uid = fs_credentials()->fsuid;
  inode->gid = directory->mode & S_ISGID ? directory->gid : fs_credentials()->fsgid;
  if (S_ISDIR(mode)) inode->mode |= directory->mode & S_ISGID, inode->size = PAGE_SIZE;
  inode->rdev = rdev;
  if (target != NULL) inode->target = kstrdup(target), inode->size = strlen(target);
  error = target != NULL && inode->target == NULL ? -ENOMEM : directory_link(directory, at->name, at->length, inode);
  if (error < 0 || made == NULL) inode_put(inode);
  else *made = inode;
  return error;
}

long link_target(struct inode *link, char *to, size_t size) {
  if (link->target != NULL) return (long)strlen(link->target) < (long)size ? (long)strlcpy(to, link->target, size) : -ENAMETOOLONG;
  return link->operations->link_target == NULL ? -EINVAL : link->operations->link_target(link, to, size);
}

static const int access_of[] = {[O_RDONLY] = MAY_READ, [O_WRONLY] = MAY_WRITE, [O_RDWR] = MAY_READ | MAY_WRITE, [3] = MAY_READ | MAY_WRITE};

static long may_open(struct inode *inode, int flags) {
  if (flags & O_PATH) return 0;
  int access = access_of[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
  if (S_ISLNK(inode->mode)) return -ELOOP;
  if (S_ISDIR(inode->mode) && (access & MAY_WRITE)) return -EISDIR;
  return inode_permission(inode, access);
}

static struct file *open_walked(struct walk *walk, int flags, u32 mode) {
  bool is_new = walk->inode == NULL;
  long error = 0;
  if ((flags & O_CREAT) && walk->wants_directory) error = -EISDIR;
  else if (is_new) error = inode_make(walk, S_IFREG | (mode & 07777 & ~fs_context()->umask), 0, NULL, &walk->inode);
  else if ((flags & O_CREAT) && (flags & O_EXCL)) error = -EEXIST;
  else if ((flags & O_CREAT) && S_ISDIR(walk->inode->mode)) error = -EISDIR;
  else error = may_open(walk->inode, flags);
  if (error == 0 && (flags & O_DIRECTORY) && !S_ISDIR(walk->inode->mode)) error = -ENOTDIR;
  if (error < 0) return ERR_PTR(error);
  if (!is_new && (flags & O_TRUNC) && S_ISREG(walk->inode->mode) && walk->inode->size > 0) error = inode_truncate(walk->inode, 0);
  return error < 0 ? ERR_PTR(error) : file_open_inode(walk->inode, flags);
}

struct file *file_open_new(struct file_system *system, u32 mode, int flags) {
  struct inode *inode = inode_create(system, S_IFREG | mode);
  if (inode == NULL) return ERR_PTR(-ENOMEM);
  struct file *file = file_open_inode(inode, flags);
  inode_put(inode);
  return file;
}

static struct file *open_unnamed(struct inode *directory, int flags, u32 mode) {
  if ((flags & O_ACCMODE) == O_RDONLY) return ERR_PTR(-EINVAL);
  if (!S_ISDIR(directory->mode)) return ERR_PTR(-ENOTDIR);
  if (directory->operations != &tmpfs_operations) return ERR_PTR(-EOPNOTSUPP);
  return file_open_new(directory->system, mode & 07777 & ~fs_context()->umask, flags & ~O_DIRECTORY);
}

/* The names of the last component: O_CREAT must not follow a link that O_EXCL meets. */
static int walk_flags(int flags) {
  int walk = flags & O_NOFOLLOW || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) ? 0 : WALK_FOLLOW;
  if (flags & O_CREAT) walk |= WALK_PARENT;
  return walk;
}

static struct file *open_at(int directory, const char *path, int flags, u32 mode) {
  struct walk walk;
  if (flags & O_PATH) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  bool is_unnamed = (flags & O_TMPFILE) == O_TMPFILE;
  if ((flags & O_CREAT) && (flags & O_DIRECTORY)) return ERR_PTR(-EINVAL);
  long error = walk_at(directory, path, walk_flags(flags), &walk);
  if (error < 0) return ERR_PTR(error);
  struct file *file = is_unnamed ? open_unnamed(walk.inode, flags, mode) : open_walked(&walk, flags, mode);
  walk_end(&walk);
  return file;
}

struct file *file_open_path(const char *path, int flags, u32 mode) {
  return open_at(AT_FDCWD, path, flags, mode);
}

long sys_openat(long directory, long path, long flags, long mode) {
  char *text;
  long length = path_from_user((uaddr_t)path, &text);
  if (length < 0) return length;
  struct file *file = open_at((int)directory, text, (int)flags & ~O_LARGEFILE, (u32)mode);
  kfree(text);
  return IS_ERR(file) ? PTR_ERR(file) : fd_install(file, flags & O_CLOEXEC);
}

/* mkdirat, mknodat, symlinkat, linkat: a name that must not be there yet. */
static long walk_to_new(long directory, long path, struct walk *walk) {
  long error = walk_user((int)directory, (uaddr_t)path, WALK_PARENT, walk);
  if (error < 0 || walk->inode == NULL) return error;
  walk_end(walk);
  return -EEXIST;
}

/* `target`: of a symbolic link. */
static long make_at(long directory, long path, u32 mode, u64 device, const char *target) {
  struct walk walk;
  long error = walk_to_new(directory, path, &walk);
  if (error < 0) return error;
  error = walk.wants_directory && !S_ISDIR(mode) ? -ENOENT : inode_make(&walk, mode, device, target, NULL);
  walk_end(&walk);
  return error;
}

long sys_mkdirat(long directory, long path, long mode) {
  return make_at(directory, path, S_IFDIR | ((u32)mode & 01777 & ~fs_context()->umask), 0, NULL);
}

long sys_mknodat(long directory, long path, long mode, long device) {
  u32 type = (u32)mode & S_IFMT;
  if (type == 0) type = S_IFREG;
  if (type == S_IFDIR) return -EPERM;
  if (type != S_IFREG && type != S_IFIFO && type != S_IFSOCK && type != S_IFCHR && type != S_IFBLK) return -EINVAL;
  if ((type == S_IFCHR || type == S_IFBLK) && fs_credentials()->fsuid != 0) return -EPERM;
  return make_at(directory, path, type | ((u32)mode & 07777 & ~fs_context()->umask), (u32)device, NULL);
}

long sys_symlinkat(long target, long directory, long path) {
  char *of;
  long error = path_from_user((uaddr_t)target, &of);
  if (error < 0) return error;
  error = error == 0 ? -ENOENT : make_at(directory, path, S_IFLNK | 0777, 0, of);
  kfree(of);
  return error;
}

static long link_walked(struct inode *inode, const struct walk *to) {
  if (to->wants_directory) return -ENOENT;
  if (S_ISDIR(inode->mode)) return -EPERM;
  if (inode->system != to->parent->system) return -EXDEV;
  if (to->parent->links == 0 || inode->links == 0) return -ENOENT;
  long error = inode_permission(to->parent, MAY_WRITE | MAY_EXEC);
  if (error < 0) return error;
  error = directory_link(to->parent, to->name, to->length, inode);
  if (error == 0) inode_changed(inode);
  return error;
}

long sys_linkat(long from_directory, long from, long to_directory, long to, long flags) {
  struct walk source, target;
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  int how = (flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
  long error = walk_user((int)from_directory, (uaddr_t)from, how, &source);
  if (error < 0) return error;
  if ((error = walk_to_new(to_directory, to, &target)) == 0) {
    error = link_walked(source.inode, &target);
    walk_end(&target);
  }
  walk_end(&source);
  return error;
}
