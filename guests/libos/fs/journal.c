#include "fs/file.h"
#include "fs/journal.h"

enum { SUPERBLOCKS = 2, AREA_LEAST = 16, AREA_MOST = 4096, SMALLEST_DISK = 128 };
#define SUPER_MAGIC 0x3130534656434d56ul /* "VMCVFS01" */
#define LOG_MAGIC 0x474f4c43

struct superblock {
  u64 magic, generation, blocks, area_blocks, salt, checksum;
};

struct log_block {
  u32 magic, size; /* of bytes */
  u64 salt, transaction;
  u32 part, is_last;
  u64 checksum;
  u8 bytes[BLOCK_SIZE - 40];
};
_Static_assert(sizeof(struct log_block) == BLOCK_SIZE, "layout");

static u8 block_buffer[BLOCK_SIZE] __attribute__((aligned(16)));

static u64 checksum(const void *bytes, size_t size) {
  u64 hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < size; i += 8) {
    u64 word = 0;
    memcpy(&word, (const u8 *)bytes + i, min(size - i, (size_t)8));
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  return hash;
}

static u64 log_checksum(const struct log_block *block) {
  return checksum(block, offsetof(struct log_block, checksum)) ^ checksum(block->bytes, min((size_t)block->size, sizeof block->bytes));
}

static u64 area_start(const struct journal *journal) {
  return SUPERBLOCKS + (journal->generation & 1) * journal->area_blocks;
}

static bool read_super(struct journal *journal, u64 place, struct superblock *super) {
  if (disk_read(journal->disk, place, block_buffer) < 0) return false;
  memcpy(super, block_buffer, sizeof *super);
  if (super->magic != SUPER_MAGIC || super->checksum != checksum(super, offsetof(struct superblock, checksum))) return false;
  return super->blocks <= journal->disk->blocks && super->area_blocks == journal->area_blocks && (super->generation & 1) == place;
}

/* Never written: both superblocks are zeros. */
static bool is_empty(const struct journal *journal) {
  for (u64 place = 0; place < SUPERBLOCKS; place++) {
    if (disk_read(journal->disk, place, block_buffer) < 0) return false;
    for (size_t i = 0; i < BLOCK_SIZE; i++)
      if (block_buffer[i] != 0) return false;
  }
  return true;
}

long journal_open(struct journal *journal, struct disk *disk) {
  if (disk->blocks < SMALLEST_DISK || disk->blocks > UINT32_MAX) return -EINVAL;
  u64 area = disk->blocks / 16;
  area = area < AREA_LEAST ? AREA_LEAST : area > AREA_MOST ? AREA_MOST : area;
  *journal = (struct journal){.disk = disk, .area_blocks = area, .first_data = SUPERBLOCKS + 2 * area};
  struct superblock super;
  bool is_found = false;
  for (u64 place = 0; place < SUPERBLOCKS; place++) {
    if (!read_super(journal, place, &super) || super.generation < journal->generation) continue;
    journal->generation = super.generation;
    journal->salt = super.salt;
    is_found = true;
  }
  journal->is_new = !is_found && is_empty(journal);
  return is_found || journal->is_new ? 0 : -EIO;
}

/* Is the block the present log's? */
static bool read_log(struct journal *journal, u64 place, struct log_block *block) {
  if (place >= journal->area_blocks) return false;
  bool is_read = disk_read(journal->disk, area_start(journal) + place, block) == 0;
  if (is_read && (block->magic != LOG_MAGIC || block->salt != journal->salt)) return false;
  bool is_whole = is_read && block->size <= sizeof block->bytes && block->checksum == log_checksum(block);
  if (!is_whole) journal->is_torn = true;
  return is_whole;
}

/* Behind a torn block nothing may be later than the transaction that it was of. */
static long check_end(struct journal *journal, u64 place, struct log_block *block) {
  for (; place < journal->area_blocks; place++)
    if (read_log(journal, place, block) && block->transaction > journal->transaction) return -EIO;
  return 0;
}

/* The next transaction in a buffer from kmalloc: its size, 0: there is none, or -errno. */
static long read_transaction(struct journal *journal, struct log_block *block, u8 **bytes) {
  size_t size = 0;
  u64 place = journal->next_block;
  for (u32 part = 0;; part++, place++) {
    if (!read_log(journal, place, block) || block->transaction != journal->transaction || block->part != part) return 0;
    u8 *larger = kmalloc(size + block->size + 1);
    if (larger == NULL) return -ENOMEM;
    if (size > 0) memcpy(larger, *bytes, size);
    memcpy(larger + size, block->bytes, block->size);
    kfree(*bytes);
    *bytes = larger;
    size += block->size;
    if (block->is_last) break;
  }
  journal->next_block = place + 1;
  journal->transaction++;
  return (long)size;
}

long journal_replay(struct journal *journal, long (*apply)(void *context, const u8 *bytes, size_t size), void *context) {
  struct log_block *block = kmalloc(sizeof *block);
  long result = block == NULL ? -ENOMEM : 1;
  while (result > 0) {
    u8 *bytes = NULL;
    result = read_transaction(journal, block, &bytes);
    long error = result <= 0 ? 0 : apply(context, bytes, (size_t)result);
    kfree(bytes);
    if (error < 0) result = error;
  }
  if (result == 0 && journal->is_torn) result = check_end(journal, journal->next_block, block);
  kfree(block);
  return result;
}

long journal_append(struct journal *journal, const u8 *bytes, size_t size) {
  struct log_block *block = (struct log_block *)block_buffer;
  size_t blocks = (size + sizeof block->bytes - 1) / sizeof block->bytes;
  if (journal->next_block + blocks > journal->area_blocks) return -ENOSPC;
  for (u32 part = 0; part < blocks; part++) {
    size_t done = part * sizeof block->bytes, piece = min(size - done, sizeof block->bytes);
    memset(block, 0, sizeof *block);
    *block = (struct log_block){.magic = LOG_MAGIC, .size = (u32)piece, .salt = journal->salt,
                                .transaction = journal->transaction, .part = part, .is_last = part + 1 == blocks};
    memcpy(block->bytes, bytes + done, piece);
    block->checksum = log_checksum(block);
    long error = disk_write(journal->disk, area_start(journal) + journal->next_block++, block);
    if (error < 0) return error;
  }
  journal->transaction++;
  return 0;
}

void journal_begin(struct journal *journal, struct journal *before) {
  *journal = *before;
  u64 seed[3] = {clock_realtime(), journal->salt, 0};
  host_entropy(&seed[2], sizeof seed[2]);
  journal->salt = checksum(seed, sizeof seed);
  journal->generation++;
  journal->next_block = 0;
  journal->transaction = 0;
}

long journal_end(struct journal *journal, bool may_sleep) {
  long error = disk_flush(journal->disk, may_sleep);
  if (error < 0) return error;
  struct superblock super = {SUPER_MAGIC, journal->generation, journal->disk->blocks, journal->area_blocks, journal->salt, 0};
  super.checksum = checksum(&super, offsetof(struct superblock, checksum));
  memset(block_buffer, 0, BLOCK_SIZE);
  memcpy(block_buffer, &super, sizeof super);
  error = disk_write(journal->disk, journal->generation & 1, block_buffer);
  return error < 0 ? error : disk_flush(journal->disk, may_sleep);
}
