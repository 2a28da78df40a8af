/* A program for the monitor's tests: does what its arguments say, one verb after the other, and prints the results. */
#include "cvm.h"

static uint8_t arena[160 * 1024] __attribute__((aligned(4096)));
static uint32_t turns, word;
static volatile uint32_t finished;
static uint8_t stacks[8][4096] __attribute__((aligned(16)));
static int argumentCount, nextArgument;
static char **arguments;

extern uint8_t cvm_boot_page[];
static int act(const char *verb);

static const char *text(void) {
  return nextArgument < argumentCount ? arguments[nextArgument++] : "";
}

static uint64_t number(void) {
  return cvm_parse_number(text());
}

/* The byte that belongs at a position of a test stream. */
static uint8_t pattern(uint64_t position) {
  return (uint8_t)(position * 167 + (position >> 8) * 13 + (position >> 16));
}

/* hostcall NUMBER A0 A1 A2 A3: any, with any arguments. */
static void doHostcall(void) {
  long nr = (long)number(), a0 = (long)number(), a1 = (long)number(), a2 = (long)number(), a3 = (long)number();
  cvm_printf("hostcall %ld: %ld\n", nr, cvm_hostcall(a0, a1, a2, a3, 0, 0, 0, nr));
}

/* A number, @TEXT the address of this text, &N a place in the arena, ^N in the boot page, !N in the program's text. */
static long argument(void) {
  const char *given = text();
  uint64_t rest = given[0] == '\0' ? 0 : cvm_parse_number(given + 1);
  switch (given[0]) {
    case '@': return (long)(given + 1);
    case '&': return (long)(arena + rest);
    case '^': return (long)(cvm_boot_page + rest);
    case '!': return (long)((uint8_t *)act + rest);
    default: return (long)cvm_parse_number(given);
  }
}

/* ask NUMBER A0 .. A5: a hostcall whose arguments may be places. */
static void doAsk(void) {
  long nr = (long)number(), a[6];
  for (unsigned i = 0; i < 6; i++) a[i] = argument();
  cvm_printf("ask %ld: %ld\n", nr, cvm_hostcall(a[0], a[1], a[2], a[3], a[4], a[5], 0, nr));
}

/* item KIND HANDLE PLACE EXPECTED: one more for a poll, from 4096 on in the arena. */
static void doItem(void) {
  static unsigned count;
  struct cvm_poll_item *item = (struct cvm_poll_item *)(arena + 4096) + count++;
  *item = (struct cvm_poll_item){.kind = (uint32_t)number(), .handle = (uint32_t)number()};
  item->place = (uint64_t)argument();
  item->expected = (uint32_t)number();
}

/* crowd NAME SIZE N: a second thread sends large pieces, this one small ones, and counts its answers. */
long cvm_stream_put(const void *bytes, size_t sizeBytes, long handle);
static void sendLarge(void *handle) {
  for (unsigned i = 0; i < 20; i++) cvm_stream_put(arena, 16384, (long)handle);
}
static void doCrowd(void) {
  long handle = cvm_stream_open_send(text());
  uint64_t size = number(), sent = 0, busy = 0, full = 0;
  cvm_thread_create(sendLarge, (void *)handle, stacks[0], sizeof stacks[0]);
  for (uint64_t n = number(); n > 0; n--) {
    long result = cvm_stream_put(arena, size, handle);
    sent += result > 0, busy += result == -EBUSY, full += result == -EAGAIN;
    if (result < 0) cvm_yield();
  }
  cvm_printf("crowd: %lu sent, %lu busy, %lu full\n", sent, busy, full);
}

/* send NAME TOTAL PIECE SHIFT: TOTAL bytes of the pattern, PIECE at a time, from addresses that are SHIFT past 16. */
static void doSend(void) {
  long handle = cvm_stream_open_send(text());
  uint64_t total = number(), piece = number(), shift = number(), at = 0;
  long result = handle;
  while (result >= 0 && at < total) {
    uint64_t size = total - at < piece ? total - at : piece;
    for (uint64_t i = 0; i < size; i++) arena[shift + i] = pattern(at + i);
    result = cvm_stream_send(handle, arena + shift, size);
    at += size;
  }
  cvm_printf("send: %ld\n", result < 0 ? result : (long)at);
  if (handle >= 0) cvm_printf("close: %ld\n", cvm_stream_close(handle));
}

