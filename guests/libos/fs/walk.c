/* Path walk: from a directory along the components of a path, through mounts, "..", and symbolic links. */
#include "fs/file.h"

struct inode *root_inode;

/* A mount: whoever arrives at the directory goes on at the other's root. */
long mount_on(struct inode *directory, struct inode *root) {
  if (!S_ISDIR(directory->mode)) return -ENOTDIR;
  if (directory->mounted != NULL) return -EBUSY;
  directory->mounted = inode_get(root);
  root->covers = inode_get(directory);
  return 0;
}

static struct inode *cross_mounts(struct inode *inode) {
  while (inode->mounted != NULL) {
    struct inode *root = inode_get(inode->mounted);
    inode_put(inode);
    inode = root;
  }
  return inode;
}

/* Referenced. The root of a process is its own parent. */
static struct inode *parent_of(struct inode *inode) {
  const struct inode *root = fs_context()->root;
  while (inode != root && inode->covers != NULL) inode = inode->covers;
  return cross_mounts(inode_get(inode == root || inode->parent == NULL ? inode : inode->parent));
}

struct steps {
  struct inode *at; /* referenced */
  const char *rest;
  char *buffer; /* what links have made of the path */
  int links;
};

/* The rest of the path becomes the link's target and then the rest. */
static long follow(struct steps *steps, struct inode *link) {
  if (++steps->links > SYMLINK_LIMIT || link->operations == NULL) return -ELOOP;
  char *buffer = kmalloc(PATH_LIMIT);
  if (buffer == NULL) return -ENOMEM;
  long length = link_target(link, buffer, PATH_LIMIT);
  if (length == 0) length = -ENOENT;
  size_t rest = strlen(steps->rest);
  if (length >= 0 && (size_t)length + rest + 1 > PATH_LIMIT) length = -ENAMETOOLONG;
  if (length < 0) {
    kfree(buffer);
    return length;
  }
  memcpy(buffer + length, steps->rest, rest + 1);
  kfree(steps->buffer);
  steps->buffer = buffer;
  steps->rest = buffer;
  if (buffer[0] == '/') {
    inode_put(steps->at);
    steps->at = inode_get(fs_context()->root);
  }
  return 0;
}

/* Where a link leads that is no text: in its place, referenced. */
static struct inode *jump(struct inode *link) {
  struct inode *to = link->operations->jump(link);
  inode_put(link);
  return to;
}

/* Takes the next component off the path. */
static size_t component(struct steps *steps, const char **name) {
  while (*steps->rest == '/') steps->rest++;
  const char *start = *name = steps->rest;
  while (*steps->rest != 0 && *steps->rest != '/') steps->rest++;
  return (size_t)(steps->rest - start);
}

static bool only_slashes(const char *text) {
  while (*text == '/') text++;
  return *text == 0;
}

bool is_dots(const char *name, size_t length) {
  return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
}

/* What the component leads to, referenced; not through a link. */
static struct inode *child(struct inode *directory, const char *name, size_t length) {
  if (length == 1 && name[0] == '.') return inode_get(directory);
  if (length == 2 && name[0] == '.' && name[1] == '.') return parent_of(directory);
  struct inode *inode = directory_lookup(directory, name, length);
  return IS_ERR(inode) ? inode : cross_mounts(inode);
}

static long last_component(struct steps *steps, const char *name, size_t length, struct inode *inode, int flags, struct walk *walk) {
  walk->wants_directory = *steps->rest != 0;
  bool must_be = (flags & WALK_DIRECTORY) || (walk->wants_directory && !(flags & WALK_PARENT));
  if (inode != NULL && must_be && !S_ISDIR(inode->mode)) {
    inode_put(inode);
    return -ENOTDIR;
  }
  walk->inode = inode;
  walk->name = name;
  walk->length = length;
  walk->is_special = length == 0 || is_dots(name, length);
  walk->buffer = steps->buffer;
  if (flags & WALK_PARENT) walk->parent = steps->at;
  else inode_put(steps->at);
  return 0;
}

/* One component after another; every error leaves to the caller what `steps` holds. */
static long take_steps(struct steps *steps, int flags, struct walk *walk) {
  for (;;) {
    const char *name;
    size_t length = component(steps, &name);
    if (length == 0) return last_component(steps, name, 0, inode_get(steps->at), flags, walk);
    if (!S_ISDIR(steps->at->mode)) return -ENOTDIR;
    long error = inode_permission(steps->at, MAY_EXEC);
    if (error < 0) return error;
    bool is_last = only_slashes(steps->rest);
    struct inode *inode = child(steps->at, name, length);
    if (IS_ERR(inode)) {
      if (PTR_ERR(inode) != -ENOENT || !is_last || !(flags & WALK_PARENT)) return PTR_ERR(inode);
      return last_component(steps, name, length, NULL, flags, walk);
    }
    bool is_by_slash = *steps->rest != 0, is_name = is_last && (flags & WALK_PARENT) && is_by_slash;
    bool is_followed = S_ISLNK(inode->mode) && !is_name && ((flags & WALK_FOLLOW) || is_by_slash);
    if (is_followed && inode->operations->jump != NULL) {
      if (IS_ERR(inode = jump(inode))) return PTR_ERR(inode);
    } else if (is_followed) {
      error = follow(steps, inode);
      inode_put(inode);
      if (error < 0) return error;
      continue;
    }
    if (is_last) return last_component(steps, name, length, inode, flags, walk);
    inode_put(steps->at);
    steps->at = inode;
  }
}

long walk_path(struct inode *start, const char *path, int flags, struct walk *walk) {
  *walk = (struct walk){0};
  if (path[0] == 0 && !(flags & WALK_EMPTY)) return -ENOENT;
  struct steps steps = {.at = inode_get(path[0] == '/' ? fs_context()->root : start), .rest = path};
  long error = take_steps(&steps, flags, walk);
  if (error < 0) {
    inode_put(steps.at);
    kfree(steps.buffer);
  }
  return error;
}

void walk_end(struct walk *walk) {
  if (walk->parent != NULL) inode_put(walk->parent);
  if (walk->inode != NULL) inode_put(walk->inode);
  kfree(walk->buffer);
  kfree(walk->text);
}

long path_from_user(uaddr_t address, char **text) {
  char *buffer = kmalloc(PATH_LIMIT);
  if (buffer == NULL) return -ENOMEM;
  long length = strncpy_from_user(buffer, address, PATH_LIMIT);
  if (length < 0) kfree(buffer);
  else *text = buffer;
  return length;
}

long walk_at(int directory, const char *path, int flags, struct walk *walk) {
  if (path[0] == '/' || directory == AT_FDCWD) return walk_path(fs_context()->working_directory, path, flags, walk);
  struct file *file = file_of(directory);
  if (file == NULL) return -EBADF;
  if (path[0] != 0 && !S_ISDIR(file->inode->mode)) return -ENOTDIR;
  return walk_path(file->inode, path, flags, walk);
}

long walk_user(int directory, uaddr_t path, int flags, struct walk *walk) {
  char *text;
  long length = path_from_user(path, &text);
  if (length < 0) return length;
  long error = walk_at(directory, text, flags, walk);
  walk->text = text;
  if (error < 0) kfree(text);
  return error;
}
