// stat in its forms, modes, owners, times, access, statfs.
#include "show.h"

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>

static void show(const struct stat *stat) {
  printf("mode %o links %d uid %d gid %d size %ld rdev %lx mtime %ld.%09ld atime %ld\n", stat->st_mode, (int)stat->st_nlink, stat->st_uid, stat->st_gid,
         (long)stat->st_size, (long)stat->st_rdev, (long)stat->st_mtim.tv_sec, stat->st_mtim.tv_nsec, (long)stat->st_atim.tv_sec);
}

int main(void) {
  enter_scratch();
  umask(022);
  struct stat stat_;
  int fd = open("file", O_RDWR | O_CREAT, 0666);
  struct timespec times[2] = {{1000, 5}, {2000, 999999999}};
  SHOW(write(fd, "12345", 5));
  SHOW(futimens(fd, times));
  SHOW(stat("file", &stat_));
  show(&stat_);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = 3000, times[1].tv_nsec = 0;
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  SHOW(fstat(fd, &stat_));
  show(&stat_);
  times[1].tv_nsec = 1000000000;
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  SHOW(utimensat(AT_FDCWD, "none", NULL, 0));
  SHOW(symlink("file", "link"));
  times[0].tv_sec = 5, times[0].tv_nsec = 0, times[1].tv_sec = 6, times[1].tv_nsec = 7;
  SHOW(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
  SHOW(lstat("link", &stat_));
  show(&stat_);
  SHOW(stat("link", &stat_));
  show(&stat_);
  SHOW(fstatat(AT_FDCWD, "", &stat_, 0));
  SHOW(fstatat(fd, "", &stat_, AT_EMPTY_PATH));
  show(&stat_);
  SHOW(fstatat(99, "", &stat_, AT_EMPTY_PATH));
  SHOW(fstatat(AT_FDCWD, "file", &stat_, 0x40));
  SHOW(stat("none", &stat_));
  SHOW(stat("file/", &stat_));
  SHOW(fstat(99, &stat_));
  SHOW(stat("file", (struct stat *)8));
  SHOW(chmod("file", 04711));
  SHOW(fchmod(fd, 0700));
  SHOW(fchmod(99, 0700));
  SHOW(chmod("none", 0700));
  SHOW(chown("file", 12, 34));
  SHOW(fchown(fd, -1, 56));
  SHOW(lchown("link", 1, 2));
  SHOW(fstat(fd, &stat_));
  printf("mode %o uid %d gid %d\n", stat_.st_mode, stat_.st_uid, stat_.st_gid);
  SHOW(lstat("link", &stat_));
  printf("uid %d gid %d\n", stat_.st_uid, stat_.st_gid);
  SHOW(access("file", R_OK | W_OK | X_OK));
  SHOW(chmod("file", 0600));
  SHOW(access("file", X_OK));
  SHOW(access("file", F_OK));
  SHOW(access("none", F_OK));
  SHOW(syscall(SYS_faccessat, AT_FDCWD, "file", 8));
  struct statx statx_;
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_BASIC_STATS, &statx_));
  printf("mode %o size %ld uid %d nlink %d mtime %ld\n", statx_.stx_mode, (long)statx_.stx_size, statx_.stx_uid, statx_.stx_nlink, (long)statx_.stx_mtime.tv_sec);
  SHOW(syscall(SYS_statx, AT_FDCWD, "none", 0, STATX_BASIC_STATS, &statx_));
  SHOW(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &statx_));
  SHOW(stat("/dev/null", &stat_));
  printf("mode %o rdev %lx\n", stat_.st_mode & S_IFMT, (long)stat_.st_rdev);
  SHOW(stat("/proc/self", &stat_));
  printf("mode %o\n", stat_.st_mode & S_IFMT);
  struct statfs system;
  SHOW(statfs("/proc", &system));
  printf("type %lx names %ld\n", (long)system.f_type, (long)system.f_namelen);
  SHOW(statfs("none", &system));
  SHOW(fstatfs(99, &system));
  SHOW(mkdir("set", 02775));
  SHOW(chmod("set", 02775));
  SHOW(chown("set", -1, 77));
  SHOW(chmod("set", 02775));
  SHOW(mkdir("set/inner", 0755));
  SHOW(stat("set/inner", &stat_));
  printf("mode %o gid %d\n", stat_.st_mode, stat_.st_gid);
  return 0;
}