/* receive NAME CAPACITY SHIFT PIECE: everything, through a ring at the arena's start, copied out to SHIFT past its end, at
 * most PIECE at a time, and compared with the pattern. */
static void doReceive(void) {
  const char *name = text();
  uint64_t capacity = number(), shift = number(), piece = number(), total = 0, wrong = 0;
  long handle = cvm_stream_open_receive(name, arena, capacity + RING_CONTROL);
  uint8_t *copy = arena + capacity + RING_CONTROL + shift;
  long got = handle;
  while (got >= 0 && (got = cvm_stream_receive(handle, copy, piece, 0)) > 0) {
    for (long i = 0; i < got; i++) wrong += copy[i] != pattern(total + (uint64_t)i);
    total += (uint64_t)got;
  }
  cvm_printf("receive: %lu bytes, %lu wrong, end %ld\n", total, wrong, got);
}

/* put NAME ADDRESS SIZE N: sends what lies there N times without waiting. */
static void doPut(void) {
  long handle = cvm_stream_open_send(text());
  const void *bytes = (const void *)number();
  uint64_t size = number();
  for (uint64_t n = number(); n > 0; n--) cvm_printf("put: %ld\n", cvm_stream_send_some(handle, bytes, size, DO_NOT_WAIT));
}

/* listen NAME CAPACITY NANOSECONDS: opens a ring, spoils head and tail if asked to, waits once. */
static void doListen(void) {
  const char *name = text();
  uint64_t capacity = number();
  long handle = cvm_stream_open_receive(name, arena, capacity + RING_CONTROL);
  uint64_t nanoseconds = number();
  cvm_printf("listen: %ld\n", handle);
  if (handle >= 0) cvm_printf("wait: %ld\n", cvm_stream_wait(handle, nanoseconds));
}

/* spoil CAPACITY HEAD TAIL: writes what it likes into its ring's control. */
static void doSpoil(void) {
  volatile uint64_t *control = (volatile uint64_t *)(arena + number());
  control[0] = number();
  control[1] = number();
}

/* lend NAME SIZE NANOSECONDS: lends the pattern, waits for its return. */
static void doLend(void) {
  long handle = cvm_stream_open_send(text());
  uint64_t size = number(), nanoseconds = number();
  for (uint64_t i = 0; i < size; i++) arena[i] = pattern(i);
  long loan;
  while ((loan = cvm_loan_lend(handle, arena, size)) == -EAGAIN) cvm_yield();
  cvm_printf("lend: %ld\n", loan);
  if (loan < 0) return;
  cvm_printf("returned: %ld\n", cvm_loan_wait(handle, loan, nanoseconds));
  cvm_printf("recall: %ld\n", cvm_loan_recall(handle, loan));
}

/* borrow NAME N: opens a ring, borrows once, reads the loan N times, returns it. */
static void doBorrow(void) {
  static uint8_t ring[64 + RING_CONTROL] __attribute__((aligned(16)));
  long handle = cvm_stream_open_receive(text(), ring, sizeof ring);
  long loan = cvm_loan_borrow(handle, 0), result = loan;
  uint64_t wrong = 0;
  cvm_printf("borrow: %ld of %ld bytes\n", loan, cvm_file_size(loan));
  for (uint64_t n = number(); n > 0 && result >= 0; n--) {
    result = cvm_file_read(loan, 0, arena, sizeof arena);
    for (long i = 0; i < result; i++) wrong += arena[i] != pattern((uint64_t)i);
  }
  cvm_printf("read: %ld, %lu wrong\n", result, wrong);
  cvm_printf("return: %ld\n", cvm_file_close(loan));
  cvm_printf("again: %ld\n", cvm_file_read(loan, 0, arena, 16));
}

