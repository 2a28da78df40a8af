#include "fs/text.h"

enum { FIRST_ROOM = 512 };

static bool grow(struct text *text, size_t room) {
  char *bytes = kmalloc(room);
  if (bytes == NULL) return false;
  if (text->bytes != NULL) memcpy(bytes, text->bytes, text->length + 1);
  kfree(text->bytes);
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

long text_open(struct file *file, text_writer *writer, struct process *process) {
  struct text *text = kzalloc(sizeof *text);
  if (text == NULL) return -ENOMEM;
  writer(text, process);
  file->object = text;
  file->operations = &text_operations;
  if (!text->has_failed) return 0;
  text_release(file);
  return -ENOMEM;
}

static const struct text_node *opened; /* for the writer of fixed texts */

static void write_fixed(struct text *text, struct process *process) {
  text_print(text, "%s", opened->fixed);
}

long text_node_open(struct inode *inode, struct file *file) {
  if (S_ISDIR(inode->mode)) return 0;
  opened = inode->object;
  return text_open(file, opened->writer != NULL ? opened->writer : write_fixed, NULL);
}

/* Referenced; null: no memory. Without a node it is a directory. */
static struct inode *make(struct inode *directory, const char *name, size_t length, const struct text_node *node) {
  struct inode *inode = directory_lookup(directory, name, length);
  if (!IS_ERR(inode)) return inode;
  inode = inode_create(directory->system, node == NULL ? S_IFDIR | 0555 : S_IFREG | 0444);
  if (inode == NULL || directory_link(directory, name, length, inode) < 0) return NULL;
  inode->object = (void *)node;
  return inode;
}

static bool add_node(struct inode *root, const struct text_node *node) {
  struct inode *at = inode_get(root);
  for (const char *name = node->path, *end; name != NULL && *name != 0 && at != NULL; name = end == NULL ? NULL : end + 1) {
    end = strchr(name, '/');
    struct inode *next = make(at, name, end == NULL ? strlen(name) : (size_t)(end - name), end == NULL ? node : NULL);
    inode_put(at);
    at = next;
  }
  inode_put(at);
  return at != NULL;
}

struct inode *text_tree(struct file_system *system, const struct text_node *nodes, size_t count) {
  struct inode *root = inode_create(system, S_IFDIR | 0555);
  if (root == NULL) return NULL;
  root->links = 2;
  root->names = 1;
  root->parent = root;
  for (size_t i = 0; i < count; i++)
    if (!add_node(root, &nodes[i])) return NULL;
  system->next_number = 0; /* programs add nothing */
  return root;
}
