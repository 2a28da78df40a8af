/* What a path leads to. One kind of inode serves every file system here: names and pages live in memory; a file system
 * adds a backing store (the image, a disk) or makes what is read (proc). Everything needs the big lock.
 *
 *   directory: entries (entry.c), found by one hash table for all directories; what no entry covers, the backing store is
 *              asked for. An entry without an inode hides a name of the backing store.
 *   file:      pages (pages.c); a page that is not in memory is read from the backing store, or is zeros. */
#pragma once
#include "fs/uapi.h"
#include "kernel/kernel.h"

struct file;
struct inode;
struct entry;

/* One name of a backing directory; valid until the next call. */
struct backing_name {
  const char *name;
  u32 length;
  u64 number;
  u32 mode;
};

/* What a file system may define; null: it does not. */
struct inode_operations {
  /* A name of the backing store: a referenced inode, or ERR_PTR. */
  struct inode *(*lookup)(struct inode *directory, const char *name, size_t length);
  /* The backing store's `index`th name; -ENOENT: there are no more. */
  long (*name_at)(struct inode *directory, u64 index, struct backing_name *name);
  /* The bytes of the backing store, all of them inside the file. */
  long (*read)(struct inode *inode, void *to, size_t size, u64 offset);
  /* Target of a symbolic link, with its NUL: its length. */
  long (*link_target)(struct inode *inode, char *to, size_t size);
  /* A link that leads to an open file, whatever its path: referenced, or ERR_PTR. */
  struct inode *(*jump)(struct inode *link);
  /* What is found is made for who asks, and goes with them. */
  bool is_volatile;
  /* Instead of the operations of a regular file. */
  long (*open)(struct inode *inode, struct file *file);
  void (*created)(struct inode *inode);
  /* For a disk: this inode, this entry is not what it was. */
  void (*changed)(struct inode *inode);
  void (*linked)(struct entry *entry);
  void (*unlinked)(struct entry *entry);
  /* Somebody is going to read or write there, and may sleep. */
  void (*prepare)(struct inode *inode, u64 offset, size_t size, bool is_write);
  /* A page is going to be written that was clean: -ENOSPC. */
  long (*dirty)(struct inode *inode, u64 page);
  /* Pages from here on are gone. */
  void (*truncated)(struct inode *inode, u64 first_page);
  long (*sync)(struct inode *inode);
  void (*release)(struct inode *inode);
};

struct file_system {
  const char *name;
  u64 magic, device;
  const struct inode_operations *operations;
  bool is_read_only;
  u64 next_number;
  u64 (*pages)(const struct file_system *system, u64 *free); /* in all; null: it has none */
};

struct inode {
  const struct inode_operations *operations;
  struct file_system *system;
  u64 number;
  u32 mode, links, uid, gid;
  u64 size, rdev;
  u64 atime, mtime, ctime; /* nanoseconds since 1970 */
  u32 references;          /* open files, working directories, mounts, walks */
  u32 names;               /* entries that lead here: `links` is only what programs are told */
  bool is_backed;          /* what is not in memory is in the backing store */
  u32 backing;             /* number in the backing store */
  /* Directories. */
  struct list_head entries; /* by age */
  u64 next_cookie;
  struct inode *parent; /* the root's is itself */
  struct inode *mounted, *covers;
  struct entry *entry; /* by which it was reached last; null: none or gone */
  /* Files. */
  struct page {
    u8 *bytes; /* null: not in memory */
    u32 block; /* of a disk; 0: nowhere */
    bool is_dirty; /* newer than its block */
  } *pages;
  u64 page_capacity;
  char *target;         /* of a symbolic link */
  void *object;         /* of a socket, a fifo, a device */
  struct list_head disk_link, changed_link; /* of blockfs: all, and what the next commit tells the disk */
  struct list_head locks;
  struct wait_queue lock_queue;
  u32 observers; /* shared mappings, and 1 of a disk: file_prepare before it is read or written */
};

struct entry {
  struct entry *next; /* of the same hash */
  struct list_head link;
  struct inode *directory, *inode;
  u64 cookie;
  u32 hash;
  u8 length;
  bool is_backed; /* the backing store has the name too */
  char name[];
};

