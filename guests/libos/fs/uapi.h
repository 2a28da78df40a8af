/* Numbers and structures of Linux's interface for files (asm-generic, 64-bit). */
#pragma once
#include "kernel/types.h"

enum { PATH_LIMIT = 4096, NAME_LIMIT_BYTES = 255, SYMLINK_LIMIT = 40 };

enum { S_IFMT = 0170000, S_IFSOCK = 0140000, S_IFLNK = 0120000, S_IFREG = 0100000, S_IFBLK = 060000, S_IFDIR = 040000, S_IFCHR = 020000, S_IFIFO = 010000 };
enum { S_ISUID = 04000, S_ISGID = 02000, S_ISVTX = 01000 };
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)
#define S_ISFIFO(mode) (((mode) & S_IFMT) == S_IFIFO)
#define S_ISSOCK(mode) (((mode) & S_IFMT) == S_IFSOCK)

enum {
  O_ACCMODE = 3, O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_NOCTTY = 0400, O_TRUNC = 01000,
  O_APPEND = 02000, O_NONBLOCK = 04000, O_DSYNC = 010000, O_ASYNC = 020000, O_DIRECT = 040000, O_LARGEFILE = 0100000,
  O_DIRECTORY = 0200000, O_NOFOLLOW = 0400000, O_NOATIME = 01000000, O_CLOEXEC = 02000000, O_SYNC = 04010000,
  O_PATH = 010000000, O_TMPFILE = 020200000,
};

#define AT_FDCWD (-100)
enum {
  AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_SYMLINK_FOLLOW = 0x400, AT_NO_AUTOMOUNT = 0x800, AT_EMPTY_PATH = 0x1000,
  AT_EACCESS = 0x200, AT_STATX_SYNC_TYPE = 0x6000,
};
enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };
enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4 };
enum { FALLOC_FL_KEEP_SIZE = 1, FALLOC_FL_PUNCH_HOLE = 2, FALLOC_FL_ZERO_RANGE = 16 };
enum { MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4 };
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

enum {
  F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_SETOWN = 8, F_GETOWN = 9,
  F_SETSIG = 10, F_GETSIG = 11, F_OFD_GETLK = 36, F_OFD_SETLK = 37, F_OFD_SETLKW = 38, F_DUPFD_CLOEXEC = 1030, F_SETPIPE_SZ = 1031,
  F_GETPIPE_SZ = 1032, F_ADD_SEALS = 1033, F_GET_SEALS = 1034, FD_CLOEXEC = 1,
};
enum { F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2 };
enum { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8 };

enum {
  TCGETS = 0x5401, TCSETS = 0x5402, TCSETSW = 0x5403, TCSETSF = 0x5404, TIOCGPGRP = 0x540f, TIOCSPGRP = 0x5410, TIOCGWINSZ = 0x5413,
  TIOCSWINSZ = 0x5414, FIONREAD = 0x541b, FIONBIO = 0x5421, FIONCLEX = 0x5450, FIOCLEX = 0x5451, FIOASYNC = 0x5452, SIOCATMARK = 0x8905,
};

enum {
  POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 0x10, POLLNVAL = 0x20, POLLRDNORM = 0x40, POLLRDBAND = 0x80,
  POLLWRNORM = 0x100, POLLWRBAND = 0x200, POLLMSG = 0x400, POLLRDHUP = 0x2000,
};
#define POLL_READABLE (POLLIN | POLLRDNORM)
#define POLL_WRITABLE (POLLOUT | POLLWRNORM)

struct stat {
  uint64_t device, inode;
  uint32_t mode, links, uid, gid;
  uint64_t rdev, pad1;
  int64_t size;
  int32_t block_size, pad2;
  int64_t blocks;
  struct timespec atime, mtime, ctime;
  uint32_t unused[2];
};
_Static_assert(sizeof(struct stat) == 128, "layout");

struct statx_time { int64_t seconds; uint32_t nanoseconds; int32_t pad; };
struct statx {
  uint32_t mask, block_size;
  uint64_t attributes;
  uint32_t links, uid, gid;
  uint16_t mode, pad1;
  uint64_t inode, size, blocks, attributes_mask;
  struct statx_time atime, btime, ctime, mtime;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
  uint64_t spare[14];
};
_Static_assert(sizeof(struct statx) == 256, "layout");

struct statfs {
  int64_t type, block_size;
  uint64_t blocks, free, available, files, files_free;
  uint64_t id;
  int64_t name_length, fragment_size, flags, spare[4];
};
_Static_assert(sizeof(struct statfs) == 120, "layout");

struct dirent64 {
  uint64_t inode;
  int64_t offset;
  uint16_t record_length;
  uint8_t type;
  char name[];
};
enum { DIRENT_HEAD = 19 };

struct flock { int16_t type, whence; int64_t start, length; int32_t pid; };
struct iovec { uint64_t base, length; };
