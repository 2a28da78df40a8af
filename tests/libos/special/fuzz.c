// Random system calls with likely and unlikely arguments, by processes and threads that come and go: `fuzz SEED`. The
// first process only looks on; it says "still here" if the library OS has answered to the end.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

enum { GENERATIONS = 24, CALLS = 1200, OBJECTS = 48, OBJECT = 512, THREADS = 3, NUMBERS = 512 };

static const struct call {
  const char *name, *arguments;
} calls[NUMBERS] = {
#define SYSCALL(number, name, arguments) [number] = {#name, arguments},
#define UNLOCKED SYSCALL
#define WHOLE SYSCALL
#include "../../../guests/libos/kernel/syscalls.def"
};

static __thread unsigned long state;
static unsigned long next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}
static unsigned long below(unsigned long limit) {
  return (next() >> 11) % limit;
}

static char objects[OBJECTS][OBJECT] __attribute__((aligned(16)));
static char bytes[70000];
static int known; /* numbers in `calls` */
static int numbers[NUMBERS];

static void *object(void) {
  return objects[below(OBJECTS)];
}

static const char *const paths[] = {"/tmp/a",  "/tmp/b", "/tmp/d", "/tmp/d/e", "/tmp/fifo", "/tmp/link", "/dev/null", "/dev/zero", "/dev/random", ".", "..", "/",
                                    "/proc/self/fd/3", "/proc/self/maps", "/proc/self/exe", "/proc/self/task", "/proc/self/environ", "/proc", "/sys", "/etc/hosts",
                                    "/tmp/socket", "/tmp/loop", "/usr/bin/fuzz", "", "/tmp/d/../d/./e/", "/dev/stdin", "/dev/fd/4", "/dev/shm/x"};

static unsigned long odd_number(void) {
  static const unsigned long odd[] = {0, 1, 2, 3, 7, 8, 15, 16, 63, 64, 255, 256, 1023, 1024, 4095, 4096, 4097, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
                                      0xffffffff, 1ul << 32, 1ul << 36, 1ul << 62, 1ul << 63, -1ul, -2ul, -4096ul, -100ul};
  switch (below(4)) {
    case 0: return below(32);
    case 1: return 1ul << below(64);
    case 2: return odd[below(sizeof odd / sizeof *odd)];
    default: return next() >> below(64);
  }
}

static void fill_message(struct msghdr *message) {
  struct iovec *vector = (void *)(message + 1);
  struct cmsghdr *control = (void *)(vector + 3);
  int fds[2] = {(int)below(12), (int)below(12)};
  for (int i = 0; i < 3; i++) vector[i] = (struct iovec){bytes + below(60000), below(5000)};
  *control = (struct cmsghdr){CMSG_LEN(4 * (1 + below(2))), SOL_SOCKET, 1 + (int)below(2)};
  memcpy(CMSG_DATA(control), fds, sizeof fds);
  *message = (struct msghdr){.msg_iov = vector, .msg_iovlen = below(4), .msg_control = below(2) ? control : NULL, .msg_controllen = below(64)};
}

static void handler(int number) {
  (void)number;
}

/* Something that some call takes. */
static void fill(char *to) {
  long *words = (long *)to;
  int *halves = (int *)to;
  switch (below(18)) {
    case 0: words[0] = 0, words[1] = below(20000), words[2] = 0, words[3] = below(20000); break; /* times */
    case 1:
      for (int i = 0; i < 30; i += 2) words[i] = (long)(bytes + below(60000)), words[i + 1] = below(3) ? below(3000) : odd_number();
      break;
    case 2:
      for (int i = 0; i < 60; i += 2) halves[i] = (int)below(16), halves[i + 1] = (int)below(64);
      break;
    case 3: *(struct epoll_event *)to = (struct epoll_event){.events = below(3) ? EPOLLIN | EPOLLOUT | (unsigned)next() << 28 : (unsigned)next(), .data.u64 = next()}; break;
    case 4: *(struct sockaddr_un *)to = (struct sockaddr_un){AF_UNIX, "/tmp/socket"}; break;
    case 5: *(struct sockaddr_un *)to = (struct sockaddr_un){AF_UNIX, {0, (char)('a' + below(3))}}; break;
    case 6: *(struct sockaddr_in *)to = (struct sockaddr_in){AF_INET, htons(8000 + below(4)), {htonl(below(2) ? 0x7f000001 : 0x0a000001 + below(3))}}; break;
    case 7: fill_message((struct msghdr *)to); break;
    case 8: words[0] = (long)next() | 1l << 13 | 1l << 8; break; /* a set of signals */
    case 9: words[0] = below(3) ? (long)handler : (long)below(3), words[1] = (long)odd_number(), words[2] = (long)(next() & ~(1ul << 13)); break;
    case 10: *(struct flock *)to = (struct flock){(short)below(4), (short)below(4), (long)below(100), (long)below(100), 0}; break;
    case 11: *(struct rlimit *)to = (struct rlimit){below(70), 70 + below(2000)}; break;
    case 12:
      for (int i = 0; i < 12; i++) words[i] = (long)object();
      words[below(12)] = 0;
      break;
    case 13:
      for (int i = 0; i < OBJECT / 8; i++) words[i] = (long)odd_number();
      break;
    case 14: memset(to, 0, OBJECT); break;
    case 15: words[0] = (long)object(), words[1] = below(20), words[2] = (long)object(); break; /* a robust list */
    default: strcpy(to, paths[below(sizeof paths / sizeof *paths)]);
  }
}

