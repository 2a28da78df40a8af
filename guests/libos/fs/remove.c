/* Removing and renaming. */
#include "fs/file.h"

/* May the name be taken away from its directory? */
static long may_remove(const struct inode *directory, const struct inode *inode) {
  long error = inode_permission(directory, MAY_WRITE | MAY_EXEC);
  if (error < 0) return error;
  if (directory->system->next_number == 0) return -EPERM;
  if ((directory->mode & S_ISVTX) && !inode_is_owned(inode) && !inode_is_owned(directory)) return -EPERM;
  return inode->covers != NULL ? -EBUSY : 0;
}

static long may_unlink(const struct walk *walk) {
  if (walk->is_special || S_ISDIR(walk->inode->mode)) return -EISDIR;
  return walk->wants_directory ? -ENOTDIR : may_remove(walk->parent, walk->inode);
}

static long may_remove_directory(const struct walk *walk) {
  if (walk->is_special) return walk->length == 0 ? -EBUSY : walk->length == 1 ? -EINVAL : -ENOTEMPTY;
  if (!S_ISDIR(walk->inode->mode)) return -ENOTDIR;
  long error = may_remove(walk->parent, walk->inode);
  return error < 0 || directory_is_empty(walk->inode) ? error : -ENOTEMPTY;
}

long sys_unlinkat(long directory, long path, long flags) {
  struct walk walk;
  if (flags & ~AT_REMOVEDIR) return -EINVAL;
  long error = walk_user((int)directory, (uaddr_t)path, WALK_PARENT, &walk);
  if (error < 0) return error;
  if (walk.inode == NULL) error = -ENOENT;
  else error = flags & AT_REMOVEDIR ? may_remove_directory(&walk) : may_unlink(&walk);
  if (error == 0) directory_unlink(walk.parent, walk.name, walk.length);
  walk_end(&walk);
  return error;
}

bool is_above(const struct inode *inode, const struct inode *directory) {
  for (;;) {
    if (directory == inode) return true;
    if (directory->parent == NULL || directory->parent == directory) return false;
    directory = directory->parent;
  }
}

static long may_replace(const struct walk *from, const struct walk *to) {
  if (to->inode == NULL) return 0;
  bool is_directory = S_ISDIR(from->inode->mode), was_directory = S_ISDIR(to->inode->mode);
  if (is_directory && !was_directory) return -ENOTDIR;
  if (!is_directory && was_directory) return -EISDIR;
  if (was_directory && !directory_is_empty(to->inode)) return -ENOTEMPTY;
  return may_remove(to->parent, to->inode);
}

static long may_rename(const struct walk *from, const struct walk *to, long flags) {
  if (from->inode == NULL) return -ENOENT;
  if (from->is_special || to->is_special) return -EBUSY;
  if (from->parent->system != to->parent->system) return -EXDEV;
  if (to->inode != NULL && (flags & RENAME_NOREPLACE)) return -EEXIST;
  if (to->inode == NULL && (flags & RENAME_EXCHANGE)) return -ENOENT;
  bool is_directory = S_ISDIR(from->inode->mode);
  if (!is_directory && (from->wants_directory || (to->wants_directory && !(flags & RENAME_EXCHANGE)))) return -ENOTDIR;
  if ((flags & RENAME_EXCHANGE) && to->wants_directory && !S_ISDIR(to->inode->mode)) return -ENOTDIR;
  if (to->parent->links == 0) return -ENOENT;
  if (is_directory && is_above(from->inode, to->parent)) return -EINVAL;
  if (to->inode != NULL && S_ISDIR(to->inode->mode) && is_above(to->inode, from->parent))
    return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
  if (to->inode == from->inode) return 0;
  long error = may_remove(from->parent, from->inode);
  if (error == 0) error = inode_permission(to->parent, MAY_WRITE | MAY_EXEC);
  return error < 0 || (flags & RENAME_EXCHANGE) ? error : may_replace(from, to);
}

static long exchange(const struct walk *from, const struct walk *to) {
  directory_unlink(from->parent, from->name, from->length);
  directory_unlink(to->parent, to->name, to->length);
  long error = directory_link(from->parent, from->name, from->length, to->inode);
  return error < 0 ? error : directory_link(to->parent, to->name, to->length, from->inode);
}

static long rename_walked(const struct walk *from, const struct walk *to, long flags) {
  long error = may_rename(from, to, flags);
  if (error < 0) return error;
  if (to->inode == from->inode) return 0; /* two names of one file */
  if (flags & RENAME_EXCHANGE) return exchange(from, to);
  if (to->inode != NULL) directory_unlink(to->parent, to->name, to->length);
  if ((error = directory_reserve(to->parent, to->name, to->length)) < 0) return error;
  directory_unlink(from->parent, from->name, from->length);
  return directory_link(to->parent, to->name, to->length, from->inode);
}

long sys_renameat2(long from_directory, long from, long to_directory, long to, long flags) {
  struct walk source, target;
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) || flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  long error = walk_user((int)from_directory, (uaddr_t)from, WALK_PARENT, &source);
  if (error < 0) return error;
  error = walk_user((int)to_directory, (uaddr_t)to, WALK_PARENT, &target);
  if (error == 0) {
    error = rename_walked(&source, &target, flags);
    walk_end(&target);
  }
  walk_end(&source);
  return error;
}
