/* The tree that programs see: the image, and over it /dev, /proc, /sys, /etc/hosts and the disks of the configuration. */
#include "fs/text.h"

struct inode *node_make(const char *path, u32 mode, u64 rdev) {
  struct walk walk;
  long error = walk_path(root_inode, path, WALK_PARENT | WALK_FOLLOW, &walk);
  if (error == -ENOENT) {
    char directory[256];
    strlcpy(directory, path, sizeof directory);
    *strrchr(directory, '/') = 0;
    inode_put(node_make(directory, S_IFDIR | 0555 | (mode & 0200), 0));
    error = walk_path(root_inode, path, WALK_PARENT | WALK_FOLLOW, &walk);
  }
  if (error < 0) panic("%s cannot be made", path);
  struct inode *inode = walk.inode != NULL ? inode_get(walk.inode) : inode_create(walk.parent->system, mode);
  if (inode == NULL || (walk.inode == NULL && directory_link(walk.parent, walk.name, walk.length, inode) < 0)) panic("no memory for %s", path);
  if (walk.inode == NULL) inode->rdev = rdev;
  if (walk.inode == NULL && S_ISDIR(mode)) inode->size = PAGE_SIZE;
  walk_end(&walk);
  return inode;
}

static void mount(const char *path, struct inode *root) {
  if (mount_on(node_make(path, S_IFDIR | 0755, 0), root) < 0) panic("%s cannot be mounted", path);
}

struct inode *root_create(struct file_system *system, u32 mode) {
  struct inode *root = inode_create(system, S_IFDIR | mode);
  if (root == NULL) panic("no memory for %s", system->name);
  root->links = 2;
  root->names = 1;
  root->parent = root;
  return root;
}

struct inode *mount_new(const char *path, struct file_system *system, u32 mode) {
  struct inode *root = root_create(system, mode);
  mount(path, root);
  return root;
}

static void add_symlink(const char *path, const char *target) {
  struct inode *link = node_make(path, S_IFLNK | 0777, 0);
  link->target = kstrdup(target);
  link->size = strlen(target);
}

static struct file_system device_system = {
    .name = "devtmpfs", .magic = 0x1021994, .device = 6, .operations = &tmpfs_operations, .next_number = 1, .pages = memory_pages};

static void start_devices(void) {
  static const struct {
    const char *path;
    u64 number;
  } devices[] = {{"/dev/null", makedev(1, 3)},   {"/dev/zero", makedev(1, 5)}, {"/dev/full", makedev(1, 7)},   {"/dev/random", makedev(1, 8)},
                 {"/dev/urandom", makedev(1, 9)}, {"/dev/tty", makedev(5, 0)},  {"/dev/console", makedev(5, 1)},
                 {"/dev/console-errors", CONSOLE_ERRORS_DEVICE}};
  mount_new("/dev", &device_system, 0755);
  for (size_t i = 0; i < ARRAY_SIZE(devices); i++) node_make(devices[i].path, S_IFCHR | 0666, devices[i].number);
  node_make("/dev/shm", S_IFDIR | 01777, 0);
  add_symlink("/dev/fd", "/proc/self/fd");
  add_symlink("/dev/stdin", "/proc/self/fd/0");
  add_symlink("/dev/stdout", "/proc/self/fd/1");
  add_symlink("/dev/stderr", "/proc/self/fd/2");
}

/* Peers are found by their names. */
static void write_hosts(void) {
  struct text text = {0};
  unsigned number = 2;
  text_print(&text, "127.0.0.1 localhost\n10.0.0.1 %s\n", host_name());
  for (const char *peer = config_next("peer", NULL); peer != NULL; peer = config_next("peer", peer), number++) {
    char name[64];
    size_t length = 0;
    while (peer[length] > ' ') length++;
    strlcpy(name, peer, min(sizeof name, length + 1));
    text_print(&text, "10.0.0.%u %s\n", number, name);
  }
  struct inode *inode = node_make("/etc/hosts", S_IFREG | 0644, 0);
  inode_truncate(inode, 0);
  inode_write(inode, text.bytes, text.length, 0);
  kfree(text.bytes);
}

/* "SEND RECEIVE PLACE" */
static void start_disk(const char *disk) {
  char text[256];
  strlcpy(text, disk, sizeof text);
  char *receive = strchr(text, ' '), *place = receive == NULL ? NULL : strchr(receive + 1, ' ');
  if (place == NULL) panic("disk=%s is not understood", disk);
  *receive++ = *place++ = 0;
  struct inode *root = mount_disk(text, receive);
  if (IS_ERR(root)) panic("the disk of %s cannot be mounted: error %ld", place, -PTR_ERR(root));
  mount(place, root);
}

void fs_start(void) {
  root_inode = mount_image();
  node_make("/tmp", S_IFDIR | 01777, 0);
  start_devices();
  proc_start();
  write_hosts();
  console_start();
  for (const char *disk = config_next("disk", NULL); disk != NULL; disk = config_next("disk", disk)) start_disk(disk);
}