static long argument(char kind) {
  if (below(24) == 0) return (long)odd_number();
  switch (kind) {
    case 's': return (long)paths[below(sizeof paths / sizeof *paths)];
    case 'p': return below(8) == 0 ? below(2) ? 0 : (long)bytes : (long)object();
    case 'u': return below(3) == 0 ? (long)odd_number() : (long)below(600);
    case 'd': return below(6) == 0 ? (long)odd_number() : (long)below(14);
    case 'o': return (long)below(01000);
    default: return below(2) ? (long)odd_number() : (long)below(16);
  }
}

/* Of these the first process would hear. */
static int is_for_others(long number, const long *a) {
  int pid = (int)a[0];
  if (number == SYS_kill || number == SYS_tkill || number == SYS_tgkill || number == SYS_rt_sigqueueinfo || number == SYS_prlimit64)
    return pid <= 1 || (number == SYS_tgkill && (int)a[1] <= 1);
  return 0;
}

static void call(void) {
  long number = below(40) == 0 ? (long)below(NUMBERS) : numbers[below(known)];
  const char *kinds = calls[number].arguments == NULL ? "xpxpxp" : calls[number].arguments;
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = argument(i < (int)strlen(kinds) ? kinds[i] : 'x');
  if (is_for_others(number, a)) return;
  /* What would end it too soon, or hand its memory away, only now and then. */
  int is_rash = number == SYS_exit || number == SYS_exit_group || number == SYS_munmap || number == SYS_mprotect || number == SYS_mremap || number == SYS_brk ||
                number == SYS_rt_sigreturn || number == SYS_execve || number == SYS_clone || number == SYS_mmap || number == SYS_madvise;
  if (is_rash && below(12) != 0) return;
  if (number == SYS_mmap && below(2)) a[0] = 0, a[1] = below(300000), a[2] = below(8), a[3] = 1 + below(2) + 32 * below(2);
  syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  fill(object());
}

static unsigned long thread_seed;
static void *body(void *seed) {
  state = (unsigned long)seed;
  for (int i = 0; i < CALLS; i++) call();
  return NULL;
}

static void open_some(void) {
  int pair[2], fd = open("/tmp/a", O_RDWR | O_CREAT, 0666);
  mkdir("/tmp/d", 0777), mkfifo("/tmp/fifo", 0666), symlink("a", "/tmp/link"), symlink("loop", "/tmp/loop");
  dup2(fd, 0), dup2(fd, 1), dup2(fd, 2);
  pipe(pair);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  epoll_create1(0), epoll_create1(0), eventfd(0, 0), syscall(SYS_timerfd_create, 1, 0);
  socket(AF_UNIX, SOCK_STREAM, 0), socket(AF_INET, SOCK_STREAM, 0);
}

static void generation(unsigned long seed, int is_root) {
  struct itimerval often = {{0, 300}, {0, 300}};
  struct sigaction action = {.sa_handler = handler};
  state = seed;
  setsid();
  for (int number = 1; number < 64; number++)
    if (below(2)) sigaction(number, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  open_some();
  if (!is_root) setresuid(1000, 1000, 1000);
  for (int i = 0; i < OBJECTS; i++) fill(objects[i]);
  int threads = (int)below(THREADS + 1);
  for (int i = 0; i < threads; i++) {
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_create(&thread, &small, body, (void *)(next() | 1));
  }
  body((void *)(next() | 1));
  _exit(0);
}

/* Everybody but this process goes. */
static void clean_up(void) {
  struct timespec moment = {0, 100000};
  do {
    kill(-1, SIGKILL);
    nanosleep(&moment, NULL);
    while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
  } while (kill(-1, 0) == 0);
}

int main(int argc, char **argv) {
  unsigned long seed = strtoul(argv[1], NULL, 10) * 0x9e3779b97f4a7c15ul | 1;
  struct timespec moment = {0, 500000};
  if (argc != 2) return 0; /* one that it has started itself */
  for (int i = 0; i < NUMBERS; i++)
    if (calls[i].name != NULL) numbers[known++] = i;
  state = seed;
  for (int i = 0; i < GENERATIONS; i++) {
    unsigned long own = next() | 1;
    pid_t child = fork();
    if (child == 0) generation(own, i % 2);
    for (int wait = 0; wait < 12 && waitpid(child, NULL, WNOHANG) == 0; wait++) nanosleep(&moment, NULL);
    clean_up();
  }
  write(1, "still here\n", 11);
  return 0;
}
