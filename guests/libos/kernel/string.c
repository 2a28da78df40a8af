/* Strings and formatted text, beyond what guests/lib has. */
#include "kernel/string.h"

/* Any address: the machine does not mind. */
typedef u64 __attribute__((aligned(1), may_alias)) any_u64;
typedef u32 __attribute__((aligned(1), may_alias)) any_u32;
enum { GRANULE = 16, LARGE = 256 };

static inline void copy_granule(u8 *to, const u8 *from) {
  u64 first = ((const any_u64 *)from)[0], second = ((const any_u64 *)from)[1];
  ((any_u64 *)to)[0] = first;
  ((any_u64 *)to)[1] = second;
}

/* Both ends by themselves, so that cvm_copy begins and ends at granules. */
static void *copy_large(u8 *to, const u8 *from, size_t bytes) {
  size_t head = -(uintptr_t)to % GRANULE;
  copy_granule(to, from);
  copy_granule(to + bytes - GRANULE, from + bytes - GRANULE);
  cvm_copy(to + head, from + head, round_down(bytes - head, GRANULE));
  return to;
}

/* The last granule or word overlaps the one before. */
void *copy_bytes(void *destination, const void *source, size_t bytes) {
  u8 *to = destination;
  const u8 *from = source;
  if (bytes >= LARGE) return copy_large(to, from, bytes);
  if (bytes >= GRANULE) {
    u8 *last = to + bytes - GRANULE;
    const u8 *from_last = from + bytes - GRANULE;
    for (; to < last; to += GRANULE, from += GRANULE) copy_granule(to, from);
    copy_granule(last, from_last);
  } else if (bytes >= 8) {
    u64 last = *(const any_u64 *)(from + bytes - 8);
    *(any_u64 *)to = *(const any_u64 *)from;
    *(any_u64 *)(to + bytes - 8) = last;
  } else if (bytes >= 4) {
    u32 last = *(const any_u32 *)(from + bytes - 4);
    *(any_u32 *)to = *(const any_u32 *)from;
    *(any_u32 *)(to + bytes - 4) = last;
  } else {
    while (bytes-- > 0) to[bytes] = from[bytes];
  }
  return destination;
}

size_t strnlen(const char *text, size_t limit) {
  size_t length = 0;
  while (length < limit && text[length] != 0) length++;
  return length;
}

int strncmp(const char *a, const char *b, size_t limit) {
  for (size_t i = 0; i < limit; i++) {
    if (a[i] != b[i]) return (u8)a[i] - (u8)b[i];
    if (a[i] == 0) return 0;
  }
  return 0;
}

char *strchr(const char *text, int character) {
  for (;; text++) {
    if (*text == (char)character) return (char *)text;
    if (*text == 0) return NULL;
  }
}

char *strrchr(const char *text, int character) {
  char *last = NULL;
  for (;; text++) {
    if (*text == (char)character) last = (char *)text;
    if (*text == 0) return last;
  }
}

size_t strlcpy(char *to, const char *from, size_t size) {
  size_t length = strlen(from);
  if (size == 0) return length;
  size_t copied = min(length, size - 1);
  memcpy(to, from, copied);
  to[copied] = 0;
  return length;
}

struct sink {
  char *to;
  size_t size, length;
};

static void put(struct sink *sink, char character) {
  if (sink->length + 1 < sink->size) sink->to[sink->length] = character;
  sink->length++;
}

static void put_number(struct sink *sink, u64 value, unsigned base, size_t width, char pad) {
  char digits[24];
  size_t count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  for (; width > count; width--) put(sink, pad);
  while (count > 0) put(sink, digits[--count]);
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments) {
  struct sink sink = {to, size, 0};
  for (; *format != 0; format++) {
    if (*format != '%') {
      put(&sink, *format);
      continue;
    }
    char pad = *++format == '0' ? '0' : ' ';
    size_t width = 0;
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + (size_t)(*format - '0');
    bool is_long = *format == 'l';
    if (is_long) format++;
    if (*format == 's') {
      for (const char *text = va_arg(arguments, const char *); *text != 0; text++) put(&sink, *text);
    } else if (*format == 'c') put(&sink, (char)va_arg(arguments, int));
    else if (*format == 'd') {
      s64 value = is_long ? va_arg(arguments, long) : va_arg(arguments, int);
      if (value < 0) put(&sink, '-');
      put_number(&sink, value < 0 ? -(u64)value : (u64)value, 10, width, pad);
    } else {
      u64 value = is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned);
      put_number(&sink, value, *format == 'x' ? 16 : *format == 'o' ? 8 : 10, width, pad);
    }
  }
  if (size > 0) to[min(sink.length, size - 1)] = 0;
  return (int)sink.length;
}

int snprintf(char *to, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(to, size, format, arguments);
  va_end(arguments);
  return length;
}
