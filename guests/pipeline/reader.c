/* CP_Stream in, CP_File out: takes a file from the host and publishes it in blocks that the workers share with it. */
#include "pipeline.h"

enum { CAPACITY = 2 * BLOCK };
static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(4096)));
static long blocks, progress;
/* What the hostile cVM would love to find. */
static volatile char secret[] = "reader's secret: 6f1d0c9e-attack-at-dawn";

/* Until the block that was in this one's slot has been taken. */
static void awaitRoom(uint32_t block) {
  if (block < SLOTS) return;
  size_t word = TAKEN + TAKEN_STRIDE * (block % WORKERS);
  uint32_t needed = (block - SLOTS) / WORKERS + 1, taken = (uint32_t)need("load", cvm_file_load(progress, word));
  while (taken < needed) taken = awaitWord(progress, word, taken);
}

static void publish(uint32_t block, uint32_t sizeBytes) {
  need("size", cvm_file_store(blocks, SIZES + 4 * (block % SLOTS), sizeBytes));
  need("publish", cvm_file_store(blocks, PUBLISHED, block + 1));
  need("notify", cvm_file_notify(blocks, PUBLISHED, WORKERS));
}

int main(void) {
  uint64_t total = 0;
  uint32_t block = 0;
  size_t filled = 0;
  blocks = need("open blocks", cvm_file_open("blocks", FILE_WRITE));
  progress = need("open progress", cvm_file_open("progress", FILE_READ));
  long file = need("open file", cvm_stream_open_receive("file", ring, sizeof ring));
  while (need("receive", cvm_stream_wait(file, 0)) > 0) {
    size_t piece;
    const void *bytes = cvm_stream_peek(file, &piece);
    if (piece > BLOCK - filled) piece = BLOCK - filled;
    if (filled == 0) awaitRoom(block);
    need("write", cvm_file_write(blocks, BLOCKS + BLOCK * (block % SLOTS) + filled, bytes, piece));
    cvm_stream_consume(file, piece);
    total += piece;
    filled += piece;
    if (filled < BLOCK) continue;
    publish(block++, BLOCK);
    filled = 0;
  }
  if (filled > 0) publish(block++, (uint32_t)filled);
  for (unsigned i = 0; i < WORKERS; i++) {
    awaitRoom(block);
    publish(block++, 0);
  }
  cvm_printf("published %lu bytes\n", total);
  return secret[0] == 'r' ? 0 : 2;
}
