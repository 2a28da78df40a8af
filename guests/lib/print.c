/* Formatted output to the cVM's console, a line at a time. */
#include <stdarg.h>
#include "cvm.h"

struct output {
  size_t used;
  char bytes[256];
};

static void flush(struct output *out) {
  if (out->used > 0) cvm_write(out->bytes, out->used);
  out->used = 0;
}

static void put(struct output *out, char c) {
  if (out->used == sizeof out->bytes) flush(out);
  out->bytes[out->used++] = c;
}

static void putNumber(struct output *out, uint64_t value, unsigned base, unsigned width, char pad) {
  char digits[24];
  unsigned count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (width > count) put(out, pad), width--;
  while (count > 0) put(out, digits[--count]);
}

static void putSigned(struct output *out, int64_t value, unsigned width, char pad) {
  if (value < 0) put(out, '-');
  putNumber(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, pad);
}

static void putText(struct output *out, const char *text, unsigned width) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++) put(out, text[i]);
  for (; length < width; length++) put(out, ' ');
}

void cvm_print(const char *text) {
  cvm_write(text, strlen(text));
}

void cvm_printf(const char *format, ...) {
  struct output out;
  va_list values;
  out.used = 0;
  va_start(values, format);
  for (const char *at = format; *at != 0; at++) {
    if (*at != '%') {
      put(&out, *at);
      continue;
    }
    char pad = ' ';
    unsigned width = 0, isLong = 0;
    if (*++at == '0') pad = '0';
    for (; *at >= '0' && *at <= '9'; at++) width = width * 10 + (unsigned)(*at - '0');
    for (; *at == 'l'; at++) isLong = 1;
    switch (*at) {
      case 's': putText(&out, va_arg(values, const char *), width); break;
      case 'c': put(&out, (char)va_arg(values, int)); break;
      case 'd': putSigned(&out, isLong ? va_arg(values, int64_t) : va_arg(values, int), width, pad); break;
      case 'u': putNumber(&out, isLong ? va_arg(values, uint64_t) : va_arg(values, unsigned), 10, width, pad); break;
      case 'x': putNumber(&out, isLong ? va_arg(values, uint64_t) : va_arg(values, unsigned), 16, width, pad); break;
      case 'p': putText(&out, "0x", 0), putNumber(&out, va_arg(values, uint64_t), 16, 0, ' '); break;
      default: put(&out, *at); break;
    }
  }
  va_end(values);
  flush(&out);
}
