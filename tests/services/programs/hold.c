/* `serve` greets whoever connects, and holds the connections until one says something: then it crashes. `ask ADDRESS` connects
 * again and again, and tells how each connection ended. */
#include "../../libos/programs/show.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { PORT = 7000, FILES = 64, GREETING = 5 };

static struct sockaddr_in address_of(const char *text) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

static int serve(void) {
  struct sockaddr_in address = address_of("0.0.0.0");
  struct pollfd files[FILES] = {{.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN}};
  int count = 1;
  if (bind(files[0].fd, (void *)&address, sizeof address) != 0 || listen(files[0].fd, 16) != 0) return 1;
  write(1, "listening\n", 10);
  while (poll(files, (nfds_t)count, -1) > 0) {
    char text[16];
    for (int i = 1; i < count; i++)
      if (files[i].revents != 0 && read(files[i].fd, text, sizeof text) > 0) abort();
    if (files[0].revents == 0) continue;
    files[count] = (struct pollfd){.fd = accept(files[0].fd, NULL, NULL), .events = POLLIN};
    write(files[count++].fd, "hello", GREETING);
  }
  return 1;
}

static int ask(const char *text) {
  struct sockaddr_in address = address_of(text);
  for (;;) {
    char greeting[16];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (void *)&address, sizeof address) == 0 && read(fd, greeting, sizeof greeting) == GREETING) {
      write(1, "greeted\n", 8);
      SHOW(read(fd, greeting, sizeof greeting));
    } else usleep(1000);
    close(fd);
  }
}

int main(int argc, char **argv) {
  return strcmp(argv[1], "serve") == 0 ? serve() : ask(argv[2]);
}
