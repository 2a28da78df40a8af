/* The tree that programs see: the image, and over it /dev, /proc, /sys, /etc/hosts and the disks of the configuration. */
#include "fs/file.h"

static struct inode *find(const char *path) {
  struct walk walk;
  if (walk_path(root_inode, path, WALK_FOLLOW, &walk) < 0) return NULL;
  struct inode *inode = inode_get(walk.inode);
  walk_end(&walk);
  return inode;
}

/* The node at an absolute path, made if it is not there; its directory must be. */
static struct inode *make(const char *path, u32 mode, u64 rdev) {
  struct inode *inode = find(path);
  if (inode != NULL) return inode;
  struct walk walk;
  if (walk_path(root_inode, path, WALK_PARENT, &walk) < 0) panic("%s cannot be made", path);
  inode = inode_create(walk.parent->system, mode);
  if (inode == NULL || directory_link(walk.parent, walk.name, walk.length, inode) < 0) panic("no memory for %s", path);
  inode->rdev = rdev;
  if (S_ISDIR(mode)) inode->size = PAGE_SIZE;
  walk_end(&walk);
  return inode;
}

static void mount(const char *path, struct inode *root) {
  if (root == NULL || mount_on(make(path, S_IFDIR | 0755, 0), root) < 0) panic("%s cannot be mounted", path);
}

static void add_symlink(const char *path, const char *target) {
  struct inode *link = make(path, S_IFLNK | 0777, 0);
  link->target = kstrdup(target);
  link->size = strlen(target);
}

static struct file_system device_system = {.name = "devtmpfs", .magic = 0x1021994, .device = 6, .operations = &tmpfs_operations, .next_number = 1,
                                           .total_pages = memory_total, .free_pages = memory_free};

static void start_devices(void) {
  static const struct {
    const char *path;
    u64 number;
  } devices[] = {{"/dev/null", makedev(1, 3)},   {"/dev/zero", makedev(1, 5)}, {"/dev/full", makedev(1, 7)},   {"/dev/random", makedev(1, 8)},
                 {"/dev/urandom", makedev(1, 9)}, {"/dev/tty", makedev(5, 0)},  {"/dev/console", makedev(5, 1)},
                 {"/dev/console-errors", CONSOLE_ERRORS_DEVICE}};
  struct inode *root = inode_create(&device_system, S_IFDIR | 0755);
  if (root == NULL) panic("no memory for /dev");
  root->links = 2;
  root->names = 1;
  root->parent = root;
  mount("/dev", root);
  for (size_t i = 0; i < ARRAY_SIZE(devices); i++) make(devices[i].path, S_IFCHR | 0666, devices[i].number);
  make("/dev/shm", S_IFDIR | 01777, 0);
  add_symlink("/dev/fd", "/proc/self/fd");
  add_symlink("/dev/stdin", "/proc/self/fd/0");
  add_symlink("/dev/stdout", "/proc/self/fd/1");
  add_symlink("/dev/stderr", "/proc/self/fd/2");
}

static void write_file(const char *path, const char *text) {
  struct inode *inode = make(path, S_IFREG | 0644, 0);
  inode_truncate(inode, 0);
  inode_write(inode, text, strlen(text), 0);
  inode_put(inode);
}

/* Peers are found by their names. */
static void write_hosts(void) {
  char text[2048];
  size_t length = strlcpy(text, "127.0.0.1 localhost\n", sizeof text);
  const char *own = config_text("hostname");
  length += (size_t)snprintf(text + length, sizeof text - length, "10.0.0.1 %s\n", own == NULL ? "capvm" : own);
  unsigned number = 2;
  for (const char *peer = config_next("peer", NULL); peer != NULL; peer = config_next("peer", peer), number++) {
    char name[64];
    strlcpy(name, peer, sizeof name);
    char *space = strchr(name, ' ');
    if (space != NULL) *space = 0;
    if (length + strlen(name) + 16 < sizeof text) length += (size_t)snprintf(text + length, sizeof text - length, "10.0.0.%u %s\n", number, name);
  }
  write_file("/etc/hosts", text);
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

void console_start(void);

void fs_start(void) {
  root_inode = mount_image();
  make("/tmp", S_IFDIR | 01777, 0);
  make("/etc", S_IFDIR | 0755, 0);
  start_devices();
  mount("/proc", mount_proc());
  mount("/sys", mount_sys());
  write_hosts();
  console_start();
  for (const char *disk = config_next("disk", NULL); disk != NULL; disk = config_next("disk", disk)) start_disk(disk);
}
