/* Types and small helpers of the library OS. Addresses of a Linux program are `uaddr_t`, never pointers: mm/uaccess.h
 * turns them into bytes. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
/* An address of the program that runs, an offset of its slot. Not to be used as a pointer. */
typedef u64 uaddr_t;

#define PAGE_SIZE 4096ul
#define PAGE_SHIFT 12
/* Number of the lowest bit that is set; bits must not be 0. */
static inline unsigned lowest_bit(u64 bits) {
  unsigned number = 0;
  for (unsigned half = 32; half > 0; half /= 2) {
    if ((bits & ((1ul << half) - 1)) != 0) continue;
    bits >>= half;
    number += half;
  }
  return number;
}

/* Of functions that the usual course of things does not call: they cost nothing where they are not called. */
#define RARE __attribute__((cold, noinline))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define round_up(value, unit) (((value) + (unit) - 1) & ~((__typeof__(value))(unit) - 1))
#define round_down(value, unit) ((value) & ~((__typeof__(value))(unit) - 1))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

/* As Linux's programs have it. */
struct timespec {
  s64 seconds, nanoseconds;
};
static inline struct timespec timespec_of(u64 nanoseconds) {
  return (struct timespec){(s64)(nanoseconds / 1000000000), (s64)(nanoseconds % 1000000000)};
}

/* A pointer or a negated errno in one value. */
static inline void *ERR_PTR(long error) {
  return (void *)error;
}
static inline long PTR_ERR(const void *pointer) {
  return (long)pointer;
}
static inline bool IS_ERR(const void *pointer) {
  return (unsigned long)pointer >= -4095ul;
}