/* inode.c. New inodes have a reference. */
struct inode *inode_create(struct file_system *system, u32 mode);
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode);
void inode_changed(struct inode *inode); /* ctime now */
void inode_modified(struct inode *inode); /* mtime and ctime now */
/* 0, -EACCES, -EROFS; `access` of MAY_… */
long inode_permission(const struct inode *inode, int access);
bool inode_is_owned(const struct inode *inode);
void inode_stat(const struct inode *inode, struct stat *stat);
/* Its path from the root; "(deleted)" as Linux says. Length without the NUL, or -ENAMETOOLONG. */
long inode_path(const struct inode *inode, char *to, size_t size);

/* entry.c */
/* A referenced inode, or ERR_PTR(-ENOENT …). */
struct inode *directory_lookup(struct inode *directory, const char *name, size_t length);
/* The name must not be there. */
long directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode);
/* The next link of this name needs no memory. */
long directory_reserve(struct inode *directory, const char *name, size_t length);
void directory_unlink(struct inode *directory, const char *name, size_t length);
bool directory_is_empty(struct inode *directory);
/* Before it is freed: hidden names go. */
void directory_forget(struct inode *directory);
/* Position 0 first; moves it on. -ENOENT: the end. */
long directory_next(struct inode *directory, u64 *position, struct backing_name *name);

/* pages.c */
/* Room for so many pages in its tables. */
long inode_reserve(struct inode *inode, u64 pages);
long inode_read(struct inode *inode, void *to, size_t size, u64 offset);
/* Grows the file. */
long inode_write(struct inode *inode, const void *from, size_t size, u64 offset);
long inode_truncate(struct inode *inode, u64 size);
long inode_zero(struct inode *inode, u64 offset, u64 size);
u64 inode_blocks(const struct inode *inode); /* of 512 bytes */
void inode_free_pages(struct inode *inode, u64 first);
/* The page, from the backing store if need be; null: no memory. */
u8 *inode_page(struct inode *inode, u64 index, bool create, long *error);

/* walk.c */
enum { WALK_FOLLOW = 1, WALK_DIRECTORY = 2, WALK_PARENT = 4 /* the last component is a name: it need not exist; a slash behind it leads nowhere */, WALK_EMPTY = 8 };
struct walk {
  struct inode *parent; /* of the last component, referenced; null without WALK_PARENT */
  struct inode *inode;  /* referenced; null: it does not exist */
  const char *name;     /* the last component, into the text that was walked, or `text`, or `buffer` */
  size_t length;
  bool is_special; /* it is ".", ".." or the root */
  bool wants_directory; /* a slash behind it */
  char *text;   /* the program's, of walk_user */
  char *buffer; /* what links have made of it */
};
long walk_path(struct inode *start, const char *path, int flags, struct walk *walk);
void walk_end(struct walk *walk);
/* "." or ".." */
bool is_dots(const char *name, size_t length);
/* Is it the directory, or above it? */
bool is_above(const struct inode *inode, const struct inode *directory);
/* A path of the program, relative to a descriptor: walks. */
long walk_user(int directory, u64 path, int flags, struct walk *walk);

/* Names that the file systems give. */
struct file_system *tmpfs_system(void);
extern const struct inode_operations tmpfs_operations;
struct inode *mount_image(void); /* imagefs.c: root of the whole */
u64 memory_pages(const struct file_system *system, u64 *free);
/* start.c, which panics rather than fail: the node at an absolute path, made with its directories if it is not there,
 * referenced; and the root of a new tree, mounted there. */
struct inode *node_make(const char *path, u32 mode, u64 rdev);
struct inode *root_create(struct file_system *system, u32 mode);
struct inode *mount_new(const char *path, struct file_system *system, u32 mode);
struct inode *mount_disk(const char *send, const char *receive);
long mount_on(struct inode *directory, struct inode *root);
extern struct inode *root_inode;

/* New nodes. */
/* Under the name that was walked to; `target` of a symbolic link; `made`, referenced, may be null. */
long inode_make(const struct walk *at, u32 mode, u64 rdev, const char *target, struct inode **made);

#define makedev(major, minor) ((u64)(((major) & 0xfff) << 8 | ((minor) & 0xff)))
