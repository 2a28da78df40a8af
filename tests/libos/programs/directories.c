// Directories: names appear and go, rename, link, unlink, rmdir, getdents64.
#include "show.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
  char *names[64];
  size_t count = 0;
  DIR *directory = opendir(path);
  if (directory == NULL) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL && count < 64) {
    char text[300];
    snprintf(text, sizeof text, "%s:%d", entry->d_name, entry->d_type);
    names[count++] = strdup(text);
  }
  closedir(directory);
  qsort(names, count, sizeof *names, compare);
  printf("%s:", path);
  for (size_t i = 0; i < count; i++) printf(" %s", names[i]);
  puts("");
}

static void show_stat(const char *path) {
  struct stat stat;
  if (lstat(path, &stat) != 0) printf("%s: %s\n", path, strerrorname_np(errno));
  else printf("%s: mode %o links %d size %ld\n", path, stat.st_mode, S_ISDIR(stat.st_mode) ? 0 : (int)stat.st_nlink, S_ISDIR(stat.st_mode) ? 0 : (long)stat.st_size);
}

int main(void) {
  enter_scratch();
  umask(022);
  list(".");
  SHOW(mkdir("d", 0777));
  SHOW(mknod("d/fifo", S_IFIFO | 0600, 0));
  SHOW(mknod("d/plain", 0644, 0));
  SHOW(symlink("plain", "d/link"));
  SHOW(link("d/plain", "d/second"));
  SHOW(link("d/link", "d/third"));
  SHOW(linkat(AT_FDCWD, "d/link", AT_FDCWD, "d/fourth", AT_SYMLINK_FOLLOW));
  SHOW(link("d", "e"));
  SHOW(link("d/plain", "d/second"));
  SHOW(link("none", "x"));
  list("d");
  show_stat("d/plain");
  show_stat("d/link");
  show_stat("d/third");
  SHOW(rmdir("d"));
  SHOW(rmdir("d/plain"));
  SHOW(unlink("d"));
  SHOW(unlink("d/none"));
  SHOW(unlink("d/second"));
  SHOW(unlink("d/link/"));
  show_stat("d/plain");
  SHOW(mkdir("d/sub", 0700));
  SHOW(rename("d/sub", "d/sub/inside"));
  SHOW(rename("d/plain", "d/sub"));
  SHOW(rename("d/sub", "d/plain"));
  SHOW(rename("d/plain", "d/renamed"));
  SHOW(rename("d/renamed", "d/fourth"));
  SHOW(rename("d/fourth", "moved"));
  SHOW(rename("d/none", "moved"));
  SHOW(rename("moved", "d/fifo"));
  show_stat("d/fifo");
  SHOW(mkdir("other", 0755));
  SHOW(mkdir("other/full", 0755));
  SHOW(rename("d", "other"));
  SHOW(rmdir("other/full"));
  SHOW(rename("d", "other"));
  list(".");
  list("other");
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "other/fifo", AT_FDCWD, "other/link", 1));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "other/fifo", AT_FDCWD, "other/link", 2));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "other/fifo", AT_FDCWD, "other/none", 2));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "other/fifo", AT_FDCWD, "x", 3));
  show_stat("other/link");
  show_stat("other/fifo");
  SHOW(rename("other/.", "x"));
  SHOW(rmdir("other/."));
  SHOW(rmdir("other/.."));
  SHOW(chdir("other/sub"));
  SHOW(rmdir("../sub"));
  SHOW(open("x", O_WRONLY | O_CREAT, 0644));
  list(".");
  SHOW(chdir("/tmp"));
  SHOW(mkdir("/", 0755));
  SHOW(rmdir("/"));
  SHOW(unlinkat(AT_FDCWD, "x", 77));
  int fd = open("/tmp", O_RDONLY);
  char buffer[8];
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  SHOW(syscall(SYS_getdents64, 1, buffer, sizeof buffer));
  SHOW(syscall(SYS_getdents64, 77, buffer, sizeof buffer));
  return 0;
}
