/* Names in directories: one hash table for all of them, and a list in each for readdir. A name of the backing store gets
 * an entry when it is looked up, or hidden; names that only memory has come after the backing store's in readdir. */
#include "fs/file.h"

enum { BUCKETS = 4096, FIRST_COOKIE = 1 << 30, DOT_POSITIONS = 2 };

static struct entry *buckets[BUCKETS];

static u32 hash_name(const struct inode *directory, const char *name, size_t length) {
  u32 hash = (u32)((uintptr_t)directory >> 4);
  for (size_t i = 0; i < length; i++) hash = (hash ^ (u8)name[i]) * 0x01000193;
  return hash ^ hash >> 15;
}

static struct entry *find(const struct inode *directory, const char *name, size_t length, u32 hash) {
  struct entry *entry = buckets[hash % BUCKETS];
  for (; entry != NULL; entry = entry->next)
    if (entry->hash == hash && entry->directory == directory && entry->length == length &&
        memcmp(entry->name, name, length) == 0)
      return entry;
  return NULL;
}

static struct entry *add(struct inode *directory, const char *name, size_t length, u32 hash) {
  struct entry *entry = kmalloc(sizeof *entry + length + 1);
  if (entry == NULL) return NULL;
  *entry = (struct entry){.next = buckets[hash % BUCKETS], .directory = directory, .hash = hash, .length = (u8)length};
  memcpy(entry->name, name, length);
  entry->name[length] = 0;
  entry->cookie = FIRST_COOKIE + directory->next_cookie++;
  buckets[hash % BUCKETS] = entry;
  list_add_tail(&entry->link, &directory->entries);
  return entry;
}

static void drop(struct entry *entry) {
  struct entry **place = &buckets[entry->hash % BUCKETS];
  while (*place != entry) place = &(*place)->next;
  *place = entry->next;
  list_del(&entry->link);
  kfree(entry);
}

static void name_inode(struct entry *entry, struct inode *inode) {
  entry->inode = inode;
  inode->names++;
  inode->entry = entry;
  if (S_ISDIR(inode->mode)) inode->parent = entry->directory;
}

/* The backing store has no names beyond those that entries cover if it has none at all. */
static struct inode *lookup_backing(struct inode *directory, const char *name, size_t length, u32 hash) {
  if (directory->operations->lookup == NULL || !directory->is_backed) return ERR_PTR(-ENOENT);
  struct inode *inode = directory->operations->lookup(directory, name, length);
  if (IS_ERR(inode) || directory->operations->is_volatile) return inode;
  if (S_ISDIR(inode->mode) && inode->names > 0) { /* a directory with two names: nonsense of the image */
    inode_put(inode);
    return ERR_PTR(-EIO);
  }
  struct entry *entry = add(directory, name, length, hash);
  if (entry == NULL) {
    inode_put(inode);
    return ERR_PTR(-ENOMEM);
  }
  entry->is_backed = true;
  name_inode(entry, inode);
  return inode;
}

struct inode *directory_lookup(struct inode *directory, const char *name, size_t length) {
  if (length > NAME_LIMIT_BYTES) return ERR_PTR(-ENAMETOOLONG);
  u32 hash = hash_name(directory, name, length);
  struct entry *entry = find(directory, name, length, hash);
  if (entry == NULL) return lookup_backing(directory, name, length, hash);
  if (entry->inode == NULL) return ERR_PTR(-ENOENT);
  entry->inode->entry = entry;
  return inode_get(entry->inode);
}

long directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode) {
  if (length > NAME_LIMIT_BYTES) return -ENAMETOOLONG;
  u32 hash = hash_name(directory, name, length);
  struct entry *entry = find(directory, name, length, hash); /* a hidden one */
  if (entry == NULL) entry = add(directory, name, length, hash);
  if (entry == NULL) return -ENOMEM;
  name_inode(entry, inode);
  inode->links++;
  if (S_ISDIR(inode->mode)) {
    inode->links++; /* its own "." */
    directory->links++;
  }
  inode_modified(directory);
  if (directory->operations->linked != NULL) directory->operations->linked(entry);
  return 0;
}

long directory_reserve(struct inode *directory, const char *name, size_t length) {
  if (length > NAME_LIMIT_BYTES) return -ENAMETOOLONG;
  u32 hash = hash_name(directory, name, length);
  return find(directory, name, length, hash) != NULL || add(directory, name, length, hash) != NULL ? 0 : -ENOMEM;
}

void directory_unlink(struct inode *directory, const char *name, size_t length) {
  struct entry *entry = find(directory, name, length, hash_name(directory, name, length));
  struct inode *inode = entry == NULL ? NULL : entry->inode;
  if (inode == NULL) return;
  if (directory->operations->unlinked != NULL) directory->operations->unlinked(entry);
  inode_get(inode);
  if (inode->entry == entry) inode->entry = NULL;
  inode->names--;
  if (S_ISDIR(inode->mode)) inode->parent = NULL;
  u32 links = S_ISDIR(inode->mode) ? 2 : 1;
  inode->links = inode->links > links ? inode->links - links : 0;
  if (S_ISDIR(inode->mode) && directory->links > 2) directory->links--;
  if (entry->is_backed) entry->inode = NULL;
  else drop(entry);
  inode_modified(directory);
  inode_changed(inode);
  inode_put(inode);
}

void directory_forget(struct inode *directory) {
  struct entry *entry, *following;
  list_for_each_entry_safe(entry, following, &directory->entries, link) {
    if (entry->inode != NULL) {
      if (entry->inode->entry == entry) entry->inode->entry = NULL;
      entry->inode->names--;
    }
    drop(entry);
  }
}

static long next_of_backing(struct inode *directory, u64 *position, struct backing_name *name) {
  while (*position < FIRST_COOKIE) {
    long result = directory->operations->name_at(directory, *position - DOT_POSITIONS, name);
    if (result < 0) return result;
    ++*position;
    struct entry *entry = find(directory, name->name, name->length, hash_name(directory, name->name, name->length));
    if (entry == NULL) return 0;
    if (entry->inode == NULL) continue;
    name->number = entry->inode->number;
    name->mode = entry->inode->mode;
    return 0;
  }
  return -ENOENT;
}

static long next_of_memory(struct inode *directory, u64 *position, struct backing_name *name) {
  struct entry *entry;
  list_for_each_entry(entry, &directory->entries, link) {
    if (entry->cookie < *position || entry->is_backed || entry->inode == NULL) continue;
    *name = (struct backing_name){entry->name, entry->length, entry->inode->number, entry->inode->mode};
    *position = entry->cookie + 1;
    return 0;
  }
  return -ENOENT;
}

long directory_next(struct inode *directory, u64 *position, struct backing_name *name) {
  if (*position < DOT_POSITIONS) {
    const struct inode *inode = *position == 0 || directory->parent == NULL ? directory : directory->parent;
    *name = (struct backing_name){".." + (*position == 0), 1 + (u32)*position, inode->number, S_IFDIR};
    ++*position;
    return 0;
  }
  if (*position < FIRST_COOKIE && directory->is_backed && directory->operations->name_at != NULL) {
    long result = next_of_backing(directory, position, name);
    if (result != -ENOENT) return result;
  }
  if (*position < FIRST_COOKIE) *position = FIRST_COOKIE;
  return next_of_memory(directory, position, name);
}

bool directory_is_empty(struct inode *directory) {
  struct backing_name name;
  u64 position = DOT_POSITIONS;
  return directory_next(directory, &position, &name) == -ENOENT;
}
