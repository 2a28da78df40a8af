/* Hostile arguments: every hostcall there is, and some that are not, with a table of values in every place, then at
 * random. Each in a thread of its own, which may never come back. argv: an address of the victim, absolute; a seed, 0
 * for the table; how many at random. */
#include "attack.h"

#define STACKS 512
#define STACK_BYTES 256
#define LAST_HOSTCALL 72
#define MOST_STUCK 12 /* of one hostcall from the table */
#define PATIENCE 2000 /* nanoseconds */

static uint8_t stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));
static uint8_t buffer[8192] __attribute__((aligned(4096)));
#define NAMES 5
/* Far enough from each other and from everything else for hostcalls that write there. */
static char names[NAMES][512] __attribute__((aligned(512))) = {"guard", "board", "theirs", "out", "in"};
static const long lengths[NAMES] = {5, 5, 6, 3, 2};
static unsigned nextStack, answered, refusedCalls, stuck;
static long arguments[6], number, answer;
static uint32_t done;
static long values[32];
static unsigned valueCount;
static uint64_t state;

static void tell(void *unused) {
  (void)unused;
  long a[6];
  for (unsigned i = 0; i < 6; i++) a[i] = arguments[i];
  answer = cvm_hostcall(a[0], a[1], a[2], a[3], a[4], a[5], 0, number);
  done = 1;
  cvm_wake(&done, 1);
}

/* Where its threads end up that were started anywhere. */
static void gone(uint64_t cause, uint64_t value, uint64_t pc) {
  (void)cause, (void)value, (void)pc;
  cvm_thread_exit();
}

/* False: there is no room for more threads that do not come back. */
static int ask(void) {
  done = 0;
  long id = cvm_thread_create(tell, 0, stacks[nextStack], STACK_BYTES);
  if (id < 0) return 0;
  for (unsigned i = 0; i < 4 && done == 0; i++) cvm_block(&done, 0, PATIENCE);
  if (done == 0) {
    stuck++;
    nextStack++;
  } else if (answer < 0) refusedCalls++;
  else answered++;
  if (number == HOSTCALL_ON_FAULT) cvm_on_fault(gone);
  return nextStack < STACKS;
}

static const long *plausible(unsigned which) {
  static long sets[3 + NAMES][6];
  static struct cvm_poll_item items[2] __attribute__((aligned(16))) = {{POLL_FILE, 0, 0, 1, 0}, {POLL_RECEIVE, 1, 0, 0, 0}};
  long polled[6] = {(long)items, 2, 100, 0, 0, 0};
  long zero[6] = {0, 0, 0, 0, 0, 0}, bytes[6] = {(long)buffer, 64, 1, 1, 0, 0};
  long handle[6] = {0, (long)buffer, 64, 1, 0, 0}, named[6] = {(long)names[which % NAMES], lengths[which % NAMES], 1 + which % 2, (long)buffer, 4096 + 64, 1};
  for (unsigned i = 0; i < 6; i++) {
    sets[0][i] = number == HOSTCALL_POLL ? polled[i] : zero[i];
    sets[1][i] = bytes[i];
    sets[2][i] = handle[i];
    sets[which][i] = which > 2 ? named[i] : sets[which][i];
  }
  return sets[which];
}

static void byTable(void) {
  for (number = 0; number <= LAST_HOSTCALL; number++) {
    if (number == HOSTCALL_EXIT) continue;
    for (unsigned i = 0; i < 6; i++) arguments[i] = 0;
    if (!ask()) return;
    if (done != 0 && answer == -ENOSYS) continue;
    unsigned before = stuck;
    for (unsigned set = 0; set < 6; set++)
      for (unsigned at = 0; at < 6; at++)
        for (unsigned value = 0; value < valueCount && stuck < before + MOST_STUCK; value++) {
          for (unsigned i = 0; i < 6; i++) arguments[i] = plausible(set)[i];
          arguments[at] = values[value];
          if (!ask()) return;
        }
  }
}

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void atRandom(uint64_t count) {
  while (count-- > 0) {
    number = (long)(next() % (LAST_HOSTCALL + 1));
    for (unsigned i = 0; i < 6; i++) {
      uint64_t kind = next() % 8;
      arguments[i] = kind == 0 ? (long)next() : kind == 1 ? (long)(next() % 64) : values[next() % valueCount];
    }
    if (number == HOSTCALL_POLL) /* items of all kinds, in the buffer */
      for (unsigned i = 0; i < 64; i++) ((uint32_t *)(buffer + 4096 + 1024))[i] = (uint32_t)(next() % 3 == 0 ? next() : next() % 8);
    if (number == HOSTCALL_POLL) arguments[0] = (long)buffer + 4096 + 1024, arguments[1] = (long)(next() % 12);
    if (number != HOSTCALL_EXIT && !ask()) return;
  }
}

int main(int argc, char **argv) {
  if (valueCount > 0) cvm_thread_exit(); /* a thread that was started at the program's own beginning */
  long victim = argc > 0 ? (long)cvm_parse_number(argv[0]) : 0, end = own_base() + own_length() - own_origin();
  uint64_t seed = argc > 1 ? cvm_parse_number(argv[1]) : 0;
  const long table[] = {0, 1, 16, 31, 33, 64, 4096, 4097, -1, -16, (long)1 << 31, (long)1 << 32, (long)1 << 62,
                        (long)1 << 63, (long)0x7fffffffffffffff, victim, victim - own_origin(), (long)cvm_boot_page,
                        (long)cvm_boot_page + SLOT_SIZE * CLIST_SLOTS - 1, (long)cvm_boot_page - 8, 0x1000,
                        (long)buffer, (long)buffer + 1, (long)names[0], (long)names[1], (long)names[3], end, end - 8};
  for (unsigned i = 0; i < sizeof table / sizeof *table; i++) values[valueCount++] = table[i];
  cvm_on_fault(gone);
  for (unsigned i = 0; i < 4; i++) cvm_hostcall((long)names[1 + i], lengths[1 + i], 1, 0, 0, 0, 0, HOSTCALL_FILE_OPEN);
  cvm_stream_open_send("out");
  cvm_stream_open_receive("in", buffer, 4096 + RING_CONTROL);
  if (seed == 0) byTable();
  else {
    state = seed;
    atRandom(argc > 2 ? cvm_parse_number(argv[2]) : 1000);
  }
  cvm_printf("hostcalls: answered %u refused %u stuck %u\n", answered, refusedCalls, stuck);
  attack_end();
  cvm_exit(0);
}
