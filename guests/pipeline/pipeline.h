/* What the cVMs of examples/01-pipeline.yaml have agreed on: a reader cuts a file into blocks, two workers take turns to
 * have them certified and pass them on, a digest cVM puts them in order again. */
#ifndef PIPELINE_H
#define PIPELINE_H
#include "cvm.h"

enum { BLOCK = 65536, WORKERS = 2 };
/* Shared file "blocks", which only the reader may write: a page of words, then SLOTS blocks. Block n lies in slot n % SLOTS
 * and is of worker n % WORKERS. A block of no bytes is the end, one for each worker. */
enum { PUBLISHED = 0, SIZES = 64, BLOCKS = 4096, SLOTS = 8 };
/* Shared file "progress", which only the workers may write: how many blocks each has taken. */
enum { TAKEN = 0, TAKEN_STRIDE = 64 };

/* What a worker says on its stream of each block that it lends there. */
struct note {
  uint64_t block;
  uint32_t sizeBytes;
  uint32_t checksum;
};

/* Ends the cVM where something that must succeed does not. */
static inline long need(const char *step, long result) {
  if (result >= 0) return result;
  cvm_printf("error: %s: %ld\n", step, result);
  cvm_exit(1);
}

/* What a word of a file is once it is not `seen` any more. */
static inline uint32_t awaitWord(long file, size_t offset, uint32_t seen) {
  uint32_t word;
  while ((word = (uint32_t)need("load", cvm_file_load(file, offset))) == seen) {
    long result = cvm_file_wait(file, offset, seen, 0);
    if (result != -EAGAIN) need("wait", result);
  }
  return word;
}

/* The checksum service takes a while to begin. */
static inline long bindChecksum(void) {
  long handle;
  while ((handle = cvm_call_bind("checksum")) == -EAGAIN) cvm_yield();
  return need("bind checksum", handle);
}

/* CP_Call: the service reads the bytes of a whole block, of which so many count. */
static inline uint32_t checksumOf(long service, void *block, uint32_t sizeBytes) {
  struct cvm_call call = {.arguments = {sizeBytes}, .buffer = block, .sizeBytes = BLOCK, .readOnly = 1};
  return (uint32_t)need("checksum", cvm_call_with(service, &call));
}
#endif
