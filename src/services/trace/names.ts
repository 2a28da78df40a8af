// Names of Linux's numbers, as riscv64 has them: errors, signals, flags.

const ERRORS =
  'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP'.split(
    ' ',
  );
const LATER_ERRORS: Readonly<Record<number, string>> = {
  ...{ 61: 'ENODATA', 62: 'ETIME', 71: 'EPROTO', 75: 'EOVERFLOW', 80: 'ELIBBAD', 84: 'EILSEQ', 88: 'ENOTSOCK' },
  ...{ 89: 'EDESTADDRREQ', 90: 'EMSGSIZE', 91: 'EPROTOTYPE', 92: 'ENOPROTOOPT', 93: 'EPROTONOSUPPORT' },
  ...{ 94: 'ESOCKTNOSUPPORT', 95: 'EOPNOTSUPP', 97: 'EAFNOSUPPORT', 98: 'EADDRINUSE', 99: 'EADDRNOTAVAIL' },
  ...{ 100: 'ENETDOWN', 101: 'ENETUNREACH', 103: 'ECONNABORTED', 104: 'ECONNRESET', 105: 'ENOBUFS', 106: 'EISCONN' },
  ...{ 107: 'ENOTCONN', 110: 'ETIMEDOUT', 111: 'ECONNREFUSED', 113: 'EHOSTUNREACH', 114: 'EALREADY' },
  ...{ 115: 'EINPROGRESS', 125: 'ECANCELED', 512: 'ERESTARTSYS', 514: 'ERESTARTNOHAND' },
};

export const errorName = (number: number): string => ERRORS[number - 1] ?? LATER_ERRORS[number] ?? `error ${number}`;

const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

export const signalName = (number: number): string =>
  SIGNALS[number - 1] === undefined ? String(number) : `SIG${SIGNALS[number - 1]}`;

type Names = Readonly<Record<number, string>>;

const OPEN: Names = {
  ...{
    0o100: 'O_CREAT',
    0o200: 'O_EXCL',
    0o400: 'O_NOCTTY',
    0o1000: 'O_TRUNC',
    0o2000: 'O_APPEND',
    0o4000: 'O_NONBLOCK',
  },
  ...{
    0o10000: 'O_DSYNC',
    0o40000: 'O_DIRECT',
    0o100000: 'O_LARGEFILE',
    0o200000: 'O_DIRECTORY',
    0o400000: 'O_NOFOLLOW',
  },
  ...{ 0o1000000: 'O_NOATIME', 0o2000000: 'O_CLOEXEC', 0o10000000: 'O_PATH' },
};
const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', '3'];
const PROTECTION: Names = { 1: 'PROT_READ', 2: 'PROT_WRITE', 4: 'PROT_EXEC' };
const MAP: Names = {
  ...{ 1: 'MAP_SHARED', 2: 'MAP_PRIVATE', 0x10: 'MAP_FIXED', 0x20: 'MAP_ANONYMOUS', 0x800: 'MAP_DENYWRITE' },
  ...{ 0x4000: 'MAP_NORESERVE', 0x8000: 'MAP_POPULATE', 0x20000: 'MAP_STACK', 0x100000: 'MAP_FIXED_NOREPLACE' },
};
const CLONE: Names = {
  ...{ 0x100: 'CLONE_VM', 0x200: 'CLONE_FS', 0x400: 'CLONE_FILES', 0x800: 'CLONE_SIGHAND', 0x4000: 'CLONE_VFORK' },
  ...{ 0x10000: 'CLONE_THREAD', 0x40000: 'CLONE_SYSVSEM', 0x80000: 'CLONE_SETTLS', 0x100000: 'CLONE_PARENT_SETTID' },
  ...{ 0x200000: 'CLONE_CHILD_CLEARTID', 0x1000000: 'CLONE_CHILD_SETTID' },
};
export const EVENTS: Names = {
  ...{ 1: 'IN', 2: 'PRI', 4: 'OUT', 8: 'ERR', 0x10: 'HUP', 0x20: 'NVAL', 0x40: 'RDNORM', 0x2000: 'RDHUP' },
  ...{ 0x40000000: 'ONESHOT', 0x80000000: 'ET' },
};
const SOCKET_FLAGS: Names = { 0o4000: 'SOCK_NONBLOCK', 0o2000000: 'SOCK_CLOEXEC' };

