/* Example 6: CP_Call. `store` keeps texts and serves four verbs; `front` serves one that calls on; `client` calls both and
 * meets every error. A call runs on the caller's own thread: what it executes in the callee, the caller pays for. */
#include "example.h"

enum verb { PUT, GET, HANG, CRASH };
enum { STACK_BYTES = 4096, STACKS = 2, TEXT_LIMIT = 64 };

/* --- store: a service with values and a buffer ---------------------------------------------------------------------- */

static char kept[TEXT_LIMIT];
static size_t keptBytes;

/* Several callers may be in here at once, each on a stack of its own, and preempted anywhere: a service with shared state
 * takes a lock (example 3). This one is called by one at a time. */
static long store(long verb, long a1, long a2, long a3, size_t sizeBytes, long caller) {
  (void)a1, (void)a2, (void)a3, (void)caller;
  switch (verb) {
    case PUT:
      if (sizeBytes > TEXT_LIMIT) return -E2BIG; /* errors of our own: any negative errno */
      keptBytes = sizeBytes;
      return cvm_argument_read(0, kept, sizeBytes);
    case GET:
      if (sizeBytes < keptBytes) return -EINVAL;
      need("argument_write", cvm_argument_write(0, kept, keptBytes));
      return (long)keptBytes;
    case HANG:
      return cvm_sleep(1000000000);
    case CRASH:
      return *(volatile long *)0; /* the caller gets -ECANCELED; this cVM goes on */
    default:
      return -ENOSYS;
  }
}

/* --- front: calls on while it is called --------------------------------------------------------------------------- */

static long storeHandle;

/* How many letters `c` the store's text has. A handler that calls on has its caller's buffer no more (cvm_argument_...
 * answer -EREVOKED): it reads what it needs before, and what comes of the call goes back in the result. */
static long count(long c, long a1, long a2, long a3, size_t sizeBytes, long caller) {
  (void)a1, (void)a2, (void)a3, (void)sizeBytes, (void)caller;
  char text[TEXT_LIMIT];
  long found = 0, got = cvm_call(storeHandle, GET, 0, 0, 0, text, sizeof text);
  for (long i = 0; i < got; i++) found += text[i] == c;
  return got < 0 ? got : found;
}

/* --- both sides --------------------------------------------------------------------------------------------------- */

/* A handle to an entry as soon as its callee offers it. */
static long bind(const char *name) {
  long handle;
  while ((handle = cvm_call_bind(name)) == -EAGAIN) cvm_sleep(10000);
  return need(name, handle);
}

/* Offers an entry with stacks for calls to come in on. Its own thread may sleep, or do something else. */
static _Noreturn void serve(const char *name, cvm_call_handler handler) {
  static uint8_t stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));
  static const uint32_t never;
  need("offer", cvm_call_offer(name, handler, stacks, STACK_BYTES, STACKS));
  for (;;) cvm_block(&never, 0, 0);
}

static int client(void) {
  static char text[TEXT_LIMIT] = "capabilities all the way down", back[TEXT_LIMIT], large[2 * TEXT_LIMIT];
  long store = bind("store"), front = bind("count");

  /* A buffer for reading: the callee's stores into it would fault. */
  struct cvm_call put = {.arguments = {PUT}, .buffer = text, .sizeBytes = strlen(text) + 1, .readOnly = 1};
  need("put", cvm_call_with(store, &put));
  long got = need("get", cvm_call(store, GET, 0, 0, 0, back, sizeof back));
  cvm_printf("kept %ld bytes: %s\n", got, back);
  cvm_printf("it has %ld letters a\n", need("count", cvm_call(front, 'a', 0, 0, 0, NULL, 0)));

  cvm_printf("too large: %s\n", cvm_error_name(cvm_call(store, PUT, 0, 0, 0, large, sizeof large)));
  cvm_printf("unknown verb: %s\n", cvm_error_name(cvm_call(store, 99, 0, 0, 0, NULL, 0)));
  cvm_printf("a callee that crashes: %s\n", cvm_error_name(cvm_call(store, CRASH, 0, 0, 0, NULL, 0)));
  struct cvm_call hang = {.arguments = {HANG}, .nanoseconds = 1000000};
  cvm_printf("a callee that hangs: %s\n", cvm_error_name(cvm_call_with(store, &hang)));
  /* It writes what it may only read: its fault, our -ECANCELED. */
  struct cvm_call get = {.arguments = {GET}, .buffer = text, .sizeBytes = sizeof text, .readOnly = 1};
  cvm_printf("a callee that writes too much: %s\n", cvm_error_name(cvm_call_with(store, &get)));
  cvm_printf("not allowed: %s\n", cvm_error_name(cvm_call_bind("secret")));
  /* After all that it serves as before. */
  cvm_printf("still there: %ld\n", cvm_call(store, GET, 0, 0, 0, back, sizeof back));
  return 0;
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "store")) serve("store", store);
  if (isRole(argc, argv, "front")) {
    storeHandle = bind("store");
    serve("count", count);
  }
  if (isRole(argc, argv, "client")) return client();
  return 2;
}
