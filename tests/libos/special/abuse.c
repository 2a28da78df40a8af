// Each argument names one way to make the library OS hang, crash or leak; the program says "NAME: survived" after it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static pthread_t start(void *(*body)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL) != 0) perror("pthread_create");
  return thread;
}

static void nothing(int number) {
  (void)number;
}

/* One thread waits for its vfork, another replaces the program: the first has to end. */
static char child_stack[8192];
static int sleepy_child(void *unused) {
  (void)unused;
  struct timespec time = {0, 50000000};
  syscall(SYS_nanosleep, &time, NULL);
  syscall(SYS_exit, 0);
  return 0;
}
static void *vfork_body(void *unused) {
  clone(sleepy_child, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
  return unused;
}
static void exec_during_vfork(void) {
  start(vfork_body);
  sleep_ms(5);
  execl("/proc/self/exe", "abuse", "done", "exec-during-vfork", NULL);
}

/* Stopped while another thread replaces the program. */
static void *busy_body(void *unused) {
  for (;;) sched_yield();
  return unused;
}
static void *stop_body(void *unused) {
  kill(getpid(), SIGSTOP);
  return unused;
}
static void exec_during_stop(void) {
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      for (int j = 0; j < 4; j++) start(busy_body);
      start(stop_body);
      for (int j = 0; j < i * 37; j++) __asm__ volatile("");
      execl("/proc/self/exe", "abuse", "exit", NULL);
      _exit(1);
    }
    sleep_ms(2);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
}

static void alarm_storm(void) {
  struct itimerval often = {{0, 1}, {0, 1}};
  pid_t children[8];
  signal(SIGALRM, SIG_IGN);
  for (int i = 0; i < 8; i++)
    if ((children[i] = fork()) == 0) {
      signal(SIGALRM, nothing);
      setitimer(ITIMER_REAL, &often, NULL);
      for (;;) pause();
    }
  sleep_ms(5);
  for (int i = 0; i < 8; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < 8; i++) waitpid(children[i], NULL, 0);
}

