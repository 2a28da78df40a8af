/* Users and groups: what root may, and what who has become somebody else may no more. */
#include "show.h"
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>

static void ids(void) {
  uid_t real, effective, saved;
  SHOW(getresuid(&real, &effective, &saved));
  printf("users %u %u %u files %d\n", real, effective, saved, setfsuid(-1));
  SHOW(getresgid(&real, &effective, &saved));
  printf("groups %u %u %u files %d\n", real, effective, saved, setfsgid(-1));
  printf("%u %u %u %u\n", getuid(), geteuid(), getgid(), getegid());
}

/* System calls themselves: the C library would do it in every thread. */
static void change(void) {
  SHOW(syscall(SYS_setresuid, -1, 1000, -1));
  ids();
  SHOW(syscall(SYS_setreuid, 1000, 0));
  ids();
  SHOW(syscall(SYS_setuid, -1));
  SHOW(syscall(SYS_setgid, 77));
  SHOW(syscall(SYS_setregid, 5, 6));
  ids();
  SHOW(setfsgid(9));
  SHOW(setfsuid(8));
  ids();
  SHOW(syscall(SYS_setresgid, 1, 2, 3));
  SHOW(syscall(SYS_setuid, 1000));
  ids();
}

static void without_rights(void) {
  gid_t list[4];
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  SHOW(syscall(SYS_setuid, 0));
  SHOW(syscall(SYS_setresuid, 1000, 1000, 0));
  SHOW(syscall(SYS_setreuid, 0, -1));
  SHOW(syscall(SYS_setgid, 7));
  SHOW(syscall(SYS_setresgid, 3, 2, 1));
  SHOW(syscall(SYS_setregid, 77, -1));
  SHOW(setfsuid(0));
  SHOW(setfsuid(-1));
  SHOW(syscall(SYS_setgroups, 0, NULL));
  SHOW(getgroups(0, list));
  SHOW(getgroups(-1, list));
  SHOW(chroot("/"));
  SHOW(mount("none", "/tmp", "tmpfs", 0, NULL));
  SHOW(umount2("/proc", 0));
  SHOW(syscall(SYS_capget, &header, sets));
  printf("%x %x\n", sets[0].effective, sets[1].effective);
  SHOW(syscall(SYS_capget, &header, 8));
  sets[0].effective = 1;
  SHOW(syscall(SYS_capset, &header, sets));
  SHOW(chown("file", 0, 0));
  SHOW(chmod("file", 0600));
  SHOW(open("file", O_RDONLY));
  SHOW(unlink("file"));
}

int main(void) {
  int status;
  gid_t groups[] = {10, 20, 30}, list[8];
  enter_scratch();
  umask(022);
  close(open("file", O_CREAT | O_WRONLY, 0600));
  SHOW(syscall(SYS_setgroups, 3, groups));
  SHOW(syscall(SYS_getgroups, 8, list));
  SHOW(syscall(SYS_getgroups, 2, list));
  SHOW(syscall(SYS_setgroups, -1, groups));
  SHOW(syscall(SYS_setgroups, 2, 8));
  printf("%u %u %u\n", list[0], list[1], list[2]);
  for (int part = 0; part < 2; part++) {
    fflush(stdout);
    if (fork() == 0) {
      change();
      if (part == 1) without_rights();
      fflush(stdout);
      _exit(0);
    }
    wait(&status);
    SHOW(status);
  }
  SHOW(mkdir("cell", 0755));
  SHOW(chroot("none"));
  SHOW(chroot("file"));
  SHOW(chroot("cell"));
  SHOW(access("/file", F_OK));
  SHOW(access("file", F_OK));
  SHOW(chdir("/"));
  SHOW(access("../file", F_OK));
  return 0;
}
