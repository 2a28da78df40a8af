/* Open files: life, reading and writing whatever they are, and regular files. */
#include "fs/file.h"

/* Of everything without a path. */
static const struct inode_operations pathless_inode_operations;
static struct file_system pathless_system = {.name = "anon_inode:", .device = 15, .operations = &pathless_inode_operations, .next_number = 1000};

struct file *file_create(const struct file_operations *operations, struct inode *inode, int flags) {
  struct file *file = kzalloc(sizeof *file);
  if (file == NULL) {
    inode_put(inode);
    return NULL;
  }
  file->operations = operations;
  file->inode = inode;
  file->flags = (u32)flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC | O_NOCTTY);
  file->references = 1;
  list_init(&file->watches);
  return file;
}

struct file *file_create_pathless(const struct file_operations *operations, u32 mode, int flags, void *object, struct wait_queue *queue) {
  struct inode *inode = inode_create(&pathless_system, mode);
  if (inode == NULL) return NULL;
  inode->uid = fs_credentials()->fsuid;
  inode->gid = fs_credentials()->fsgid;
  inode->links = 1;
  struct file *file = file_create(operations, inode, flags);
  if (file == NULL) return NULL;
  file->object = object;
  file->queue = queue;
  return file;
}

struct file *file_get(struct file *file) {
  file->references++;
  return file;
}

void file_put(struct file *file) {
  if (--file->references > 0) return;
  epoll_forget(file);
  locks_release_owner(file->inode, file);
  if (file->operations->release != NULL) file->operations->release(file);
  inode_put(file->inode);
  kfree(file);
}

long file_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  if (!file_is_readable(file)) return -EBADF;
  if (file->operations->read == NULL) return -EINVAL;
  return file->operations->read(file, to, size, position, flags);
}

long file_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  if (!file_is_writable(file)) return -EBADF;
  if (file->operations->write == NULL) return -EINVAL;
  return file->operations->write(file, from, size, position, flags);
}

u32 file_poll(struct file *file) {
  return file->operations->poll == NULL ? POLL_READABLE | POLL_WRITABLE : file->operations->poll(file);
}

RARE void file_prepare(struct file *file, u64 offset, size_t size, bool is_write) {
  struct inode *inode = file->inode;
  if (inode->operations->prepare != NULL) inode->operations->prepare(inode, offset, size, is_write);
  mappings_write_back(inode);
}

static inline long read_inode(struct inode *inode, void *to, size_t size, u64 *position) {
  long got = inode_read(inode, to, size, *position);
  if (got > 0) *position += (u64)got;
  return got;
}

RARE static long prepare_and_read(struct file *file, void *to, size_t size, u64 *position) {
  file_prepare(file, *position, size, false);
  return read_inode(file->inode, to, size, position);
}

static long regular_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  return file->inode->observers > 0 ? prepare_and_read(file, to, size, position) : read_inode(file->inode, to, size, position);
}

static long regular_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  struct inode *inode = file->inode;
  if (inode->observers > 0) file_prepare(file, file->flags & O_APPEND ? inode->size : *position, size, true);
  if (file->flags & O_APPEND) *position = inode->size;
  if ((s64)*position < 0) return -EINVAL;
  if (inode->mode & (S_ISUID | S_ISGID)) inode->mode &= ~(u32)(S_ISUID | S_ISGID);
  long put = size == 0 ? 0 : inode_write(inode, from, size, *position);
  if (put > 0 && inode->observers > 0) mappings_read_again(inode, *position, (u64)put);
  if (put > 0) *position += (u64)put;
  if (put > 0 && (flags & O_DSYNC) && inode->operations->sync != NULL) {
    long error = inode->operations->sync(inode);
    if (error < 0) return error;
  }
  return put;
}

const struct file_operations regular_operations = {.read = regular_read, .write = regular_write, .has_position = true};

static long directory_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  return -EISDIR;
}

const struct file_operations directory_operations = {.read = directory_read, .has_position = true};
static const struct file_operations path_operations;

struct file *file_open_inode(struct inode *inode, int flags) {
  bool is_path = flags & O_PATH;
  const struct file_operations *operations = S_ISDIR(inode->mode) ? &directory_operations : &regular_operations;
  struct file *file = file_create(is_path ? &path_operations : operations, inode_get(inode), flags);
  if (file == NULL) return ERR_PTR(-ENOMEM);
  if (is_path) return file;
  long error = 0;
  if (S_ISSOCK(inode->mode)) error = -ENXIO;
  else if (S_ISFIFO(inode->mode)) error = fifo_open(inode, file);
  else if ((inode->mode & S_IFMT) == S_IFCHR) error = device_open(inode, file);
  else if (inode->operations->open != NULL) error = inode->operations->open(inode, file);
  if (error == 0) return file;
  file->operations = &path_operations; /* nothing to release */
  file_put(file);
  return ERR_PTR(error);
}

/* For memory and programs. */

long file_read_at(struct file *file, void *to, size_t size, u64 offset) {
  return S_ISREG(file->inode->mode) ? inode_read(file->inode, to, size, offset) : -EINVAL;
}

bool file_is_regular(const struct file *file) {
  return S_ISREG(file->inode->mode) && file->operations == &regular_operations;
}

bool file_may_execute(const struct file *file) {
  return file_is_regular(file) && inode_permission(file->inode, MAY_EXEC) == 0;
}