/* The end of a process that has set its alarm, when nobody has asked for it. */
static void alarm_of_the_dead(void) {
  pid_t child = fork();
  if (child == 0) {
    struct itimerval soon = {{0, 0}, {0, 1000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    _exit(0);
  }
  sleep_ms(5);
  waitpid(child, NULL, 0);
}

/* A register that looks like a call to be repeated, when a signal comes in between. */
static volatile int rings;
static void ring(int number) {
  (void)number;
  rings++;
}
static void restart_in_register(void) {
  struct itimerval often = {{0, 100}, {0, 100}};
  signal(SIGALRM, ring);
  setitimer(ITIMER_REAL, &often, NULL);
  while (rings < 50) {
    register long a0 __asm__("a0") = -512;
    register long count __asm__("a1") = 20000;
    __asm__ volatile("1: addi a1, a1, -1\n bnez a1, 1b" : "+r"(a0), "+r"(count));
    if (a0 != -512) printf("a0 is %ld\n", a0);
  }
  memset(&often, 0, sizeof often);
  setitimer(ITIMER_REAL, &often, NULL);
}

/* A signal that only the call's mask lets in is there already. */
static void pending_before_poll(void) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  signal(SIGUSR1, ring);
  sigprocmask(SIG_SETMASK, &all, NULL);
  rings = 0;
  raise(SIGUSR1);
  if (ppoll(NULL, 0, NULL, &none) != -1 || rings != 1) printf("ppoll: %d\n", rings);
  raise(SIGUSR1);
  if (pselect(0, NULL, NULL, NULL, NULL, &none) != -1 || rings != 2) printf("pselect: %d\n", rings);
  raise(SIGUSR1);
  struct epoll_event event;
  if (epoll_pwait(epoll_create1(0), &event, 1, -1, &none) != -1 || rings != 3) printf("epoll_pwait: %d\n", rings);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Waits for a lock, and for room in a queue, of what others close meanwhile. */
static int waiting_fd, holding_fd;
static void *lock_body(void *unused) {
  struct flock lock = {.l_type = F_WRLCK};
  fcntl(waiting_fd, F_SETLKW, &lock);
  return unused;
}
static void fill(void) {
  int pair[2];
  for (int i = 0; i < 50 && pipe(pair) == 0; i++) write(pair[1], "0123456789abcdef", 16), close(pair[0]), close(pair[1]);
}
static void closed_while_locking(void) {
  for (int i = 0; i < 20; i++) {
    struct flock lock = {.l_type = F_WRLCK};
    holding_fd = open("/tmp/lock", O_RDWR | O_CREAT, 0600);
    waiting_fd = open("/tmp/lock", O_RDWR);
    unlink("/tmp/lock");
    fcntl(holding_fd, F_OFD_SETLK, &lock);
    pthread_t thread = start(lock_body);
    sleep_ms(1);
    close(waiting_fd);
    close(holding_fd);
    fill();
    pthread_join(thread, NULL);
    fill();
  }
}

static struct sockaddr_un name = {AF_UNIX, "/tmp/socket"};
static void *connect_body(void *unused) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  connect(fd, (struct sockaddr *)&name, sizeof name);
  close(fd);
  return unused;
}
static void closed_while_connecting(void) {
  for (int i = 0; i < 20; i++) {
    unlink(name.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(fd, (struct sockaddr *)&name, sizeof name);
    listen(fd, 0);
    pthread_t threads[4];
    for (int j = 0; j < 4; j++) threads[j] = start(connect_body);
    sleep_ms(1);
    close(fd);
    fill();
    for (int j = 0; j < 4; j++) pthread_join(threads[j], NULL);
  }
}

/* Two threads connect one socket. */
static int shared_fd;
static void *connect_shared_body(void *unused) {
  connect(shared_fd, (struct sockaddr *)&name, sizeof name);
  return unused;
}
static void connected_twice(void) {
  for (int i = 0; i < 20; i++) {
    unlink(name.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), first = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(fd, (struct sockaddr *)&name, sizeof name);
    listen(fd, 0);
    connect(first, (struct sockaddr *)&name, sizeof name);
    shared_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    pthread_t a = start(connect_shared_body), b = start(connect_shared_body);
    sleep_ms(1);
    int accepted[3];
    for (int j = 0; j < 3; j++) {
      accepted[j] = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
      sleep_ms(1);
      fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    close(shared_fd);
    fill();
    for (int j = 0; j < 3; j++) write(accepted[j], "x", 1), close(accepted[j]);
    close(first);
    close(fd);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
  }
}

/* Descriptors that were sent, received, and given back by the interrupted sender. */
static int pair[2];
static void *rights_body(void *unused) {
  char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  int fd = open("/dev/null", O_RDWR);
  *header = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  sendmsg(pair[0], &message, 0);
  close(fd);
  return unused;
}
static void *bytes_body(void *unused) {
  static char bytes[70000];
  write(pair[0], bytes, sizeof bytes);
  return unused;
}
static void rights_in_flight(void) {
  static char bytes[65536];
  struct sigaction action = {.sa_handler = nothing};
  sigaction(SIGUSR1, &action, NULL);
  for (int i = 0; i < 30; i++) {
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    while (write(pair[0], bytes, sizeof bytes) > 0) continue;
    fcntl(pair[0], F_SETFL, 0);
    pthread_t writer = start(bytes_body), sender = start(rights_body);
    sleep_ms(1);
    char control[64];
    struct iovec piece = {bytes, sizeof bytes};
    for (int j = 0; j < 6; j++) {
      struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
      if (recvmsg(pair[1], &message, MSG_DONTWAIT) <= 0) break;
      pthread_kill(sender, SIGUSR1);
      if (i % 2) sched_yield();
    }
    shutdown(pair[1], SHUT_RDWR);
    close(pair[1]);
    pthread_join(writer, NULL);
    pthread_join(sender, NULL);
    close(pair[0]);
    fill();
  }
}

static int watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void epoll_chain(void) {
  struct epoll_event event;
  int first = epoll_create1(0), last = first;
  for (int i = 0; i < 900; i++) {
    int next = epoll_create1(0);
    if (watch(last, next) < 0) break;
    last = next;
  }
  int fd = eventfd(1, 0);
  watch(last, fd);
  epoll_wait(first, &event, 1, 0);
  write(fd, "\1\0\0\0\0\0\0\0", 8);
}

/* Every epoll of a level is watched by every one of the level above. */
static void epoll_levels(void) {
  enum { LEVELS = 5, WIDTH = 40 };
  static int fds[LEVELS][WIDTH];
  struct epoll_event event;
  for (int level = 0; level < LEVELS; level++)
    for (int i = 0; i < WIDTH; i++) {
      fds[level][i] = epoll_create1(0);
      for (int j = 0; j < WIDTH && level > 0; j++) watch(fds[level][i], fds[level - 1][j]);
    }
  int fd = eventfd(0, 0);
  for (int i = 0; i < WIDTH; i++) watch(fds[0][i], fd);
  write(fd, "\1\0\0\0\0\0\0\0", 8);
  epoll_wait(fds[LEVELS - 1][0], &event, 1, 0);
}

static void deep_proc(void) {
  static char path[4096] = "/proc/self";
  char step[32];
  snprintf(step, sizeof step, "/task/%d", getpid());
  while (strlen(path) + strlen(step) + 8 < sizeof path) strcat(path, step);
  strcat(path, "/stat");
  int fd = open(path, O_RDONLY);
  if (fd >= 0) close(fd);
  int directory = open("/proc/self", O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 2000 && directory >= 0; i++) {
    int next = openat(directory, step + 1, O_RDONLY | O_DIRECTORY);
    close(directory);
    directory = next;
  }
  if (directory >= 0) close(directory);
}

static void strange_exit_signal(void) {
  for (int number = 1; number <= 64; number++)
    if (number != SIGCHLD) signal(number, SIG_IGN);
  for (int number = 60; number < 256; number++) {
    pid_t child = syscall(SYS_clone, number, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, __WALL);
  }
  union sigval value = {0};
  if (sigqueue(getpid(), SIGCHLD, value) != 0) perror("sigqueue");
}

/* What a failed exec has taken is given back. */
static void failing_exec(void) {
  enum { ARGUMENTS = 100000 };
  static char *arguments[ARGUMENTS + 1];
  for (int i = 0; i < ARGUMENTS; i++) arguments[i] = "";
  struct sysinfo before, after;
  for (int i = 0; i < 12; i++) {
    pid_t child = fork();
    if (child == 0) {
      execv("/proc/self/exe", arguments);
      _exit(1);
    }
    waitpid(child, NULL, 0);
    sysinfo(i == 1 ? &before : &after);
  }
  if (after.freeram + 65536 < before.freeram) printf("%lu bytes are gone\n", before.freeram - after.freeram);
}

/* Numbers of which only the lower half is the number; a file without a name in a directory that is not there. */
static void odd_arguments(void) {
  char buffer[64];
  syscall(SYS_getrlimit, 1l << 36 | 7, buffer);
  syscall(SYS_prlimit64, 0, 1l << 36 | 7, NULL, buffer);
  open("/tmp/nothing", O_TMPFILE | O_CREAT | O_RDWR, 0600);
  open("/proc/self/exe", O_TMPFILE | O_RDWR, 0600);
}

/* A child of a child may not choose by what the first process hears of it. */
static void inherited_exit_signal(void) {
  if (fork() == 0) {
    if (syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0) == 0) sleep_ms(2);
    _exit(0);
  }
  sleep_ms(5);
}

static const struct {
  const char *name;
  void (*run)(void);
} cases[] = {
    {"exec-during-vfork", exec_during_vfork}, {"exec-during-stop", exec_during_stop}, {"alarm-storm", alarm_storm},
    {"alarm-of-the-dead", alarm_of_the_dead},
    {"restart-in-register", restart_in_register}, {"pending-before-poll", pending_before_poll},
    {"closed-while-locking", closed_while_locking}, {"closed-while-connecting", closed_while_connecting},
    {"connected-twice", connected_twice}, {"rights-in-flight", rights_in_flight}, {"epoll-chain", epoll_chain},
    {"epoll-levels", epoll_levels}, {"deep-proc", deep_proc}, {"strange-exit-signal", strange_exit_signal}, {"failing-exec", failing_exec},
    {"odd-arguments", odd_arguments}, {"inherited-exit-signal", inherited_exit_signal},
};

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  signal(SIGPIPE, SIG_IGN);
  if (argc > 2 && strcmp(argv[1], "done") == 0) return printf("%s: survived\n", argv[2]), 0;
  for (int i = 1; i < argc; i++)
    for (unsigned j = 0; j < sizeof cases / sizeof *cases; j++) {
      if (strcmp(argv[i], cases[j].name) != 0) continue;
      cases[j].run();
      printf("%s: survived\n", argv[i]);
    }
  return 0;
}