static long fileHandle = -1;

/* open NAME RIGHTS */
static void doOpen(void) {
  const char *name = text();
  uint64_t rights = number();
  fileHandle = cvm_file_open(name, (int)rights);
  cvm_printf("open: %ld, size %ld\n", fileHandle, cvm_file_size(fileHandle));
}

/* write OFFSET SIZE FROM: the pattern from FROM on. */
static void doWrite(void) {
  uint64_t offset = number(), size = number(), from = number();
  for (uint64_t i = 0; i < size; i++) arena[i] = pattern(from + i);
  cvm_printf("write: %ld\n", cvm_file_write(fileHandle, offset, arena, size));
}

/* read OFFSET SIZE FROM N: N times, compared with the pattern from FROM on. */
static void doRead(void) {
  uint64_t offset = number(), size = number(), from = number(), wrong = 0;
  long result = 0;
  for (uint64_t n = number(); n > 0 && result >= 0; n--) result = cvm_file_read(fileHandle, offset, arena, size);
  for (long i = 0; i < result; i++) wrong += arena[i] != pattern(from + (uint64_t)i);
  cvm_printf("read: %ld, %lu wrong\n", result, wrong);
}

/* word HANDLE OFFSET, put-word HANDLE OFFSET VALUE: of a file. */
static void doWord(int isStore) {
  long handle = (long)number();
  size_t offset = number();
  cvm_printf("word: %ld\n", isStore ? cvm_file_store(handle, offset, (uint32_t)number()) : cvm_file_load(handle, offset));
}

static void threadMain(void *argument) {
  for (unsigned i = 0; i < 100; i++) {
    __atomic_fetch_add(&turns, 1, __ATOMIC_RELAXED);
    if (i % 10 == 0) cvm_yield();
  }
  cvm_printf("thread %lu done\n", (uint64_t)argument);
  __atomic_fetch_add(&finished, 1, __ATOMIC_RELAXED);
  cvm_wake(&word, 1);
}

/* threads N: that many at work beside this one. */
static void doThreads(void) {
  uint64_t count = number();
  for (uint64_t i = 0; i < count; i++) {
    long id = cvm_thread_create(threadMain, (void *)i, stacks[i], sizeof stacks[i]);
    if (id < 0) cvm_printf("thread_create: %ld\n", id);
  }
  while (finished < count) cvm_block(&word, 0, 1000000);
  cvm_printf("turns %u\n", turns);
}

static long callHandle = -1;
static uint8_t callStacks[5][2048] __attribute__((aligned(16)));

/* What the entry does is the first argument. */
static long serve(long verb, long x, long y, long z, size_t size, long caller) {
  uint64_t local[8] = {0};
  switch (verb) {
    case 0: return x + y + z + caller * 1000 + (long)size * 1000000;
    case 1: return *(volatile long *)(x + 8);
    case 2: for (;;) __asm__ volatile("");
    case 3: cvm_exit((int)x);
    case 4: {
      long sum = 0;
      cvm_argument_read(0, local, size < sizeof local ? size : sizeof local);
      for (size_t i = 0; i < size && i < sizeof local; i++) sum += ((uint8_t *)local)[i];
      return sum;
    }
    case 5:
      for (unsigned i = 0; i < sizeof local; i++) ((uint8_t *)local)[i] = (uint8_t)(x + i);
      cvm_argument_write(0, local, size < sizeof local ? size : sizeof local);
      return 0;
    case 6: return cvm_argument_read(size - 4, local, 5);
    case 7: return cvm_sleep((uint64_t)x);
    case 8: return cvm_call(callHandle, x, y, z, 0, arena, 0) + 1;
    case 9: return cvm_hostcall(0, 0, 0, 0, 0, 0, 0, HOSTCALL_THREAD_EXIT);
    case 10: __asm__ volatile("li sp, 16"); return 0;
    case 11: return cvm_block(&word, 0, 0);
    case 14: return cvm_call(callHandle, verb, 0, 0, 0, arena, 0) + 1;
    case 13: return cvm_call_with(callHandle, &(struct cvm_call){.arguments = {x}, .nanoseconds = (uint64_t)y});
    case 12: cvm_argument_read(0, local, sizeof local); return 0;
    case 15: cvm_call(callHandle, 0, 0, 0, 0, NULL, 0); return cvm_argument_read(0, local, 1);
    default: return -1;
  }
}

