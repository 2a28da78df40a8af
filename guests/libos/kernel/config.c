/* The configuration, read once into memory of the library OS. */
#include "kernel/kernel.h"

static char *records;

void config_start(const char *file) {
  long handle = host_file_open(file);
  if (handle < 0) panic("no configuration: %ld", handle);
  u64 size = host_file_size(handle);
  records = size < 0x100000 ? kmalloc(size + 2) : NULL;
  if (records == NULL || host_file_read(handle, 0, records, size) != 0) panic("configuration of %lu bytes", size);
  records[size] = records[size + 1] = 0;
}

const char *config_next(const char *key, const char *previous) {
  const char *record = previous == NULL ? records : previous + strlen(previous) + 1;
  for (size_t length = strlen(key); *record != 0; record += strlen(record) + 1)
    if (strncmp(record, key, length) == 0 && record[length] == '=') return record + length + 1;
  return NULL;
}

const char *config_text(const char *key) {
  return config_next(key, NULL);
}

u64 config_number(const char *key, u64 otherwise) {
  const char *text = config_text(key);
  return text == NULL ? otherwise : cvm_parse_number(text);
}

const char *host_name(void) {
  const char *name = config_text("hostname");
  return name == NULL ? "capvm" : name;
}