/** `A|B|0x100`; what has no name as one number. */
export function flagNames(value: number, names: Names, zero = '0'): string {
  const parts: string[] = [];
  let left = value >>> 0;
  for (const [bit, name] of Object.entries(names)) {
    const mask = Number(bit) >>> 0;
    if ((left & mask) >>> 0 !== mask) continue;
    parts.push(name);
    left = (left & ~mask) >>> 0;
  }
  if (left !== 0) parts.push(`0x${left.toString(16)}`);
  return parts.length === 0 ? zero : parts.join('|');
}

const one =
  (names: Names) =>
  (value: number): string =>
    names[value] ?? String(value);

/** Words of calls.ts for arguments that are 32-bit numbers. */
export const NUMBERS: Readonly<Record<string, (value: number) => string>> = {
  d: String,
  fd: String,
  at: (value) => (value === -100 ? 'AT_FDCWD' : String(value)),
  mode: (value) => `0${value.toString(8)}`,
  open: (value) => [ACCESS[value & 3], flagNames(value & ~3, OPEN, '')].filter((part) => part !== '').join('|'),
  prot: (value) => flagNames(value, PROTECTION, 'PROT_NONE'),
  map: (value) => flagNames(value, MAP),
  clone: (value) => {
    const flags = flagNames(value & ~255, CLONE, '');
    return [flags, (value & 255) === 0 ? '' : signalName(value & 255)].filter((part) => part !== '').join('|') || '0';
  },
  signal: signalName,
  whence: one({ 0: 'SEEK_SET', 1: 'SEEK_CUR', 2: 'SEEK_END', 3: 'SEEK_DATA', 4: 'SEEK_HOLE' }),
  clock: one({ 0: 'CLOCK_REALTIME', 1: 'CLOCK_MONOTONIC', 2: 'CLOCK_PROCESS_CPUTIME_ID', 3: 'CLOCK_THREAD_CPUTIME_ID', 4: 'CLOCK_MONOTONIC_RAW', 5: 'CLOCK_REALTIME_COARSE', 6: 'CLOCK_MONOTONIC_COARSE', 7: 'CLOCK_BOOTTIME' }), // prettier-ignore
  family: one({ 1: 'AF_UNIX', 2: 'AF_INET', 10: 'AF_INET6', 16: 'AF_NETLINK' }),
  socktype: (value) => {
    const type = one({ 0: '', 1: 'SOCK_STREAM', 2: 'SOCK_DGRAM', 5: 'SOCK_SEQPACKET' })(value & 15);
    return [type, flagNames(value & ~15, SOCKET_FLAGS, '')].filter((part) => part !== '').join('|') || '0';
  },
  sigmask: one({ 0: 'SIG_BLOCK', 1: 'SIG_UNBLOCK', 2: 'SIG_SETMASK' }),
  epoll: one({ 1: 'EPOLL_CTL_ADD', 2: 'EPOLL_CTL_DEL', 3: 'EPOLL_CTL_MOD' }),
  futex: (value) => {
    const operation = one({ 0: 'FUTEX_WAIT', 1: 'FUTEX_WAKE', 3: 'FUTEX_REQUEUE', 4: 'FUTEX_CMP_REQUEUE', 5: 'FUTEX_WAKE_OP', 9: 'FUTEX_WAIT_BITSET', 10: 'FUTEX_WAKE_BITSET' })(value & 127); // prettier-ignore
    return value & 128 ? `${operation}|PRIVATE` : operation;
  },
  fcntl: one({ 0: 'F_DUPFD', 1: 'F_GETFD', 2: 'F_SETFD', 3: 'F_GETFL', 4: 'F_SETFL', 5: 'F_GETLK', 6: 'F_SETLK', 7: 'F_SETLKW', 1030: 'F_DUPFD_CLOEXEC' }), // prettier-ignore
};
