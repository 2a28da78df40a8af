// Says how many instructions 64 KiB through a pipe take, there and back out.
#include <stdio.h>
#include <unistd.h>

static _Alignas(16) char bytes[65536];

int main(void) {
  int ends[2];
  long before, after;
  pipe(ends);
  for (int i = 0; i < 2; i++) {
    __asm__ volatile("rdinstret %0" : "=r"(before));
    write(ends[1], bytes, sizeof bytes);
    read(ends[0], bytes, sizeof bytes);
    __asm__ volatile("rdinstret %0" : "=r"(after));
  }
  printf("%ld\n", after - before);
  return 0;
}
