// The path walk: "..", slashes, symbolic links, long names.
#include "show.h"

#include <sys/stat.h>

static char name[5000];

static const char *repeated(const char *piece, size_t size) {
  for (size_t i = 0; i < size; i++) name[i] = piece[i % strlen(piece)];
  name[size] = 0;
  return name;
}

static void show_text(const char *path) {
  char text[64] = {0};
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  printf("%s: %ld %s\n", path, (long)read(fd, text, 63), text);
  close(fd);
}

int main(void) {
  enter_scratch();
  char text[4096];
  SHOW(mkdir("a", 0755));
  SHOW(mkdir("a/b", 0755));
  SHOW(mkdir("a/b/c/", 0755));
  SHOW(mkdir("a/b/c", 0755));
  int fd = open("a/b/file", O_WRONLY | O_CREAT, 0644);
  SHOW(write(fd, "text", 4));
  show_text("a/b/file");
  show_text("./a/.//b/../b/c/.././file");
  show_text("a/b/none/../file");
  show_text("a/b/file/.");
  show_text("a/b/file/../file");
  SHOW(symlink("b", "a/link"));
  SHOW(symlink("../a/link/file", "a/up"));
  SHOW(symlink("loop2", "loop1"));
  SHOW(symlink("loop1", "loop2"));
  SHOW(symlink("", "empty"));
  show_text("a/link/file");
  show_text("a/link/c/../file");
  show_text("a/up");
  show_text("loop1");
  SHOW(mkdir("loop1", 0755));
  SHOW(mkdir("a/link/", 0755));
  SHOW(readlink("a/up", text, sizeof text));
  SHOW(readlink("a/up", text, 3));
  SHOW(readlink("a/b", text, sizeof text));
  SHOW(readlink("a/b/file", text, sizeof text));
  SHOW(readlink("none", text, sizeof text));
  SHOW(readlink("a/up", text, 0));
  SHOW(open(repeated("n", 255), O_WRONLY | O_CREAT, 0644));
  SHOW(open(repeated("n", 256), O_WRONLY | O_CREAT, 0644));
  SHOW(open(repeated("./", 4094), O_RDONLY));
  SHOW(open(repeated("./", 4095), O_RDONLY));
  SHOW(open(repeated("./", 4096), O_RDONLY));
  SHOW(chdir("a/link"));
  puts(strstr(getcwd(text, sizeof text), "/a/b"));
  SHOW(chdir(".."));
  puts(strrchr(getcwd(text, sizeof text), '/'));
  SHOW(chdir("b/file"));
  SHOW(chdir("none"));
  int directory = open("b", O_RDONLY | O_DIRECTORY);
  SHOW(faccessat(directory, "file", R_OK, 0));
  SHOW(faccessat(directory, "../up", R_OK, 0));
  SHOW(fchdir(directory));
  show_text("file");
  SHOW(fchdir(fd));
  SHOW(chdir("/"));
  show_text("../../../../proc/../none");
  SHOW(getcwd(text, 1) == NULL ? -1 : 0);
  SHOW(getcwd(text, 2) == NULL ? -1 : 0);
  puts(text);
  SHOW(chdir("/tmp/../tmp/."));
  puts(getcwd(text, sizeof text));
  return 0;
}
