/* Files whose text is made when they are opened. */
#pragma once
#include "fs/file.h"

struct text {
  char *bytes;
  size_t length, room;
  bool has_failed; /* no memory */
};
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `process`: whose directory it is in, null: nobody's. */
typedef void text_writer(struct text *text, struct process *process);
/* What `writer` writes, or a fixed text. */
long text_open(struct file *file, text_writer *writer, struct process *process, const char *fixed);

/* A node of a fixed tree: a text, a fixed text, or neither: a directory. */
struct text_node {
  const char *path;
  text_writer *writer;
  const char *fixed;
};
void text_nodes_make(const struct text_node *nodes, size_t count);
/* Of such nodes. */
long text_node_open(struct inode *inode, struct file *file);

/* proc.c: /proc and /sys. */
void proc_start(void);
/* proc-process.c: the directories of processes. */
extern const struct inode_operations proc_root_operations;
