/* Open files: what descriptors lead to. */
#pragma once
#include "fs/inode.h"
#include "mm/uaccess.h"
#include "process/process.h"
#include "time/clock.h"

/* `flags` are the file's, and O_NONBLOCK if this call must not wait. Buffers are checked memory of the program or the
 * library OS's own. Null members: -EINVAL, or ready at all times for poll. */
struct file_operations {
  long (*read)(struct file *file, void *to, size_t size, u64 *position, int flags);
  long (*write)(struct file *file, const void *from, size_t size, u64 *position, int flags);
  u32 (*poll)(struct file *file);
  long (*ioctl)(struct file *file, u32 command, uaddr_t argument);
  void (*release)(struct file *file);
  bool has_position; /* else lseek and pread are -ESPIPE */
};

struct file {
  const struct file_operations *operations;
  struct inode *inode;
  struct wait_queue *queue; /* woken when what poll says changes; null: it never does */
  void *object;
  u64 position;
  u32 flags, references;
  struct list_head watches; /* of epoll */
};

/* A new file of an inode, whose reference it takes over; null: no memory (the inode is put). */
struct file *file_create(const struct file_operations *operations, struct inode *inode, int flags);
/* Of something without a path: its inode is made. */
struct file *file_create_pathless(const struct file_operations *operations, u32 mode, int flags, void *object, struct wait_queue *queue);
long file_read(struct file *file, void *to, size_t size, u64 *position, int flags);
long file_write(struct file *file, const void *from, size_t size, u64 *position, int flags);
u32 file_poll(struct file *file);
extern const struct file_operations regular_operations, directory_operations, console_operations, epoll_operations, socket_operations;
static inline bool file_is_readable(const struct file *file) {
  return (file->flags & O_ACCMODE) != O_WRONLY && !(file->flags & O_PATH);
}
static inline bool file_is_writable(const struct file *file) {
  return (file->flags & O_ACCMODE) != O_RDONLY && !(file->flags & O_PATH);
}
struct file *file_get(struct file *file);
void file_put(struct file *file);
/* Opens what was walked to. */
struct file *file_open_inode(struct inode *inode, int flags);
/* A new regular file without a name. */
struct file *file_open_new(struct file_system *system, u32 mode, int flags);

/* Around a call that may sleep: the file may be closed meanwhile. */
static inline void file_pin(struct file *file) {
  file->references++;
}
static inline void file_unpin(struct file *file) {
  if (file->references > 1) file->references--;
  else file_put(file);
}

/* Before its bytes are read or written: what mappings have changed is in it, and of a disk what is wanted in memory. Sleeps;
 * the file is pinned. */
void file_prepare(struct file *file, u64 offset, size_t size, bool is_write);

/* Descriptors of the present process. */
struct files {
  u32 users;
  int capacity, lowest_free; /* every descriptor below is open */
  struct descriptor {
    struct file *file; /* null: it is free */
    bool close_on_exec;
  } *table;
};
/* Without a reference; null: none. */
static inline struct file *fd_of(const struct files *files, int fd) {
  return (unsigned)fd < (unsigned)files->capacity ? files->table[fd].file : NULL;
}
static inline struct file *file_of(int fd) {
  return fd_of(current->process->files, fd);
}
long fd_install(struct file *file, bool close_on_exec); /* takes the reference over: -EMFILE puts it */
long fd_install_from(struct file *file, int least, bool close_on_exec);
struct file *fd_remove(int fd);
int fd_next(struct files *files, int fd); /* the first open one from there; -1 */
/* Two for a pair; both or none. */
long fd_install_pair(struct file *first, struct file *second, bool close_on_exec, uaddr_t to);

struct fs_context {
  u32 users, umask;
  struct inode *root, *working_directory;
};
/* Of the present process; the root and so on while there is none. */
const struct fs_context *fs_context(void);
/* Of the present process; root's while there is none. */
const struct credentials *fs_credentials(void);

/* What a call does with the file of a path and AT_ flags; or of a descriptor without any of the `refused` flags. */
typedef long inode_call(struct inode *inode, void *argument);
long on_path(long directory, long path, long flags, inode_call *call, void *argument);
long on_file(long fd, u32 refused, inode_call *call, void *argument);

long path_from_user(uaddr_t address, char **text);
long walk_at(int directory, const char *path, int flags, struct walk *walk);
long link_target(struct inode *link, char *to, size_t size);

/* mm/file-map.c: what programs have changed in shared mappings of the file goes to its pages; and back. */
void mappings_write_back(struct inode *inode);
void mappings_read_again(struct inode *inode, u64 offset, u64 size);
/* Advisory locks: of a process (fcntl), of an open file (OFD, flock). */
long lock_control(struct file *file, int command, uaddr_t argument);
/* What a process (by its descriptor table) or an open file holds on it goes. */
void locks_release_owner(struct inode *inode, const void *owner);
/* F_SETPIPE_SZ, F_GETPIPE_SZ */
long pipe_size(struct file *file, bool set, u64 size);

/* When poll's answer changes by itself (timerfd): NO_DEADLINE, never. */
u64 file_deadline(const struct file *file);
bool file_is_timer(const struct file *file);

/* epoll.c: a file goes. */
void epoll_forget(struct file *file);
/* fifo of a path, shared by who opens it */
long fifo_open(struct inode *inode, struct file *file);
long device_open(struct inode *inode, struct file *file);
enum { CONSOLE_ERRORS_DEVICE = 5 << 8 | 64 };
void console_start(void);
long console_open(struct inode *inode, struct file *file);

/* What process/ and mm/ need. */

/* Where an ELF file of the image executes. */
struct code_info {
  u64 address; /* of its lowest LOAD page in code objects; 0: it has no place in any */
  u32 mask;    /* bit k: in code object k */
};

/* The image, the mounts. Once, before any process. */
void fs_start(void);
void net_start(void);
/* Commits disks; at the end of the last process. */
void fs_shutdown(void);

/* Of the present process' directories; referenced, for file_put; or ERR_PTR. */
struct file *file_open_path(const char *path, int flags, u32 mode);
/* Bytes read, fewer at the end, or -errno; not the file's position. */
long file_read_at(struct file *file, void *to, size_t size, u64 offset);
/* Of the image: the lowest address above all code, and where the vDSO is (0: nowhere). */
u64 image_code_end(void);
u64 image_vdso_address(void);
/* May it be mapped, executed? */
bool file_is_regular(const struct file *file);
bool file_may_execute(const struct file *file);
/* False: no code anywhere. */
bool file_code(const struct file *file, struct code_info *info);

/* Descriptors. */
struct files *files_create(bool has_console); /* as 0, 1, 2 */
struct files *files_copy(struct files *files, bool is_shared);
void files_put(struct files *files);
void files_close_on_exec(struct files *files);

/* Root, working directory, umask. */
struct fs_context *fs_context_create(const char *directory); /* null: there is no such directory */
struct fs_context *fs_context_copy(struct fs_context *context, bool is_shared);
void fs_context_put(struct fs_context *context);
