/* A blend of what embedded programs do (the blend that well-known core benchmarks chose, in code of our own): linked
 * lists searched, reversed and merge-sorted, small integer matrices, a scanner of numbers as a state machine, and a
 * CRC-16 over every result. */
#include "bench.h"

const char bench_name[] = "mix";
const uint64_t bench_default_iterations = 40;
const uint64_t bench_expected = 0x161au;

static uint16_t crc16Byte(uint16_t crc, uint8_t byte) {
  for (int bit = 0; bit < 8; bit++) {
    uint16_t carry = (crc ^ byte) & 1;
    crc >>= 1;
    if (carry) crc ^= 0xa001;
    byte >>= 1;
  }
  return crc;
}

static uint16_t crc16Word(uint16_t crc, uint32_t word) {
  crc = crc16Byte(crc, (uint8_t)word);
  return crc16Byte(crc, (uint8_t)(word >> 8));
}

/* ---- lists ---- */

enum { ITEMS = 120 };
struct item {
  struct item *next;
  int16_t key;
  int16_t data;
};
static struct item items[ITEMS];

static struct item *buildList(uint64_t *random) {
  for (int n = 0; n < ITEMS; n++) {
    items[n].next = n + 1 < ITEMS ? &items[n + 1] : NULL;
    items[n].key = (int16_t)(nextRandom(random) >> 49);
    items[n].data = (int16_t)n;
  }
  return items;
}

static struct item *reverseList(struct item *list) {
  struct item *reversed = NULL;
  while (list != NULL) {
    struct item *next = list->next;
    list->next = reversed;
    reversed = list;
    list = next;
  }
  return reversed;
}

static struct item *findItem(struct item *list, int16_t data) {
  while (list != NULL && list->data != data) list = list->next;
  return list;
}

typedef int (*compareItems)(const struct item *, const struct item *);
static int byKey(const struct item *a, const struct item *b) { return a->key - b->key; }
static int byData(const struct item *a, const struct item *b) { return a->data - b->data; }

/* Bottom-up merge sort: runs of 1, 2, 4 … merged until one is left. */
static struct item *sortList(struct item *list, compareItems compare) {
  for (int run = 1;; run *= 2) {
    struct item *rest = list, *sorted = NULL, **tail = &sorted;
    int merges = 0;
    while (rest != NULL) {
      struct item *a = rest, *b = rest;
      int countA = 0, countB = run;
      merges++;
      while (countA < run && b != NULL) b = b->next, countA++;
      while (countA > 0 || (countB > 0 && b != NULL)) {
        int takeB = countA == 0 || (countB > 0 && b != NULL && compare(a, b) > 0);
        struct item **from = takeB ? &b : &a;
        takeB ? countB-- : countA--;
        *tail = *from;
        tail = &(*from)->next;
        *from = (*from)->next;
      }
      rest = b;
    }
    *tail = NULL;
    list = sorted;
    if (merges <= 1) return list;
  }
}

static uint16_t workOnLists(uint64_t *random, uint16_t crc) {
  struct item *list = buildList(random);
  for (int n = 0; n < ITEMS; n += 5) {
    struct item *found = findItem(list, (int16_t)n);
    list = reverseList(list);
    if (found != NULL && found->next != NULL) crc = crc16Word(crc, (uint16_t)found->next->key);
  }
  list = sortList(list, byKey);
  for (struct item *at = list; at != NULL; at = at->next) crc = crc16Word(crc, (uint16_t)at->key);
  list = sortList(list, byData);
  return crc16Word(crc, (uint16_t)list->key);
}

/* ---- matrices ---- */

enum { SIDE = 16 };
static int16_t a[SIDE * SIDE], b[SIDE * SIDE];
static int32_t c[SIDE * SIDE];

