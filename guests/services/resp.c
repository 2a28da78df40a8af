#include "resp.h"

static size_t put(uint8_t *to, size_t at, const char *text) {
  while (*text != 0) to[at++] = (uint8_t)*text++;
  return at;
}

static size_t put_number(uint8_t *to, size_t at, size_t value) {
  uint8_t digits[20];
  size_t count = 0;
  do digits[count++] = (uint8_t)('0' + value % 10);
  while ((value /= 10) > 0);
  while (count > 0) to[at++] = digits[--count];
  return at;
}

size_t resp_request(uint8_t *to, enum operation operation, size_t value_bytes) {
  if (operation == GET) return put(to, 0, "*2\r\n$3\r\nGET\r\n$16\r\n" KEY "\r\n");
  size_t at = put(to, 0, "*3\r\n$3\r\nSET\r\n$16\r\n" KEY "\r\n$");
  at = put(to, put_number(to, at, value_bytes), "\r\n");
  value_fill(to + at, value_bytes);
  return put(to, at + value_bytes, "\r\n");
}

size_t http_request(uint8_t *to) {
  return put(to, 0, "GET /" KEY " HTTP/1.1\r\nHost: web\r\n\r\n");
}

/* Behind the decimal number at `at`: where it ends. */
static size_t read_number(const uint8_t *bytes, size_t at, size_t available, size_t *value) {
  *value = 0;
  for (; at < available && bytes[at] >= '0' && bytes[at] <= '9' && *value <= VALUE_MOST; at++) *value = *value * 10 + bytes[at] - '0';
  return at;
}

/* Behind the next "\r\n", or 0. */
static size_t end_of_line(const uint8_t *bytes, size_t at, size_t available) {
  for (; at + 1 < available; at++)
    if (bytes[at] == '\r' && bytes[at + 1] == '\n') return at + 2;
  return 0;
}

/* "$3\r\nabc\r\n" */
static int bulk_answer(const uint8_t *bytes, size_t available, struct answer *answer) {
  size_t length, at = read_number(bytes, 1, available, &length);
  if (at + 2 > available) return at > LINE_MOST ? -1 : 0;
  if (at == 1 || bytes[at] != '\r' || bytes[at + 1] != '\n' || length > VALUE_MOST) return -1;
  *answer = (struct answer){.size = at + 2 + length + 2, .value = at + 2, .value_bytes = length};
  return available >= answer->size;
}

int resp_answer(const uint8_t *bytes, size_t available, struct answer *answer) {
  if (available == 0) return 0;
  if (bytes[0] == '$') return bulk_answer(bytes, available, answer);
  size_t line = end_of_line(bytes, 0, available);
  if (bytes[0] != '+') return -1;
  if (line == 0) return available > LINE_MOST ? -1 : 0;
  *answer = (struct answer){.size = line};
  return 1;
}

static int begins(const uint8_t *bytes, size_t available, const char *text) {
  size_t at = 0;
  while (text[at] != 0 && at < available && bytes[at] == (uint8_t)text[at]) at++;
  return text[at] == 0;
}

/* Status line and headers; Content-Length says what follows the empty line. */
int http_answer(const uint8_t *bytes, size_t available, struct answer *answer) {
  size_t length = 0, next;
  for (size_t at = 0; (next = end_of_line(bytes, at, available)) != 0; at = next) {
    static const char header[] = "Content-Length: ";
    if (at == 0 && !begins(bytes, available, "HTTP/1.1 200 ")) return -1;
    if (begins(bytes + at, available - at, header)) read_number(bytes, at + sizeof header - 1, next, &length);
    if (length > VALUE_MOST) return -1;
    if (next - at > 2) continue;
    *answer = (struct answer){.size = next + length, .value = next, .value_bytes = length};
    return available >= answer->size;
  }
  return available > VALUE_MOST ? -1 : 0;
}

int is_expected(const uint8_t *bytes, const struct answer *answer, enum operation operation, size_t value_bytes) {
  if (operation == SET) return bytes[0] == '+' && answer->value_bytes == 0;
  return answer->value_bytes == value_bytes && value_is(bytes + answer->value, value_bytes);
}
