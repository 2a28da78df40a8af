#include "fs/text.h"

enum { FIRST_ROOM = 512 };

static bool grow(struct text *text, size_t room) {
  char *bytes = krealloc(text->bytes, text->length, room);
  if (bytes == NULL) return false;
  text->bytes = bytes;
  text->room = room;
  return true;
}

void text_print(struct text *text, const char *format, ...) {
  for (size_t room = max(text->room, (size_t)FIRST_ROOM);; room *= 2) {
    if (text->has_failed || (room > text->room && !grow(text, room))) {
      text->has_failed = true;
      return;
    }
    va_list arguments;
    va_start(arguments, format);
    size_t length = (size_t)vsnprintf(text->bytes + text->length, text->room - text->length, format, arguments);
    va_end(arguments);
    if (length >= text->room - text->length) continue;
    text->length += length;
    return;
  }
}

static long text_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  const struct text *text = file->object;
  if (*position >= text->length) return 0;
  size = min(size, text->length - *position);
  memcpy(to, text->bytes + *position, size);
  *position += size;
  return (long)size;
}

/* The few that may be written take what they are told and stay as they are. */
static long text_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  return (long)size;
}

static void text_release(struct file *file) {
  struct text *text = file->object;
  kfree(text->bytes);
  kfree(text);
}

static const struct file_operations text_operations = {.read = text_read, .write = text_write, .release = text_release, .has_position = true};

long text_open(struct file *file, text_writer *writer, struct process *process, const char *fixed) {
  struct text *text = kzalloc(sizeof *text);
  if (text == NULL) return -ENOMEM;
  if (writer != NULL) writer(text, process);
  else text_print(text, "%s", fixed);
  file->object = text;
  file->operations = &text_operations;
  if (!text->has_failed) return 0;
  text_release(file);
  return -ENOMEM;
}

long text_node_open(struct inode *inode, struct file *file) {
  const struct text_node *node = inode->object;
  return S_ISDIR(inode->mode) ? 0 : text_open(file, node->writer, NULL, node->fixed);
}

void text_nodes_make(const struct text_node *nodes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool is_text = nodes[i].writer != NULL || nodes[i].fixed != NULL;
    node_make(nodes[i].path, is_text ? S_IFREG | 0444 : S_IFDIR | 0555, 0)->object = (void *)&nodes[i];
  }
}
