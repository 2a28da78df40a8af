// openat: flags, and each error.
#include "show.h"

#include <sys/stat.h>

int main(void) {
  enter_scratch();
  char text[16] = {0};
  SHOW(open("none", O_RDONLY));
  SHOW(open("none/x", O_RDWR | O_CREAT, 0644));
  SHOW(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
  SHOW(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
  SHOW(write(3, "contents", 8));
  SHOW(open("file", O_WRONLY));
  SHOW(read(4, text, 4));
  SHOW(write(4, "CON", 3));
  SHOW(open("file", O_RDONLY | O_APPEND));
  SHOW(write(5, "x", 1));
  SHOW(read(5, text, 15));
  puts(text);
  SHOW(open("file", O_WRONLY | O_APPEND));
  SHOW(write(6, "+", 1));
  SHOW(lseek(6, 0, SEEK_CUR));
  SHOW(open("file/", O_RDONLY));
  SHOW(open("file/x", O_RDONLY));
  SHOW(open("file", O_RDONLY | O_DIRECTORY));
  SHOW(mkdir("directory", 0755));
  SHOW(open("directory", O_RDWR));
  SHOW(open("directory", O_RDONLY | O_CREAT, 0644));
  SHOW(open("new/", O_RDWR | O_CREAT, 0644));
  SHOW(open("directory", O_RDONLY | O_DIRECTORY));
  SHOW(read(7, text, 1));
  SHOW(openat(7, "inside", O_RDWR | O_CREAT, 0600));
  SHOW(openat(8, "x", O_RDONLY));
  SHOW(openat(99, "x", O_RDONLY));
  SHOW(openat(99, "/tmp/none", O_RDONLY));
  SHOW(symlink("file", "link"));
  SHOW(open("link", O_RDONLY | O_NOFOLLOW));
  SHOW(open("link", O_PATH | O_NOFOLLOW));
  SHOW(read(9, text, 1));
  SHOW(open("link", O_RDWR | O_CREAT | O_EXCL, 0600));
  SHOW(symlink("target", "dangling"));
  SHOW(open("dangling", O_RDONLY));
  SHOW(close(open("dangling", O_RDWR | O_CREAT, 0600)));
  SHOW(access("target", F_OK));
  int fd = open("file", O_RDWR | O_TRUNC);
  struct stat stat;
  SHOW(fstat(fd, &stat));
  printf("size %ld mode %o\n", (long)stat.st_size, stat.st_mode);
  SHOW(open("", O_RDONLY));
  SHOW(open((char *)8, O_RDONLY));
  SHOW(close(open(".", O_RDWR | O_TMPFILE, 0600)));
  SHOW(close(fd));
  SHOW(close(fd));
  SHOW(close(3));
  SHOW(open("/dev/null", O_RDWR));
  SHOW(umask(077));
  fd = open("private", O_RDWR | O_CREAT, 0666);
  SHOW(fstat(fd, &stat));
  printf("mode %o\n", stat.st_mode);
  return 0;
}
