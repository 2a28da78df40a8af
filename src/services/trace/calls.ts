// Every system call of the library OS (guests/libos/kernel/syscalls.def): its name, and what its arguments are, a word each.
// The words are in arguments.ts.

export interface SystemCall {
  readonly name: string;
  readonly arguments: readonly string[];
}

const TABLE = `
17 getcwd out u
19 eventfd2 u x
20 epoll_create1 x
21 epoll_ctl fd epoll fd event
22 epoll_pwait fd events:out d d p u
23 dup fd
24 dup3 fd fd open
25 fcntl fd fcntl x
29 ioctl fd x p
32 flock fd d
33 mknodat at path mode x
34 mkdirat at path mode
35 unlinkat at path x
36 symlinkat path at path
37 linkat at path at path x
39 umount2 path x
40 mount path path path x p
43 statfs path p
44 fstatfs fd p
45 truncate path u
46 ftruncate fd u
47 fallocate fd x u u
48 faccessat at path x
49 chdir path
50 fchdir fd
51 chroot path
52 fchmod fd mode
53 fchmodat at path mode
54 fchownat at path d d x
55 fchown fd d d
56 openat at path open mode
57 close fd
59 pipe2 pair open
61 getdents64 fd p u
62 lseek fd d whence
63 read fd out u
64 write fd in:2 u
65 readv fd iov d
66 writev fd iov:in d
67 pread64 fd out u u
68 pwrite64 fd in:2 u u
69 preadv d p u u
70 pwritev d p u u
71 sendfile fd fd p u
72 pselect6 d p p p p p
73 ppoll polls:1 u timespec p u
74 signalfd4 fd sigset u x
78 readlinkat at path out u
79 newfstatat at path p x
80 fstat fd p
81 sync
82 fsync fd
83 fdatasync fd
84 sync_file_range d u u x
85 timerfd_create clock x
86 timerfd_settime fd x p p
87 timerfd_gettime d p
88 utimensat at path p x
90 capget p p
91 capset p p
92 personality x
93 exit d
94 exit_group d
95 waitid d d p x p
96 set_tid_address p
98 futex p futex d p p x
99 set_robust_list p u
100 get_robust_list d p p
101 nanosleep timespec p
102 getitimer d p
103 setitimer d p p
107 timer_create d p p
108 timer_gettime d p
109 timer_getoverrun d
110 timer_settime d x p p
111 timer_delete d
112 clock_settime d p
113 clock_gettime clock p
114 clock_getres clock p
115 clock_nanosleep clock x timespec p
116 syslog d p u
118 sched_setparam d p
119 sched_setscheduler d d p
120 sched_getscheduler d
121 sched_getparam d p
122 sched_setaffinity d u p
123 sched_getaffinity d u p
124 sched_yield
125 sched_get_priority_max d
126 sched_get_priority_min d
129 kill d signal
130 tkill d signal
131 tgkill d d signal
132 sigaltstack p p
133 rt_sigsuspend sigset u
134 rt_sigaction signal p p u
135 rt_sigprocmask sigmask sigset sigset:out u
136 rt_sigpending sigset:out u
137 rt_sigtimedwait sigset p timespec u
138 rt_sigqueueinfo d d p
139 rt_sigreturn
140 setpriority d d d
141 getpriority d d
143 setregid d d
144 setgid d
145 setreuid d d
146 setuid d
147 setresuid d d d
148 getresuid p p p
149 setresgid d d d
150 getresgid p p p
151 setfsuid d
152 setfsgid d
153 times p
154 setpgid d d
155 getpgid d
156 getsid d
157 setsid
158 getgroups d p
159 setgroups d p
160 uname p
161 sethostname path u
163 getrlimit d p
164 setrlimit d p
165 getrusage d p
166 umask mode
167 prctl d x x x x
168 getcpu p p p
169 gettimeofday p p
172 getpid
173 getppid
174 getuid
175 geteuid
176 getgid
177 getegid
178 gettid
179 sysinfo p
198 socket family socktype d
199 socketpair family socktype d pair
200 bind fd address:2 u
201 listen fd d
202 accept fd address:out p
203 connect fd address:2 u
204 getsockname fd address:out p
205 getpeername fd address:out p
206 sendto fd in:2 u x p u
207 recvfrom fd out u x p p
208 setsockopt fd d d p u
209 getsockopt fd d d p p
210 shutdown fd d
211 sendmsg fd p x
212 recvmsg fd p x
213 readahead d u u
214 brk p
215 munmap p x
216 mremap p x x x p
220 clone clone p p p p
221 execve path strings p
222 mmap p x prot map fd x
223 fadvise64 fd u u d
226 mprotect p x prot
227 msync p x x
228 mlock p x
229 munlock p x
232 mincore p x p
233 madvise p x d
242 accept4 fd address:out p socktype
258 riscv_hwprobe p u p u x
259 riscv_flush_icache p p x
260 wait4 d status x p
261 prlimit64 d d p p
269 sendmmsg d p u x
276 renameat2 at path at path x
278 getrandom p u x
279 memfd_create path x
281 execveat at path strings p x
283 membarrier d x d
285 copy_file_range fd p fd p u x
291 statx at path x x p
293 rseq p u x x
424 pidfd_send_signal d d p x
434 pidfd_open d x
435 clone3 p u
436 close_range u u x
439 faccessat2 at path x x
441 epoll_pwait2 d p d p p u
`;

export const SYSTEM_CALLS: ReadonlyMap<number, SystemCall> = new Map(
  TABLE.trim()
    .split('\n')
    .map((row) => row.split(' '))
    .map(([number, name, ...words]) => [Number(number), { name, arguments: words }]),
);
