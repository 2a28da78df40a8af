// A directory with many names that is emptied while it is read.
#include "show.h"

#include <dirent.h>
#include <sys/stat.h>

int main(void) {
  enter_scratch();
  char name[32];
  for (int i = 0; i < 700; i++) {
    snprintf(name, sizeof name, "name-%d", i);
    close(open(name, O_WRONLY | O_CREAT, 0644));
  }
  int seen = 0, sum = 0;
  DIR *directory = opendir(".");
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    seen++;
    sum += atoi(entry->d_name + 5);
    unlink(entry->d_name);
  }
  printf("%d names, sum %d\n", seen, sum);
  rewinddir(directory);
  int left = 0;
  while (readdir(directory) != NULL) left++;
  printf("%d left\n", left);
  return 0;
}
