#include "fs/blockfs.h"

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

/* Whatever is read or written; nobody sleeps while it matters. */
static union {
  struct superblock super;
  struct log_block log;
  u64 words[BLOCK_SIZE / 8];
} buffer;

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

static u64 super_checksum(void) {
  return checksum(&buffer.super, offsetof(struct superblock, checksum));
}

static u64 log_checksum(void) {
  const struct log_block *log = &buffer.log;
  return checksum(log, offsetof(struct log_block, checksum)) ^ checksum(log->bytes, min((size_t)log->size, sizeof log->bytes));
}

static u64 area_start(const struct journal *journal) {
  return SUPERBLOCKS + (journal->generation & 1) * journal->area_blocks;
}

/* The superblock in the buffer counts if it is sound and later than what is known. */
static bool take_super(struct journal *journal, u64 place) {
  const struct superblock *super = &buffer.super;
  if (super->magic != SUPER_MAGIC || super->checksum != super_checksum()) return false;
  if (super->blocks > journal->disk->blocks || super->area_blocks != journal->area_blocks) return false;
  if ((super->generation & 1) != place || super->generation < journal->generation) return false;
  journal->generation = super->generation;
  journal->salt = super->salt;
  return true;
}

static bool is_zero(void) {
  for (size_t i = 0; i < ARRAY_SIZE(buffer.words); i++)
    if (buffer.words[i] != 0) return false;
  return true;
}

long journal_open(struct journal *journal, struct disk *disk) {
  if (disk->blocks < SMALLEST_DISK || disk->blocks > UINT32_MAX) return -EINVAL;
  u64 area = min(max(disk->blocks / 16, (u64)AREA_LEAST), (u64)AREA_MOST);
  *journal = (struct journal){.disk = disk, .area_blocks = area, .first_data = SUPERBLOCKS + 2 * area, .is_new = true};
  bool is_found = false;
  for (u64 place = 0; place < SUPERBLOCKS; place++) {
    bool is_read = disk_read(disk, place, &buffer, false) == 0;
    journal->is_new &= is_read && is_zero();
    is_found |= is_read && take_super(journal, place);
  }
  return is_found || journal->is_new ? 0 : -EIO;
}

/* Is the block, now in the buffer, the present log's? */
static bool read_log(struct journal *journal, u64 place) {
  const struct log_block *log = &buffer.log;
  if (place >= journal->area_blocks) return false;
  bool is_read = disk_read(journal->disk, area_start(journal) + place, &buffer, false) == 0;
  if (is_read && (log->magic != LOG_MAGIC || log->salt != journal->salt)) return false;
  bool is_whole = is_read && log->size <= sizeof log->bytes && log->checksum == log_checksum();
  journal->is_torn |= !is_whole;
  return is_whole;
}

/* Behind a torn block nothing may be later than the transaction that it was of. */
static long check_end(struct journal *journal) {
  for (u64 place = journal->next_block; journal->is_torn && place < journal->area_blocks; place++)
    if (read_log(journal, place) && buffer.log.transaction > journal->transaction) return -EIO;
  return -ENOENT;
}

long journal_next(struct journal *journal, struct records *records) {
  u64 place = journal->next_block;
  for (u32 part = 0; part == 0 || !buffer.log.is_last; part++) {
    if (!read_log(journal, place++) || buffer.log.transaction != journal->transaction || buffer.log.part != part) return check_end(journal);
    records_add(records, buffer.log.bytes, buffer.log.size);
  }
  journal->next_block = place;
  journal->transaction++;
  return records->has_failed ? -ENOMEM : 0;
}

long journal_append(struct journal *journal, const struct records *records) {
  struct log_block *log = &buffer.log;
  size_t blocks = (records->size + sizeof log->bytes - 1) / sizeof log->bytes;
  if (journal->next_block + blocks > journal->area_blocks) return -ENOSPC;
  for (u32 part = 0; part < blocks; part++) {
    size_t done = part * sizeof log->bytes, piece = min(records->size - done, sizeof log->bytes);
    *log = (struct log_block){.magic = LOG_MAGIC, .size = (u32)piece, .salt = journal->salt,
                              .transaction = journal->transaction, .part = part, .is_last = part + 1 == blocks};
    memcpy(log->bytes, records->bytes + done, piece);
    log->checksum = log_checksum();
    long error = disk_write(journal->disk, area_start(journal) + journal->next_block++, log);
    if (error < 0) return error;
  }
  journal->transaction++;
  return 0;
}

void journal_begin(struct journal *journal, const struct journal *before) {
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
  memset(&buffer, 0, sizeof buffer);
  buffer.super = (struct superblock){SUPER_MAGIC, journal->generation, journal->disk->blocks, journal->area_blocks, journal->salt, 0};
  buffer.super.checksum = super_checksum();
  error = disk_write(journal->disk, journal->generation & 1, &buffer);
  return error < 0 ? error : disk_flush(journal->disk, may_sleep);
}
