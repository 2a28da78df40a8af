/* Strings and formatted text. memset and the like are guests/lib's. */
#pragma once
#include "cvm.h" /* declares them */
#include "kernel/types.h"

/* Of any alignment. */
void *copy_bytes(void *destination, const void *source, size_t bytes);
#define memcpy(to, from, size) (__builtin_constant_p(size) && (size) <= 64 ? __builtin_memcpy(to, from, size) : copy_bytes(to, from, size))
void *memmove(void *destination, const void *source, size_t bytes);
void *memset(void *destination, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
/* At most size - 1 characters and a NUL; how long the text was to be. */
size_t strlcpy(char *to, const char *from, size_t size);
/* %s %c, and %d %u %x %o with l, width and 0; results as strlcpy. */
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t size, const char *format, va_list arguments);
