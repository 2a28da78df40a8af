/* Files whose text is made when they are opened. */
#pragma once
#include "fs/file.h"

struct text {
  char *bytes;
  size_t length, room;
  bool has_failed; /* no memory */
};
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct process;
/* `process`: whose directory it is in, null: nobody's. */
typedef void text_writer(struct text *text, struct process *process);
long text_open(struct file *file, text_writer *writer, struct process *process);

/* A node of a fixed tree: a text or a fixed text; an empty directory is one with a path that ends with a slash. */
struct text_node {
  const char *path;
  text_writer *writer;
  const char *fixed;
};
struct inode *text_tree(struct file_system *system, const struct text_node *nodes, size_t count);
/* The operations of such a tree's inodes. */
long text_node_open(struct inode *inode, struct file *file);

/* proc-process.c: directories of processes. */
struct inode *process_lookup(struct inode *directory, const char *name, size_t length);
long process_name_at(struct inode *directory, u64 index, struct backing_name *name);
