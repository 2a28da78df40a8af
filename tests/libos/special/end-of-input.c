/* Reads its standard input to the end, then waits long: for a signal, or for a connection. */
#include <netinet/in.h>
#include <sys/socket.h>
#include "../programs/show.h"

int main(int argc, char **argv) {
  char bytes[100];
  long total = 0, size;
  while ((size = read(0, bytes, sizeof bytes)) > 0) total += size;
  SHOW(total);
  SHOW(read(0, bytes, sizeof bytes));
  if (argc == 1) return pause();
  int server = socket(AF_INET, SOCK_STREAM, 0);
  listen(server, 1);
  accept(server, NULL, NULL);
  return 1;
}
