// Reading and writing: vectors, positions, sizes, copies between files.
#include "show.h"

#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static char buffer[20000];

static void show(const char *name) {
  struct stat stat;
  int fd = open(name, O_RDONLY);
  memset(buffer, 0, sizeof buffer);
  long got = read(fd, buffer, sizeof buffer - 1);
  fstat(fd, &stat);
  unsigned sum = 0;
  for (long i = 0; i < got; i++) sum = sum * 31 + (unsigned char)buffer[i];
  printf("%s: %ld bytes, size %ld, sum %u, begins %.20s\n", name, got, (long)stat.st_size, sum, buffer);
  close(fd);
}

int main(void) {
  enter_scratch();
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  struct iovec pieces[3] = {{"one ", 4}, {"", 0}, {"two ", 4}};
  SHOW(writev(fd, pieces, 3));
  SHOW(pwrite(fd, "END", 3, 9000));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(write(fd, "three", 5));
  show("file");
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, -1, SEEK_SET));
  SHOW(lseek(fd, -10000, SEEK_CUR));
  SHOW(lseek(fd, 0, 99));
  SHOW(lseek(fd, 20000, SEEK_SET));
  SHOW(read(fd, buffer, 10));
  SHOW(pread(fd, buffer, 8, 4));
  SHOW(pread(fd, buffer, 8, -1));
  SHOW(pwrite(fd, buffer, 8, -1));
  SHOW(lseek(fd, 2, SEEK_SET));
  char first[3] = {0}, second[20] = {0};
  struct iovec in[2] = {{first, 2}, {second, 19}};
  SHOW(readv(fd, in, 2));
  printf("%s|%s\n", first, second);
  SHOW(preadv(fd, in, 2, 8995));
  SHOW(pwritev(fd, pieces, 3, 100));
  SHOW(readv(fd, in, -1));
  SHOW(readv(fd, in, 1025));
  SHOW(readv(fd, in, 0));
  SHOW(readv(fd, (struct iovec *)8, 1));
  SHOW(read(fd, (void *)8, 10));
  SHOW(write(fd, (void *)8, 10));
  SHOW(read(77, buffer, 1));
  SHOW(write(77, buffer, 1));
  SHOW(ftruncate(fd, 5000));
  show("file");
  SHOW(ftruncate(fd, 50));
  SHOW(ftruncate(fd, 9001));
  show("file");
  SHOW(ftruncate(fd, -1));
  SHOW(truncate("file", 3));
  SHOW(truncate("none", 3));
  SHOW(truncate("/tmp", 3));
  show("file");
  SHOW(ftruncate(0, 3));
  SHOW(fallocate(fd, 0, 10, 100));
  show("file");
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8000));
  show("file");
  SHOW(pwrite(fd, "0123456789", 10, 0));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3, 4));
  show("file");
  SHOW(fallocate(fd, 0, -1, 4));
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(posix_fallocate(fd, 0, 300));
  SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  SHOW(posix_fadvise(fd, 0, 0, 99));
  SHOW(fsync(fd));
  SHOW(fdatasync(fd));
  SHOW(fsync(77));
  for (int i = 0; i < 15000; i++) buffer[i] = (char)(i * 7);
  int big = open("big", O_RDWR | O_CREAT, 0644), copy = open("copy", O_RDWR | O_CREAT, 0644);
  SHOW(write(big, buffer, 15000));
  off_t offset = 1000;
  SHOW(sendfile(copy, big, &offset, 12345));
  SHOW(offset);
  SHOW(lseek(big, 14990, SEEK_SET));
  SHOW(sendfile(copy, big, NULL, 100));
  SHOW(sendfile(copy, big, NULL, 100));
  SHOW(sendfile(77, big, NULL, 100));
  show("copy");
  loff_t from = 0, to = 20;
  SHOW(syscall(SYS_copy_file_range, big, &from, copy, &to, 5000l, 0));
  show("copy");
  int pipes[2];
  SHOW(pipe(pipes));
  SHOW(lseek(pipes[0], 0, SEEK_SET));
  SHOW(pread(pipes[0], buffer, 1, 0));
  offset = 0;
  SHOW(sendfile(pipes[1], big, &offset, 20));
  SHOW(read(pipes[0], buffer, 100));
  SHOW(syscall(SYS_fallocate, pipes[1], 0, 0l, 10l));
  int directory = open(".", O_RDONLY);
  SHOW(read(directory, buffer, 1));
  SHOW(pwrite(directory, buffer, 1, 0));
  return 0;
}
