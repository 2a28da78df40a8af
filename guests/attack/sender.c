/* A hostile sender of "prey": sources that are not its own, sizes beyond everything, capabilities in the data, changes
 * to what was sent. An accomplice listens at the other end and looks. argv: "send", an address of the victim; or
 * "listen". */
#include "attack.h"

#define CAPACITY 1024

long cvm_stream_put(const void *bytes, size_t sizeBytes, long handle);
long cross(struct registers *found, long codeSlot, long dataSlot, long filling, long a7);
long hold_pair(long slot, long number, long handle);
long tag_at(const uint8_t *);

static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(64)));
static uint8_t letter[64] __attribute__((aligned(64))), copy[CAPACITY] __attribute__((aligned(64)));
static uint8_t stack[1024] __attribute__((aligned(16)));
static struct registers found;
static volatile uint32_t stop;
static long handle;

static void flip(void *unused) {
  (void)unused;
  for (uint8_t i = 0; !stop; i++) memset(letter, i, sizeof letter);
}

static void put(const char *name, const void *bytes, long size) {
  announce(name);
  result(cvm_stream_put(bytes, (size_t)size, handle));
}

/* Everything that comes: tags among it, and whether it is still the same a little later. */
static void listen(void) {
  long tags = 0, changed = 0, total = 0, got;
  handle = cvm_stream_open_receive("prey", ring, sizeof ring);
  while ((got = cvm_stream_wait(handle, 0)) > 0) {
    size_t size;
    const uint8_t *bytes = cvm_stream_peek(handle, &size);
    memcpy(copy, bytes, size);
    for (size_t i = 0; i < CAPACITY; i += 16) tags += tag_at(ring + i);
    cvm_sleep(700);
    changed += memcmp(copy, bytes, size) != 0;
    total += (long)size;
    cvm_stream_consume(handle, size);
  }
  cvm_printf("listen: tags %ld changed %ld end %ld some %d\n", tags, changed, got, total > 2000);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    listen();
    return 0;
  }
  long victim = (long)cvm_parse_number(argv[1]) - own_origin(), end = own_base() + own_length() - own_origin();
  attack_begin();
  handle = cvm_stream_open_send("prey");
  while (cvm_stream_put(letter, 1, handle) == -EAGAIN) cvm_yield();
  put("send the victim's memory", (void *)victim, 64);
  put("send by the victim's absolute address", (void *)(victim + own_origin()), 64);
  put("send what follows its memory", (void *)end, 16);
  put("send across the end of its memory", (void *)(end - 8), 16);
  put("send across the beginning of its memory", (void *)((uintptr_t)cvm_boot_page - 8), 16);
  put("send its text", (void *)0x1000, 64);
  put("send from an address that wraps around", (void *)-8, 64);
  put("send everything there is", (void *)0, -1);
  put("send what a sealed record has", (void *)(0x80001000 - own_origin()), 64);
  put("send nothing", letter, 0);
  put("send its c-list, capabilities and all", cvm_boot_page, 256);
  announce("find the switcher's capabilities after a send");
  cross(&found, SLOT_STREAM + 2 * handle, SLOT_STREAM + 2 * handle + 1, 1, 0);
  long count = 0;
  for (unsigned i = 5; i < 32; i++) count += found.tag[i] != 0 && i != 6 && i != 8 && i != 9 && (i < 18 || i > 27);
  result(count);
  announce("change what was sent");
  cvm_thread_create(flip, 0, stack, sizeof stack);
  count = 0;
  for (unsigned i = 0; i < 300; i++) {
    long sent = cvm_stream_send_some(handle, letter, sizeof letter, 0);
    count += sent <= 0 || sent > (long)sizeof letter;
  }
  stop = 1;
  result(count);
  announce("send through a pair kept after the stream was closed");
  long slot = SLOT_STREAM + 2 * handle;
  if (survives((probe)hold_pair, slot, HOSTCALL_STREAM_CLOSE, handle)) result(try_result);
  announce("send on a closed stream");
  result(cvm_stream_put(letter, 16, handle));
  attack_end();
  cvm_exit(0);
}