static int32_t sumAbove(int32_t limit) {
  int32_t sum = 0, last = 0, total = 0;
  for (int n = 0; n < SIDE * SIDE; n++) {
    sum += c[n];
    if (sum > limit) {
      total += 10;
      sum = 0;
    } else {
      total += c[n] > last;
    }
    last = c[n];
  }
  return total;
}

static void multiplyMatrices(void) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) {
      int32_t sum = 0;
      for (int n = 0; n < SIDE; n++) sum += (int32_t)a[row * SIDE + n] * b[n * SIDE + column];
      c[row * SIDE + column] = sum;
    }
  }
}

/* Sums of bit fields instead of whole products. */
static void multiplyFields(void) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) {
      int32_t sum = 0;
      for (int n = 0; n < SIDE; n++) {
        int32_t product = (int32_t)a[row * SIDE + n] * b[n * SIDE + column];
        sum += (product >> 2 & 15) * (product >> 5 & 127);
      }
      c[row * SIDE + column] = sum;
    }
  }
}

static uint16_t workOnMatrices(uint64_t *random, uint16_t crc) {
  for (int n = 0; n < SIDE * SIDE; n++) {
    uint64_t value = nextRandom(random);
    a[n] = (int16_t)(value & 255);
    b[n] = (int16_t)(value >> 8 & 255);
  }
  for (int n = 0; n < SIDE * SIDE; n++) c[n] = a[n] * 3 + b[n];
  crc = crc16Word(crc, (uint32_t)sumAbove(1000));
  multiplyMatrices();
  crc = crc16Word(crc, (uint32_t)sumAbove(100000));
  multiplyFields();
  return crc16Word(crc, (uint32_t)sumAbove(20000));
}

/* ---- state machine: classifies comma-separated numbers ---- */

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS, INVALID, STATES };
static const char TEXT[] =
    "5012,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,"
    "34.0e-T^,7,1e6,,12.,+,-.5,99999999,0x12,3.14159e0,e5,-0,1.2.3,4e,5e+,6e-7";

static int isDigit(char character) { return character >= '0' && character <= '9'; }

static enum state nextState(enum state state, char character) {
  int digit = isDigit(character);
  switch (state) {
    case START:
      return digit ? INTEGER : character == '+' || character == '-' ? SIGN : character == '.' ? POINT : INVALID;
    case SIGN: return digit ? INTEGER : character == '.' ? POINT : INVALID;
    case INTEGER: return digit ? INTEGER : character == '.' ? POINT : character == 'e' ? EXPONENT : INVALID;
    case POINT:
    case FRACTION: return digit ? FRACTION : character == 'e' && state == FRACTION ? EXPONENT : INVALID;
    case EXPONENT: return digit ? EXPONENT_DIGITS : character == '+' || character == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case EXPONENT_DIGITS: return digit ? EXPONENT_DIGITS : INVALID;
    default: return INVALID;
  }
}

static uint16_t scanNumbers(uint8_t flip, uint16_t crc) {
  uint32_t finals[STATES] = {0}, moves[STATES] = {0};
  enum state state = START;
  for (size_t n = 0; n < sizeof TEXT; n++) {
    char character = TEXT[n];
    if (flip != 0 && n % flip == 0 && character != ',' && character != 0) character ^= 1;
    if (character == ',' || character == 0) {
      finals[state]++;
      state = START;
      continue;
    }
    enum state next = nextState(state, character);
    if (next != state) moves[state]++;
    state = next;
  }
  for (int n = 0; n < STATES; n++) crc = crc16Word(crc16Word(crc, finals[n]), moves[n]);
  return crc;
}

static uint64_t runMix(void) {
  uint64_t random = 0x123456789abcdefu;
  uint16_t crc = 0;
  for (int round = 0; round < 4; round++) {
    crc = workOnLists(&random, crc);
    crc = workOnMatrices(&random, crc);
    for (uint8_t flip = 0; flip < 12; flip++) crc = scanNumbers(flip, crc);
  }
  return crc;
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, runMix()); }
