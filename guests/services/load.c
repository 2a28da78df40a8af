#include "load.h"

enum { WARM_UP = 4 }; /* a fourth of what is measured */

static int is(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

static unsigned long number(const char *text) {
  unsigned long value = 0;
  for (; *text >= '0' && *text <= '9' && value <= 1ul << 32; text++) value = value * 10 + (unsigned long)(*text - '0');
  return *text == 0 ? value : 0;
}

int load_parse(struct load *load, int argc, char **argv) {
  if (argc != 5) return 0;
  unsigned long bytes = number(argv[1]), pipeline = number(argv[2]), count = number(argv[3]), more = number(argv[4]);
  load->operation = is(argv[0], "set") ? SET : is(argv[0], "http") ? HTTP : GET;
  load->value_bytes = bytes;
  load->pipeline = (unsigned)pipeline;
  load->count = (unsigned)count;
  load->more = (unsigned)more;
  int is_known = load->operation != GET || is(argv[0], "get");
  return is_known && bytes > 0 && bytes <= VALUE_MOST && pipeline > 0 && pipeline <= PIPELINE_MOST && (count | more) < 1ul << 31;
}

static int ask_for(const struct load *load, unsigned count, load_ask ask) {
  int wrong = 0;
  for (unsigned done = 0; done < count && wrong == 0; done += load->pipeline) wrong = ask(load->operation, load->value_bytes, load->pipeline);
  return wrong;
}

int load_run(const struct load *load, load_ask ask, void (*mark)(void)) {
  int wrong = load->operation == HTTP ? 0 : ask(SET, load->value_bytes, 1);
  if (wrong == 0) wrong = ask_for(load, load->count / WARM_UP, ask);
  mark();
  mark();
  if (wrong == 0) wrong = ask_for(load, load->count, ask);
  mark();
  if (wrong == 0) wrong = ask_for(load, load->more, ask);
  mark();
  return wrong != 0 ? wrong : load->operation == HTTP ? 0 : ask(GET, load->value_bytes, 1);
}

void value_fill(uint8_t *value, size_t size) {
  for (size_t i = 0; i < size; i++) value[i] = value_at(i);
}

/* Its ends; all of it would cost more than getting it. */
int value_is(const uint8_t *value, size_t size) {
  return value[0] == value_at(0) && value[size - 1] == value_at(size - 1) && value[size / 2] == value_at(size / 2);
}
