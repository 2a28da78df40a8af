/* Example 4: CP_File. `writer` publishes lines in a shared file that `reader` may only read; then `ping` and `pong` bounce a
 * number through a file that both write. A file has no directory and no position: bytes at offsets, and words to wait on. */
#include "example.h"

/* The file "board" as both sides see it: how many lines are published, then the lines. */
struct board {
  uint32_t published;
  char lines[3][28];
};
#define AT(member) offsetof(struct board, member)

static int writer(void) {
  static const char *const LINES[] = {"one file", "two cVMs", "no copy in between"};
  long board = need("open board", cvm_file_open("board", FILE_READ | FILE_WRITE));
  cvm_printf("board has %ld bytes\n", cvm_file_size(board));
  for (uint32_t i = 0; i < 3; i++) {
    /* First the bytes, then the number that says they are there, then who waits for the number. */
    need("write", cvm_file_write(board, AT(lines[i]), LINES[i], strlen(LINES[i]) + 1));
    uint32_t published = i + 1;
    need("write", cvm_file_write(board, AT(published), &published, sizeof published));
    need("notify", cvm_file_notify(board, AT(published), 1));
    cvm_sleep(10000);
  }
  return 0;
}

static int reader(void) {
  /* The manifest lets it read: asking for more is refused, and a store through what it has would be its end. */
  cvm_printf("open to write: %s\n", cvm_error_name(cvm_file_open("board", FILE_READ | FILE_WRITE)));
  long board = need("open board", cvm_file_open("board", FILE_READ));
  for (uint32_t seen = 0; seen < 3;) {
    long result = cvm_file_wait(board, AT(published), seen, 0);
    if (result != -EAGAIN) need("wait", result); /* -EAGAIN: it is not what we saw already */
    uint32_t published = 0;
    need("read", cvm_file_read(board, AT(published), &published, sizeof published));
    if (published > 3) published = 3; /* what others write may be anything */
    for (; seen < published; seen++) {
      char line[sizeof(((struct board *)0)->lines[0])];
      /* A copy of our own: the writer could change the shared one while we look at it. */
      need("read", cvm_file_read(board, AT(lines[seen]), line, sizeof line));
      line[sizeof line - 1] = 0;
      cvm_printf("line %u: %s\n", seen + 1, line);
    }
  }
  /* At the end there is less than was asked for, behind it nothing. */
  char rest[64];
  long size = cvm_file_size(board);
  cvm_printf("at the end: %ld, behind it: %ld\n", cvm_file_read(board, size - 8, rest, 64), cvm_file_read(board, size, rest, 64));
  return 0;
}

enum { PING = 0, PONG = 4, TURNS = 10 };

/* Each has a word of its own in "table"; the other's is waited for. One hostcall per turn: exchange notifies and waits. */
static int play(const char *name, size_t mine, size_t theirs) {
  long table = need("open table", cvm_file_open("table", FILE_READ | FILE_WRITE));
  uint32_t ball = 0;
  for (uint32_t turn = 1; turn <= TURNS; turn++) {
    if (mine == PONG || turn > 1) { /* ping serves */
      uint32_t seen = mine == PONG ? turn - 1 : turn - 2;
      long result = cvm_file_exchange(table, mine, theirs, seen, 0);
      if (result != -EAGAIN) need("exchange", result);
      need("read", cvm_file_read(table, theirs, &ball, sizeof ball));
    }
    ball = turn;
    need("write", cvm_file_write(table, mine, &ball, sizeof ball));
  }
  need("notify", cvm_file_notify(table, mine, 1));
  cvm_printf("%s: %u turns\n", name, ball);
  return 0;
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "writer")) return writer();
  if (isRole(argc, argv, "reader")) return reader();
  if (isRole(argc, argv, "ping")) return play("ping", PING, PONG);
  if (isRole(argc, argv, "pong")) return play("pong", PONG, PING);
  return 2;
}
