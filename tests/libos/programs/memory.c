// mmap, munmap, mprotect, mremap, madvise, brk, msync, mincore: what they answer, and what memory then holds.
#define _GNU_SOURCE
#include "show.h"
#include <fcntl.h>
#include <sys/mman.h>

static char *map(size_t size) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int is_zero(const char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0) return 0;
  return 1;
}

int main(void) {
  char *a = map(3 * 4096);
  SHOW(is_zero(a, 3 * 4096));
  memset(a, 7, 3 * 4096);
  SHOW(munmap(a + 4096, 4096));
  char *again = mmap(a + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  SHOW(again == a + 4096);
  SHOW(is_zero(again, 4096));
  SHOW(a[0] + a[2 * 4096]);
  SHOW(madvise(a, 4096, MADV_DONTNEED));
  SHOW(is_zero(a, 4096));
  SHOW(madvise(a + 1, 4096, MADV_DONTNEED));
  SHOW(mprotect(a, 4096, PROT_READ));
  SHOW(read(0, a, 0));
  SHOW(mprotect(a + 5, 4096, PROT_READ));
  SHOW(munmap(a + 5, 4096));
  SHOW(munmap(a, 0));
  SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  SHOW(mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED);
  SHOW(mmap((void *)0x12345, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
  char *b = map(2 * 4096);
  strcpy(b, "moves");
  char *c = mremap(b, 2 * 4096, 64 * 4096, MREMAP_MAYMOVE);
  SHOW(c != MAP_FAILED && strcmp(c, "moves") == 0 && is_zero(c + 8, 64 * 4096 - 8));
  c = mremap(c, 64 * 4096, 4096, 0);
  SHOW(c != MAP_FAILED && strcmp(c, "moves") == 0);
  SHOW(mremap(c, 4096, 8192, 99) == MAP_FAILED);
  char *big = map(3 << 20);
  SHOW(((unsigned long)big & 4095) == 0);
  big[0] = big[(3 << 20) - 1] = 1;
  SHOW(munmap(big, 3 << 20));
  char *before = sbrk(0);
  SHOW(sbrk(10000) == before);
  SHOW(is_zero(before, 10000));
  memset(before, 1, 10000);
  SHOW(brk(before));
  SHOW(sbrk(10000) == before && is_zero(before, 10000));
  unsigned char in[2];
  SHOW(mincore(c, 4096, in));
  SHOW(in[0] & 1);
  int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
  SHOW(write(fd, "contents of a file", 18));
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  SHOW(strcmp(shared, "contents of a file"));
  SHOW(strcmp(private, "contents of a file"));
  memcpy(private, "CONTENTS", 8);
  memcpy(shared, "Contents", 8);
  SHOW(msync(shared, 4096, MS_SYNC));
  SHOW(msync(shared, 4096, MS_SYNC | MS_ASYNC));
  char text[32] = {0};
  SHOW(pread(fd, text, 18, 0));
  printf("%s\n", text);
  SHOW(munmap(shared, 4096));
  close(fd);
  fd = open("/tmp/mapped", O_RDONLY);
  SHOW(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  unlink("/tmp/mapped");
  return 0;
}