/* offer NAME COUNT: an entry with that many stacks. */
static void doOffer(void) {
  const char *name = text();
  cvm_printf("offer: %ld\n", cvm_call_offer(name, serve, callStacks, sizeof callStacks[0], number()));
}

/* bind NAME: until it is offered. */
static void doBind(void) {
  const char *name = text();
  while ((callHandle = cvm_call_bind(name)) == -EAGAIN) cvm_yield();
  cvm_printf("bind: %ld\n", callHandle);
}

/* call VERB X Y Z SIZE: the buffer is the arena's beginning, bytes 1, 2, 3, ... */
static void doCall(void) {
  long verb = (long)number(), x = (long)number(), y = (long)number(), z = (long)number();
  uint64_t size = number(), before = cvm_instructions();
  long result = cvm_call(callHandle, verb, x, y, z, arena, size);
  uint64_t instructions = cvm_instructions() - before;
  cvm_printf("call %ld: %ld\n", verb, result);
  if (verb == 12) cvm_printf("instructions %lu\n", instructions);
}

/* call-within NANOSECONDS READONLY VERB X Y SIZE: with a time-out. */
static void doCallWithin(void) {
  struct cvm_call call = {.buffer = arena};
  call.nanoseconds = number();
  call.readOnly = (int)number();
  for (unsigned i = 0; i < 3; i++) call.arguments[i] = (long)number();
  call.sizeBytes = number();
  long result = cvm_call_with(callHandle, &call);
  cvm_printf("call %ld: %ld\n", call.arguments[0], result);
}

static void callForEver(void *argument) {
  for (;;) cvm_call(callHandle, 0, (long)argument, 0, 0, arena, 0);
}

static uint64_t faultCause;
static void onFault(uint64_t cause, uint64_t value, uint64_t pc) {
  faultCause = cause;
  cvm_printf("handler: cause %lu value 0x%lx pc 0x%lx\n", cause, value, pc);
  cvm_exit(42);
}

__attribute__((noinline)) static void doFault(void) {
  const char *kind = text();
  if (strcmp(kind, "load") == 0) (void)*(volatile uint8_t *)0;
  if (strcmp(kind, "store") == 0) *(volatile uint8_t *)0x7fffffff = 1;
  if (strcmp(kind, "ecall") == 0) __asm__ volatile("ecall");
  if (strcmp(kind, "illegal") == 0) __asm__ volatile(".word 0xffffffff");
  if (strcmp(kind, "jump") == 0) ((void (*)(void))0x7ffffff0)();
  if (strcmp(kind, "stack") == 0) {
    __asm__ volatile("li sp, 8\n\tsd zero, 0(sp)");
  }
}

static void fill(uint8_t value, uint64_t from, uint64_t to) {
  for (uint64_t i = from; i < to; i++) ((volatile uint8_t *)arena)[i] = value;
}

