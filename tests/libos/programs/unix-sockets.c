// Unix stream sockets: pairs, names, descriptors in flight, ends.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char buffer[1 << 20];

static int events(int fd) {
  struct pollfd one = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  return poll(&one, 1, 0) < 0 ? -1 : one.revents;
}

static struct sockaddr_un name_of(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path, path);
  return name;
}

static void show_name(int fd, int (*get)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_un name = {0};
  socklen_t length = sizeof name;
  int result = get(fd, (struct sockaddr *)&name, &length);
  printf("name %d family %d length %d %s\n", result, name.sun_family, (int)length, name.sun_path);
}

static void pass_descriptors(int from, int to) {
  int fds[2];
  SHOW(pipe(fds));
  char control[CMSG_SPACE(sizeof fds)] = {0}, text[8] = {0};
  struct iovec piece = {"hi", 2};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fds);
  memcpy(CMSG_DATA(header), fds, sizeof fds);
  struct msghdr long_message = {.msg_iov = &piece, .msg_iovlen = 1025};
  SHOW(sendmsg(from, &long_message, 0));
  SHOW(recvmsg(to, &long_message, 0));
  SHOW(write(from, "before", 6));
  SHOW(sendmsg(from, &message, 0));
  SHOW(write(from, "after", 5));
  SHOW(close(fds[0]));
  SHOW(close(fds[1]));
  SHOW(read(to, text, 6));
  memset(control, 0, sizeof control);
  piece.iov_base = text, piece.iov_len = 2;
  SHOW(recvmsg(to, &message, MSG_CMSG_CLOEXEC));
  header = CMSG_FIRSTHDR(&message);
  if (header == NULL) {
    puts("no control");
    return;
  }
  printf("flags %x control %d level %d type %d\n", message.msg_flags & ~MSG_CMSG_CLOEXEC, (int)header->cmsg_len, header->cmsg_level, header->cmsg_type);
  memcpy(fds, CMSG_DATA(header), sizeof fds);
  SHOW(write(fds[1], "works", 5));
  SHOW(read(fds[0], text, 8));
  SHOW(fcntl(fds[0], F_GETFD));
  puts(text);
  SHOW(recv(to, text, 8, 0));
  close(fds[0]), close(fds[1]);
}

int main(void) {
  enter_scratch();
  signal(SIGPIPE, SIG_IGN);
  int pair[2], count;
  char text[64] = {0};
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  SHOW(socketpair(AF_INET, SOCK_STREAM, 0, pair));
  SHOW(socketpair(AF_UNIX, 77, 0, pair));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 77, pair));
  printf("events %x\n", events(pair[0]));
  SHOW(send(pair[0], "hello", 5, 0));
  SHOW(ioctl(pair[1], FIONREAD, &count));
  SHOW(count);
  SHOW(recv(pair[1], text, 2, MSG_PEEK));
  struct iovec pieces[] = {{text, 2}, {text + 8, 2}, {text + 16, 8}};
  struct msghdr peeked = {.msg_iov = pieces, .msg_iovlen = 3};
  SHOW(recvmsg(pair[1], &peeked, MSG_PEEK | MSG_WAITALL));
  printf("%.2s %.2s %.1s\n", text, text + 8, text + 16);
  SHOW(recv(pair[1], text, 5, MSG_WAITALL));
  SHOW(recv(pair[1], text, 5, MSG_DONTWAIT));
  SHOW(recv(pair[1], text, 5, MSG_OOB));
  SHOW(lseek(pair[0], 0, SEEK_SET));
  show_name(pair[0], getsockname);
  show_name(pair[0], getpeername);
  pass_descriptors(pair[0], pair[1]);
  SHOW(shutdown(pair[0], SHUT_WR));
  SHOW(recv(pair[1], text, 5, 0));
  SHOW(send(pair[0], "x", 1, 0));
  SHOW(send(pair[1], "y", 1, 0));
  SHOW(recv(pair[0], text, 5, 0));
  printf("events %x %x\n", events(pair[0]), events(pair[1]));
  SHOW(close(pair[1]));
  printf("events %x\n", events(pair[0]));
  SHOW(recv(pair[0], text, 5, 0));
  SHOW(send(pair[0], "x", 1, MSG_NOSIGNAL));
  SHOW(close(pair[0]));

  struct sockaddr_un name = name_of("socket");
  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(client, (void *)&name, sizeof name));
  SHOW(listen(server, 5));
  SHOW(bind(server, (void *)&name, sizeof name));
  SHOW(bind(server, (void *)&name, sizeof name));
  SHOW(bind(client, (void *)&name, sizeof name));
  SHOW(connect(client, (void *)&name, sizeof name));
  struct stat stat_;
  SHOW(stat("socket", &stat_));
  printf("mode %o\n", stat_.st_mode & S_IFMT);
  SHOW(open("socket", O_RDWR));
  SHOW(recv(client, text, 1, 0));
  SHOW(send(client, text, 1, 0));
  SHOW(accept(client, NULL, NULL));
  SHOW(listen(server, 1));
  printf("events %x %x\n", events(server), events(client));
  SHOW(fcntl(server, F_SETFL, O_NONBLOCK));
  SHOW(accept(server, NULL, NULL));
  SHOW(connect(client, (void *)&name, sizeof name));
  SHOW(connect(client, (void *)&name, sizeof name));
  printf("events %x %x\n", events(server), events(client));
  show_name(client, getsockname);
  show_name(client, getpeername);
  SHOW(send(client, "early", 5, 0));
  struct sockaddr_un peer = {0};
  socklen_t length = sizeof peer;
  int accepted = accept4(server, (void *)&peer, &length, SOCK_CLOEXEC);
  printf("family %d length %d cloexec %d\n", peer.sun_family, (int)length, fcntl(accepted, F_GETFD));
  show_name(accepted, getsockname);
  show_name(accepted, getpeername);
  SHOW(recv(accepted, text, 64, 0));
  SHOW(accept(server, NULL, NULL));
  int value = 0;
  length = sizeof value;
  SHOW(getsockopt(accepted, SOL_SOCKET, SO_TYPE, &value, &length));
  SHOW(value);
  struct ucred credentials;
  length = sizeof credentials;
  SHOW(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &length));
  SHOW(credentials.pid == getpid() && credentials.uid == getuid());
  SHOW(setsockopt(client, 6, 1, &value, 4));
  SHOW(getsockopt(client, 6, 1, &value, &length));
  SHOW(write(accepted, buffer, 100));
  SHOW(close(accepted));
  SHOW(read(client, buffer, 1000));
  SHOW(read(client, buffer, 1000));
  SHOW(close(client));
  SHOW(close(server));
  SHOW(unlink("socket"));
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&name, sizeof name));
  struct sockaddr_un hidden = {AF_UNIX, "\0hidden"};
  length = offsetof(struct sockaddr_un, sun_path) + 7;
  server = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&hidden, length));
  SHOW(bind(server, (void *)&hidden, length));
  SHOW(listen(server, 5));
  SHOW(connect(client, (void *)&hidden, length - 1));
  SHOW(connect(client, (void *)&hidden, length));
  SHOW(socket(AF_UNIX, SOCK_STREAM, 5));
  SHOW(socket(99, SOCK_STREAM, 0));
  SHOW(bind(client, (void *)&hidden, 1));
  SHOW(connect(client, (void *)&hidden, 5000));
  SHOW(listen(99, 1));
  SHOW(listen(1, 1));
  return 0;
}
