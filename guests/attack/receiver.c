/* A hostile receiver of "post": rings where none may be, then a ring between two walls whose head and tail it changes
 * while the honest sender sends. argv: an address of the victim, absolute; rounds. */
#include "attack.h"

#define CAPACITY 1024

static struct {
  uint8_t before[1024], ring[CAPACITY + RING_CONTROL], after[1024];
} room __attribute__((aligned(4096)));
static uint8_t stack[1024] __attribute__((aligned(16)));
static volatile uint32_t stop;

static void openRing(const char *name, long address, long size) {
  announce(name);
  result(cvm_hostcall((long)"post", 4, STREAM_RECEIVE, address, size, 0, 0, HOSTCALL_STREAM_OPEN));
}

static uint64_t random64(void) {
  static uint64_t state = 0x9e3779b97f4a7c15;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static volatile uint64_t *control(unsigned offset) {
  return (volatile uint64_t *)(room.ring + CAPACITY + offset);
}

/* Everything but the ring is as it was. */
static long damage(void) {
  long wrong = 0;
  for (unsigned i = 0; i < sizeof room.before; i++) wrong += room.before[i] != 0x33 || room.after[i] != 0x33;
  return wrong;
}

static void spoil(void *unused) {
  static const uint64_t odd[] = {0, 1, 15, 16, CAPACITY - 1, CAPACITY, CAPACITY + 1, ~0ul, 1ul << 63, ~0ul - CAPACITY};
  (void)unused;
  while (!stop) {
    uint64_t kind = random64() % 4;
    uint64_t head = kind == 0 ? random64() : odd[random64() % 10], tail = kind == 1 ? random64() : head - odd[random64() % 10];
    *control(RING_HEAD) = head;
    *control(RING_TAIL) = tail;
    if (kind == 3) *control(RING_STATE) = random64();
    for (unsigned i = 0; i < (unsigned)(random64() % 64); i++) __asm__ volatile("");
  }
  stop = 2;
  cvm_wake((const uint32_t *)&stop, 1);
}

int main(int argc, char **argv) {
  long victim = argc > 0 ? (long)cvm_parse_number(argv[0]) - own_origin() : 0, ring = (long)room.ring;
  uint64_t rounds = argc > 1 ? cvm_parse_number(argv[1]) : 10;
  attack_begin();
  openRing("a ring in the victim", victim & -64, CAPACITY + RING_CONTROL);
  openRing("a ring over its c-list", (long)cvm_boot_page, CAPACITY + RING_CONTROL);
  openRing("a ring that begins in its c-list", (long)cvm_boot_page + SLOT_SIZE * CLIST_SLOTS - 16, CAPACITY + RING_CONTROL);
  openRing("a ring across the end of its memory", own_base() + own_length() - own_origin() - 512, CAPACITY + RING_CONTROL);
  openRing("a ring in its text", 0x1000, CAPACITY + RING_CONTROL);
  openRing("a ring that wraps around", -64, CAPACITY + RING_CONTROL);
  openRing("a ring of no size", ring, 0);
  openRing("a ring of nothing but control", ring, RING_CONTROL);
  openRing("a ring of everything", ring, -1);
  openRing("a ring that is no power of two", ring, CAPACITY + RING_CONTROL + 16);
  openRing("a ring at an odd place", ring + 8, CAPACITY + RING_CONTROL);
  memset(&room, 0x33, sizeof room);
  announce("head and tail that make no sense, while it is sent to");
  long handle = cvm_stream_open_receive("post", room.ring, sizeof room.ring);
  cvm_thread_create(spoil, 0, stack, sizeof stack);
  for (uint64_t i = 0; i < rounds; i++) cvm_sleep(3000);
  stop = 1;
  while (stop == 1) cvm_block((const uint32_t *)&stop, 1, 0);
  result(handle < 0 ? handle : damage());
  announce("a ring closed and opened again in the middle");
  for (uint64_t i = 0; i < rounds; i++) {
    cvm_stream_close(handle);
    cvm_hostcall((long)"post", 4, STREAM_RECEIVE, ring, (i % 2 ? 64 : CAPACITY) + RING_CONTROL, 0, 0, HOSTCALL_STREAM_OPEN);
    cvm_sleep(500);
  }
  result(damage());
  attack_end();
  cvm_exit(0);
}
