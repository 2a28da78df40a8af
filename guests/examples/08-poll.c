/* Example 8: one thread, several streams. `collector` polls three of them: `steady` sends and closes, `burst` sends more than
 * the ring holds without ever waiting, `mortal` faults in the middle of its work. */
#include "example.h"

enum { SOURCES = 3, CAPACITY = 128, MILLISECOND = 1000000 };

static int steady(void) {
  long out = need("open", cvm_stream_open_send("steady"));
  for (int i = 0; i < 5; i++) {
    need("send", cvm_stream_send(out, "tick ", 5));
    cvm_sleep(MILLISECOND);
  }
  return 0;
}

static int burst(void) {
  static const char bytes[50];
  long out = need("open", cvm_stream_open_send("burst")), total = 0, sent;
  while (total < 1000) {
    /* Never waits: what does not fit is kept for later. */
    sent = cvm_stream_send_some(out, bytes, sizeof bytes, DO_NOT_WAIT);
    if (sent == -EAGAIN) {
      struct cvm_poll_item room = {.kind = POLL_SEND, .handle = (uint32_t)out};
      need("poll", cvm_poll(&room, 1, 0));
    } else total += need("send", sent);
  }
  cvm_printf("sent %ld bytes\n", total);
  return 0;
}

static int mortal(void) {
  long out = need("open", cvm_stream_open_send("mortal"));
  need("send", cvm_stream_send(out, "famous last words", 17));
  cvm_sleep(2 * MILLISECOND);
  return *(volatile int *)0;
}

static int collector(void) {
  static const char *const NAMES[SOURCES] = {"steady", "burst", "mortal"};
  static uint8_t rings[SOURCES][CAPACITY + RING_CONTROL] __attribute__((aligned(16)));
  struct cvm_poll_item items[SOURCES];
  long handles[SOURCES], totals[SOURCES] = {0};
  int source[SOURCES], open = SOURCES;
  for (int i = 0; i < SOURCES; i++) {
    handles[i] = need("open", cvm_stream_open_receive(NAMES[i], rings[i], sizeof rings[i]));
    source[i] = i;
  }
  while (open > 0) {
    for (int i = 0; i < open; i++) items[i] = cvm_poll_receive(handles[source[i]]);
    long ready = cvm_poll(items, (size_t)open, MILLISECOND / 2);
    if (ready == -ETIMEDOUT) continue; /* a chance to do something else */
    int at = source[need("poll", ready)];
    uint8_t bytes[64];
    long got = cvm_stream_receive(handles[at], bytes, sizeof bytes, DO_NOT_WAIT);
    if (got > 0) {
      totals[at] += got;
      continue;
    }
    /* What was sent before the end has all been received. */
    cvm_printf("%s: %ld bytes, then %s\n", NAMES[at], totals[at], got == 0 ? "end of file" : cvm_error_name(got));
    source[ready] = source[--open];
  }
  return 0;
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "steady")) return steady();
  if (isRole(argc, argv, "burst")) return burst();
  if (isRole(argc, argv, "mortal")) return mortal();
  if (isRole(argc, argv, "collector")) return collector();
  return 2;
}
