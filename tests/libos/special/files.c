/* Random operations on a few files and directories, each told with its result: the same of one seed wherever it runs. */
#include "../programs/show.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { STEPS = 600, NAMES = 10, FILES = 6, LARGEST = 40000 };
static uint64_t state;
static int files[FILES];
static char bytes[LARGEST], found[LARGEST];

static uint32_t any(uint32_t below) {
  state = state * 6364136223846793005 + 1442695040888963407;
  return (uint32_t)(state >> 33) % below;
}

/* Names in two directories deep, some of which are not there, or are files. */
static const char *any_name(char *to) {
  static const char *const directories[] = {"", "", "d0/", "d1/", "d0/d2/", "link/", "../", "./d1/../"};
  sprintf(to, "%s%c%u%s", directories[any(7)], "fd"[any(3) == 0], any(NAMES / 2), any(20) == 0 ? "/" : "");
  return strncmp(to, "../", 3) == 0 ? strcpy(to, "f0") : to;
}

static uint32_t sum_of(const char *from, long size) {
  uint32_t sum = 0;
  for (long i = 0; i < size; i++) sum = sum * 31 + (unsigned char)from[i];
  return sum;
}

static void tell(int step, const char *what, long result) {
  printf("%d %s %ld %s\n", step, what, result, result < 0 ? strerrorname_np(errno) : "");
}

static int compare(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path) {
  struct dirent **names;
  int count = scandir(path, &names, NULL, compare);
  printf("%s: %d", path, count);
  for (int i = 0; i < count; i++) printf(" %s/%d", names[i]->d_name, names[i]->d_type);
  puts("");
}

static void describe(int step, const char *path) {
  struct stat stat;
  int result = lstat(path, &stat);
  tell(step, "lstat", result);
  if (result == 0) printf("  %o %ld links %ld\n", stat.st_mode, S_ISDIR(stat.st_mode) ? 0 : (long)stat.st_size, S_ISDIR(stat.st_mode) ? 0 : (long)stat.st_nlink);
}

static void on_file(int step) {
  int *file = &files[any(FILES)];
  long offset = any(LARGEST), size = any(3) == 0 ? any(LARGEST) : any(300), got;
  for (long i = 0; i < size; i++) bytes[i] = (char)(step * 7 + i);
  struct iovec pieces[2] = {{bytes, (size_t)size / 3}, {bytes + 100, (size_t)(size - size / 3 > LARGEST - 100 ? 10 : size - size / 3)}};
  struct stat stat;
  switch (any(12)) {
    case 0: return tell(step, "write", write(*file, bytes, (size_t)size));
    case 1: return tell(step, "pwrite", pwrite(*file, bytes, (size_t)size, offset));
    case 2: return tell(step, "writev", writev(*file, pieces, 2));
    case 3: return tell(step, "ftruncate", ftruncate(*file, offset));
    case 4:
      if (fstat(*file, &stat) == 0 && S_ISDIR(stat.st_mode)) return; /* the end of a directory is its file system's matter */
      return tell(step, "lseek", lseek(*file, any(2) ? offset : -offset, (int)any(3)));
    case 5: return tell(step, "fallocate", posix_fallocate(*file, offset, size + 1));
    case 6: return tell(step, "fsync", fsync(*file));
    case 7: tell(step, "fstat", fstat(*file, &stat)); return tell(step, "size", *file < 0 || S_ISDIR(stat.st_mode) ? 0 : (long)stat.st_size);
    case 8: return tell(step, "copy", copy_file_range(*file, NULL, files[any(FILES)], NULL, (size_t)any(5000), 0));
    case 9: got = pread(*file, found, (size_t)size, offset); break;
    case 10: pieces[0].iov_base = found, pieces[1].iov_base = found + pieces[0].iov_len; got = readv(*file, pieces, 2); break;
    default: got = read(*file, found, (size_t)size);
  }
  tell(step, "read", got);
  if (got > 0) printf("  %u\n", sum_of(found, got));
}

static void on_name(int step) {
  static const int flags[] = {O_RDONLY, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL, O_WRONLY | O_TRUNC, O_RDWR | O_APPEND | O_CREAT, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW, O_RDWR | O_CREAT | O_TRUNC};
  char name[64], other[64];
  any_name(name), any_name(other);
  int *file = &files[any(FILES)];
  printf("%s, %s: ", name, other);
  switch (any(13)) {
    case 0: case 1: case 2: case 3:
      close(*file);
      return tell(step, name, (*file = open(name, flags[any(8)], 0640)) < 0 ? -1 : 0);
    case 4: return tell(step, "mkdir", mkdir(name, 0750));
    case 5: return tell(step, "rmdir", rmdir(name));
    case 6: return tell(step, "unlink", unlink(name));
    case 7: return tell(step, "rename", rename(name, other));
    case 8: return tell(step, "link", link(name, other));
    case 9: return tell(step, "symlink", symlink(other, name));
    case 10: return tell(step, "truncate", truncate(name, any(9000)));
    case 11: return tell(step, "exchange", renameat2(AT_FDCWD, name, AT_FDCWD, other, any(2) ? RENAME_NOREPLACE : RENAME_EXCHANGE));
    default: return describe(step, name);
  }
}

int main(int argc, char **argv) {
  state = strtoull(getenv("SEED") == NULL ? argv[1] : getenv("SEED"), NULL, 10) * 2654435761u + 1;
  enter_scratch();
  umask(022);
  mkdir("d0", 0755), mkdir("d1", 0755), mkdir("d0/d2", 0755), symlink("d1", "link");
  for (int i = 0; i < FILES; i++) files[i] = -1;
  for (int step = 0; step < STEPS; step++) any(2) ? on_file(step) : on_name(step);
  list("."), list("d0"), list("d1"), list("d0/d2");
  return 0;
}
