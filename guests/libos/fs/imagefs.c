/* The package image: read-only files that cVMs share (layout: src/image). Whoever made it is not trusted: every number
 * is checked against the image's size before it is used. Changes stay in memory, over it. */
#include "cvm-abi.h"
#include "fs/file.h"

struct image_header {
  char magic[8];
  u64 size, inodes_offset, inode_count, code_end, vdso_address, code_count, reserved;
};
struct image_inode {
  u32 mode, links, uid, gid;
  u64 size, offset, mtime, code_address;
  u32 entries, code_mask;
  u64 text_offset_and_pages;
};
struct image_entry {
  u32 inode;
  u16 length, reserved;
  u64 name_offset;
};
_Static_assert(sizeof(struct image_header) == 64 && sizeof(struct image_inode) == 64 && sizeof(struct image_entry) == 16, "layout");

static long image;
static struct image_header header;
static struct inode **inodes; /* in memory, by number */

static bool inside(u64 offset, u64 size) {
  return offset <= header.size && size <= header.size - offset;
}

static long read_inode(u64 number, struct image_inode *inode) {
  if (number >= header.inode_count) return -EIO;
  return host_file_read(image, header.inodes_offset + number * sizeof *inode, inode, sizeof *inode);
}

static long read_entry(const struct image_inode *directory, u64 index, struct image_entry *entry, char *name) {
  u64 offset = directory->offset + index * sizeof *entry;
  if (!inside(offset, sizeof *entry)) return -EIO;
  long error = host_file_read(image, offset, entry, sizeof *entry);
  if (error < 0) return error;
  if (entry->length == 0 || entry->length > NAME_LIMIT_BYTES || !inside(entry->name_offset, entry->length)) return -EIO;
  return host_file_read(image, entry->name_offset, name, entry->length);
}

static bool is_sound(const struct image_inode *from) {
  u32 type = from->mode & S_IFMT;
  if (type == S_IFREG) return inside(from->offset, from->size);
  if (type == S_IFLNK) return from->size > 0 && from->size < PATH_LIMIT && inside(from->offset, from->size);
  return type == S_IFDIR && inside(from->offset, (u64)from->entries * sizeof(struct image_entry));
}

u64 memory_pages(const struct file_system *system, u64 *free) {
  *free = free_page_count();
  return total_page_count();
}

static struct file_system root_system = {
    .name = "rootfs", .magic = 0x794c7630, .device = 20, .operations = &tmpfs_operations, .pages = memory_pages};

/* The inode of a number: the same one for every name. Referenced. */
static struct inode *inode_of(u64 number) {
  if (number >= header.inode_count) return ERR_PTR(-EIO);
  if (inodes[number] != NULL) return inode_get(inodes[number]);
  struct image_inode from;
  long error = read_inode(number, &from);
  if (error < 0) return ERR_PTR(error);
  if (!is_sound(&from)) return ERR_PTR(-EIO);
  struct inode *inode = inode_create(&root_system, from.mode & 0177777);
  if (inode == NULL) return ERR_PTR(-ENOMEM);
  inode->number = number + 1;
  inode->links = from.links;
  inode->uid = from.uid;
  inode->gid = from.gid;
  inode->size = S_ISDIR(from.mode) ? PAGE_SIZE : from.size;
  inode->atime = inode->mtime = inode->ctime = from.mtime * 1000000000;
  inode->is_backed = true;
  inode->backing = (u32)number;
  return inodes[number] = inode;
}

static void release(struct inode *inode) {
  if (inodes != NULL && inode->number - 1 < header.inode_count && inodes[inode->number - 1] == inode) inodes[inode->number - 1] = NULL;
}

static int compare(const char *a, size_t a_length, const char *b, size_t b_length) {
  int order = memcmp(a, b, min(a_length, b_length));
  return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* Names are sorted. */
static struct inode *lookup(struct inode *directory, const char *name, size_t length) {
  struct image_inode from;
  long error = read_inode(directory->backing, &from);
  if (error < 0) return ERR_PTR(error);
  for (u32 low = 0, high = from.entries; low < high;) {
    u32 middle = low + (high - low) / 2;
    struct image_entry entry;
    char text[NAME_LIMIT_BYTES + 1];
    if ((error = read_entry(&from, middle, &entry, text)) < 0) return ERR_PTR(error);
    int order = compare(name, length, text, entry.length);
    if (order == 0) return inode_of(entry.inode);
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return ERR_PTR(-ENOENT);
}

static long name_at(struct inode *directory, u64 index, struct backing_name *name) {
  static char text[NAME_LIMIT_BYTES + 1];
  struct image_inode from, of;
  struct image_entry entry;
  long error = read_inode(directory->backing, &from);
  if (error < 0) return error;
  if (index >= from.entries) return -ENOENT;
  if ((error = read_entry(&from, index, &entry, text)) < 0 || (error = read_inode(entry.inode, &of)) < 0) return error;
  *name = (struct backing_name){text, entry.length, entry.inode + 1ul, of.mode & 0177777};
  return 0;
}

static long read_backing(struct inode *inode, void *to, size_t size, u64 offset) {
  struct image_inode from;
  long error = read_inode(inode->backing, &from);
  if (error < 0) return error;
  if (!inside(from.offset, from.size) || offset > from.size || size > from.size - offset) return -EIO;
  return host_file_read(image, from.offset + offset, to, size);
}

static long read_target(struct inode *inode, char *to, size_t size) {
  if (inode->size >= size) return -ENAMETOOLONG;
  long error = read_backing(inode, to, inode->size, 0);
  if (error < 0) return error;
  to[inode->size] = 0;
  return (long)strlen(to);
}

/* Of the image, and of every file system in memory: there nothing is backed. */
const struct inode_operations tmpfs_operations = {
    .lookup = lookup, .name_at = name_at, .read = read_backing, .link_target = read_target, .release = release};

struct file_system *tmpfs_system(void) {
  return &root_system;
}

struct inode *mount_image(void) {
  const char *name = config_text("image");
  image = host_file_open(name == NULL ? "image" : name);
  if (image < 0 || host_file_read(image, 0, &header, sizeof header) < 0) panic("no package image");
  u64 size = host_file_size(image);
  if (memcmp(header.magic, "CVMIMG1", 8) != 0 || header.size > size || !inside(header.inodes_offset, 0) ||
      header.inode_count > (header.size - header.inodes_offset) / sizeof(struct image_inode) || header.inode_count > UINT32_MAX)
    panic("the package image is not one");
  inodes = kzalloc(header.inode_count * sizeof *inodes);
  if (inodes == NULL) panic("no memory for the package image");
  root_system.next_number = header.inode_count + 1;
  struct inode *root = inode_of(0);
  if (IS_ERR(root) || !S_ISDIR(root->mode)) panic("the package image has no root");
  root->parent = root;
  root->names = 1; /* nothing of the image can lead here again */
  return root;
}

bool file_code(const struct file *file, struct code_info *info) {
  const struct inode *inode = file->inode;
  struct image_inode from;
  if (inode->system != &root_system || !inode->is_backed || !S_ISREG(inode->mode)) return false;
  if (read_inode(inode->backing, &from) < 0 || from.code_address == 0) return false;
  *info = (struct code_info){.address = from.code_address, .mask = from.code_mask & ((1u << PROGRAMS) - 1)};
  return true;
}

u64 image_code_end(void) {
  return header.code_end;
}

u64 image_vdso_address(void) {
  return header.vdso_address;
}
