/* Inodes: life, attributes, permissions. */
#include "fs/file.h"

struct inode *inode_create(struct file_system *system, u32 mode) {
  struct inode *inode = kzalloc(sizeof *inode);
  if (inode == NULL) return NULL;
  inode->system = system;
  inode->operations = system->operations;
  inode->number = system->next_number++;
  inode->mode = mode;
  inode->references = 1;
  inode->atime = inode->mtime = inode->ctime = clock_realtime();
  list_init(&inode->entries);
  list_init(&inode->locks);
  list_init(&inode->disk_link);
  list_init(&inode->changed_link);
  wait_queue_init(&inode->lock_queue);
  if (inode->operations->created != NULL) inode->operations->created(inode);
  return inode;
}

struct inode *inode_get(struct inode *inode) {
  inode->references++;
  return inode;
}

static void inode_free(struct inode *inode) {
  directory_forget(inode);
  if (inode->operations->release != NULL) inode->operations->release(inode);
  inode_free_pages(inode, 0);
  kfree(inode->pages);
  kfree(inode->target);
  kfree(inode);
}

void inode_put(struct inode *inode) {
  if (inode == NULL || --inode->references > 0) return;
  if (inode->names == 0) inode_free(inode);
}

void inode_changed(struct inode *inode) {
  inode->ctime = clock_realtime();
  if (inode->operations->changed != NULL) inode->operations->changed(inode);
}

void inode_modified(struct inode *inode) {
  inode->mtime = inode->ctime = clock_realtime();
  if (inode->operations->changed != NULL) inode->operations->changed(inode);
}

const struct credentials *fs_credentials(void) {
  static const struct credentials kernel;
  return current == NULL || current->process == NULL ? &kernel : &current->process->credentials;
}

static bool in_group(const struct credentials *credentials, u32 group) {
  if (credentials->fsgid == group) return true;
  for (u32 i = 0; i < credentials->group_count; i++)
    if (credentials->groups[i] == group) return true;
  return false;
}

long inode_permission(const struct inode *inode, int access) {
  const struct credentials *credentials = fs_credentials();
  u32 mode = inode->mode;
  if ((access & MAY_WRITE) && inode->system->is_read_only && (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode))) return -EROFS;
  if (credentials->fsuid == 0) /* may everything but execute what nobody may execute */
    return (access & MAY_EXEC) && !S_ISDIR(mode) && (mode & 0111) == 0 ? -EACCES : 0;
  if (credentials->fsuid == inode->uid) mode >>= 6;
  else if (in_group(credentials, inode->gid)) mode >>= 3;
  return ((u32)access & ~mode & 7) == 0 ? 0 : -EACCES;
}

bool inode_is_owned(const struct inode *inode) {
  const struct credentials *credentials = fs_credentials();
  return credentials->fsuid == 0 || credentials->fsuid == inode->uid;
}

void inode_stat(const struct inode *inode, struct stat *stat) {
  *stat = (struct stat){
      .device = inode->system->device, .inode = inode->number, .mode = inode->mode, .links = inode->links, .uid = inode->uid, .gid = inode->gid,
      .rdev = inode->rdev, .size = (s64)inode->size, .block_size = PAGE_SIZE, .blocks = (s64)inode_blocks(inode),
      .atime = timespec_of(inode->atime), .mtime = timespec_of(inode->mtime), .ctime = timespec_of(inode->ctime)};
}

static const char *const pathless_names[] = {[S_IFIFO >> 12] = "pipe", [S_IFSOCK >> 12] = "socket"};

static long pathless(const struct inode *inode, char *to, size_t size) {
  const char *kind = pathless_names[(inode->mode & S_IFMT) >> 12];
  if (kind == NULL) return snprintf(to, size, "%s", inode->system->name);
  return snprintf(to, size, "%s:[%lu]", kind, inode->number);
}

long inode_path(const struct inode *inode, char *to, size_t size) {
  char buffer[1024];
  size_t at = sizeof buffer - 1;
  buffer[at] = 0;
  bool is_deleted = inode->links == 0;
  if (inode->entry == NULL && inode->parent == NULL) return pathless(inode, to, size);
  while (inode != root_inode) {
    if (inode->covers != NULL) {
      inode = inode->covers;
      continue;
    }
    const struct entry *entry = inode->entry;
    if (entry == NULL) break;
    if (entry->length + 1u > at) return -ENAMETOOLONG;
    at -= entry->length;
    memcpy(buffer + at, entry->name, entry->length);
    buffer[--at] = '/';
    inode = entry->directory;
  }
  if (at == sizeof buffer - 1) buffer[--at] = '/';
  int length = snprintf(to, size, "%s%s", buffer + at, is_deleted ? " (deleted)" : "");
  return (size_t)length < size ? length : -ENAMETOOLONG;
}