static int act(const char *verb) {
  if (strcmp(verb, "hostcall") == 0) doHostcall();
  else if (strcmp(verb, "ask") == 0) doAsk();
  else if (strcmp(verb, "item") == 0) doItem();
  else if (strcmp(verb, "crowd") == 0) doCrowd();
  else if (strcmp(verb, "send") == 0) doSend();
  else if (strcmp(verb, "receive") == 0) doReceive();
  else if (strcmp(verb, "put") == 0) doPut();
  else if (strcmp(verb, "listen") == 0) doListen();
  else if (strcmp(verb, "spoil") == 0) doSpoil();
  else if (strcmp(verb, "lend") == 0) doLend();
  else if (strcmp(verb, "borrow") == 0) doBorrow();
  else if (strcmp(verb, "advertise") == 0) cvm_printf("advertise: %ld\n", cvm_file_advertise(text(), arena, number()));
  else if (strcmp(verb, "unadvertise") == 0) cvm_printf("revoke: %ld\n", cvm_file_revoke(text()));
  else if (strcmp(verb, "open") == 0) doOpen();
  else if (strcmp(verb, "close") == 0) cvm_printf("close: %ld\n", cvm_file_close(fileHandle));
  else if (strcmp(verb, "write") == 0) doWrite();
  else if (strcmp(verb, "read") == 0) doRead();
  else if (strcmp(verb, "word") == 0) doWord(0);
  else if (strcmp(verb, "put-word") == 0) doWord(1);
  else if (strcmp(verb, "await") == 0) {
    uint64_t offset = number(), expected = number();
    cvm_printf("await: %ld\n", cvm_file_wait(fileHandle, offset, (uint32_t)expected, number()));
  } else if (strcmp(verb, "notify") == 0) cvm_printf("notify: %ld\n", cvm_file_notify(fileHandle, number(), 1));
  else if (strcmp(verb, "offer") == 0) doOffer();
  else if (strcmp(verb, "bind") == 0) doBind();
  else if (strcmp(verb, "call") == 0) doCall();
  else if (strcmp(verb, "call-within") == 0) doCallWithin();
  else if (strcmp(verb, "hammer") == 0) cvm_thread_create(callForEver, (void *)1, stacks[number()], sizeof stacks[0]);
  else if (strcmp(verb, "rise") == 0) for (unsigned i = 0; i < 256; i++) arena[i] = (uint8_t)(i + 1);
  else if (strcmp(verb, "show") == 0) cvm_printf("arena %02x %02x %02x\n", arena[0], arena[1], arena[63]);
  else if (strcmp(verb, "return") == 0) {
    extern void cvm_call_entry(void);
    ((void (*)(void))((char *)cvm_call_entry + 20))();
  } else if (strcmp(verb, "threads") == 0) doThreads();
  else if (strcmp(verb, "handler") == 0) cvm_on_fault(onFault);
  else if (strcmp(verb, "fault") == 0) doFault();
  else if (strcmp(verb, "sleep") == 0) cvm_printf("sleep: %ld, time %lu\n", cvm_sleep(number()), cvm_time());
  else if (strcmp(verb, "block") == 0) cvm_printf("block: %ld\n", cvm_block(&word, (uint32_t)number(), number()));
  else if (strcmp(verb, "entropy") == 0) cvm_entropy(arena, 8), cvm_printf("entropy %016lx\n", *(uint64_t *)arena);
  else if (strcmp(verb, "fill") == 0) fill((uint8_t)number(), 0, sizeof arena), cvm_printf("filled\n");
  else if (strcmp(verb, "spin") == 0) for (;;) __asm__ volatile("");
  else if (strcmp(verb, "wfi") == 0) for (;;) __asm__ volatile("wfi");
  else if (strcmp(verb, "print") == 0) cvm_printf("%s\n", text());
  else if (strcmp(verb, "float") == 0) {
    uint64_t bits = 0;
    __asm__ volatile(".insn r 0x53, 0, 0x71, %0, x1, x0" : "=r"(bits)); /* fmv.x.d %0, f1 */
    cvm_printf("f1 %lx\n", bits);
    __asm__ volatile(".insn r 0x53, 0, 0x79, x1, %0, x0" : : "r"(number())); /* fmv.d.x f1, %0 */
  } else if (strcmp(verb, "exit") == 0) cvm_exit((int)number());
  else return cvm_printf("unknown verb %s\n", verb), 0;
  return 1;
}

int main(int argc, char **argv) {
  argumentCount = argc;
  arguments = argv;
  while (nextArgument < argumentCount)
    if (!act(text())) return 99;
  return 0;
}
