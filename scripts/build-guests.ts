// Builds the guest images: `npm run guests` into guests/images, `npm run guests:check` into a temporary directory and
// compares. `npm run guests NAME…` rebuilds these only. Needs Debian 12's gcc-riscv64-linux-gnu; the images are committed, so nobody needs it to run them.
// Reproducible: relative paths, no build id, no notes, no debug information, a fixed order.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as abi from '../src/monitor/abi.ts';

const GUESTS = join(dirname(fileURLToPath(import.meta.url)), '..', 'guests');
const IMAGES = join(GUESTS, 'images');
const HEADER = join(GUESTS, 'include', 'cvm-abi.h');
const COMPILER = 'riscv64-linux-gnu-gcc';
const COMPILER_VERSION = '12.2.0';
const FLAGS = [
  '-march=rv64imac_zicsr_zifencei',
  '-mabi=lp64',
  '-mcmodel=medany',
  '-mno-relax',
  '-mstrict-align',
  '-O2',
  '-std=c11',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-ffreestanding',
  '-fno-pie',
  '-no-pie',
  '-nostdlib',
  '-static',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-fno-tree-loop-distribute-patterns',
  '-ffixed-x27',
  '-fno-ident',
  '-ffunction-sections',
  '-Iinclude',
  '-Wa,-Iinclude',
];
const LINKER_FLAGS = [
  '-Wl,--build-id=none',
  '-Wl,--no-relax',
  '-Wl,--gc-sections',
  '-Wl,-z,noexecstack',
  '-Wl,-z,max-page-size=4096',
];
const LIBRARY = [
  'lib/start.S',
  'lib/hostcall.S',
  'lib/copy.S',
  'lib/call.S',
  'lib/cvm.c',
  'lib/stream.c',
  'lib/file.c',
  'lib/string.c',
  'lib/print.c',
  'lib/error.c',
];

interface Image {
  readonly name: string;
  readonly script: string;
  readonly sources: readonly string[];
  readonly flags?: readonly string[];
}

const program = (name: string, ...sources: string[]): Image => ({
  name,
  script: 'lib/cvm.ld',
  sources: [...LIBRARY, ...sources],
});

/** One of the attack suite: `C` and assembly of its class, beside what all of them share. */
const attack = (name: string, ...sources: string[]): Image =>
  program(`attack/${name}`, 'attack/attempt.c', 'attack/attempt.S', 'attack/spy.S', `attack/${name}.c`, ...sources);

/** Its own `_start` instead of the library's. */
const withOwnStart = (image: Image): Image => ({
  ...image,
  sources: image.sources.filter((source) => source !== 'lib/start.S'),
});

const libos = (room: string, ...names: readonly string[]): string[] => names.map((name) => `libos/${room}/${name}`);

/** The library OS: guests/libos, a room a line. */
// prettier-ignore
const LIBOS: Image = {
  ...program(
    'libos',
    ...libos('entry', 'trap.S'),
    ...libos('kernel', 'config.c', 'host.c', 'kmalloc.c', 'lock.c', 'main.c', 'string.c', 'syscall.c', 'wait.c'),
    ...libos('mm', 'calls.c', 'clear.S', 'file-map.c', 'mm.c', 'uaccess.c'),
    ...libos('process', 'clone.c', 'command.c', 'elf.c', 'exec.c', 'exit.c', 'fault.c', 'frame.c', 'futex.c', 'identity.c', 'leave.c'),
    ...libos('process', 'process.c', 'signal.c', 'signal-calls.c', 'start.c', 'system.c', 'thread.c'),
    ...libos('time', 'clock.c', 'itimer.c'),
    ...libos('fs', 'blockfs.c', 'console.c', 'device.c', 'directory.c', 'disk.c', 'entry.c', 'event.c', 'file.c', 'files.c'),
    ...libos('fs', 'imagefs.c', 'inode.c', 'journal.c', 'lock.c', 'open.c', 'pages.c', 'pipe.c', 'proc-process.c'),
    ...libos('fs', 'proc.c', 'read-write.c', 'records.c', 'remove.c', 'ring.c', 'size.c', 'start.c', 'stat.c', 'text.c', 'walk.c'),
    ...libos('net', 'calls.c', 'control.c', 'epoll.c', 'inet.c', 'message.c', 'mux.c', 'options.c', 'poll.c', 'socket.c'),
    ...libos('net', 'stream.c', 'unix.c'),
  ),
  flags: ['-O3', '-Ilibos', '-ffixed-tp', '-Wno-unused-parameter', '-mno-strict-align', '-mtune=thead-c906'],
};

/** What programs of the library OS find by AT_SYSINFO_EHDR; the library OS contains it, so it comes first. */
const VDSO: Image = {
  name: 'libos-vdso',
  script: 'libos/vdso/vdso.ld',
  sources: ['libos/vdso/vdso.c', 'libos/vdso/sigreturn.S'],
  flags: [
    '-march=rv64gc',
    '-mabi=lp64d',
    '-Wno-unused-parameter',
    '-fPIC',
    '-shared',
    '-Wl,-soname=linux-vdso.so.1',
    '-Wl,--hash-style=both',
  ],
};

/** What clients of `capvm bench services` have in common. */
const SERVICES = ['services/load.c', 'services/resp.c'];

/** A Linux program without a C library. */
const SOCKET_CLIENT: Image = {
  name: 'services/socket-client',
  script: 'services/linux.ld',
  sources: ['services/linux.S', ...SERVICES, 'services/socket-client.c'],
  flags: ['-march=rv64gc', '-mabi=lp64d'],
};

const IMAGE_LIST: readonly Image[] = [
  VDSO,
  LIBOS,
  { name: 'switcher', script: 'switcher/switcher.ld', sources: ['switcher/switcher.S'] },
  program('pipeline/reader', 'pipeline/reader.c'),
  program('pipeline/worker', 'pipeline/worker.c'),
  program('pipeline/checksum', 'pipeline/checksum.c'),
  program('pipeline/digest', 'pipeline/digest.c', 'receiver/sha256.c'),
  program('hello', 'hello/hello.c'),
  program('sender', 'sender/sender.c'),
  program('receiver', 'receiver/receiver.c', 'receiver/sha256.c'),
  program('worker', 'worker/worker.c'),
  program('hostile', 'hostile/hostile.c', 'hostile/probes.S'),
  program('ipc/stream', 'ipc/stream.c'),
  program('ipc/call', 'ipc/call.c'),
  ...['02-hello', '03-threads', '04-file', '05-revocation', '06-call', '07-stream', '08-poll', '09-loan'].map((name) =>
    program(`examples/${name}`, `examples/${name}.c`),
  ),
  program('ipc/file', 'ipc/file.c'),
  program('ipc/loan', 'ipc/loan.c'),
  // As one program, library and all: what matters is a few hundred instructions.
  {
    ...program('services/stream-client', ...SERVICES, 'services/connection.c', 'services/stream-client.c'),
    flags: ['-flto', '-mno-strict-align', '-mtune=thead-c906'],
  },
  program('services/broker', 'services/connection.c', 'services/broker.c'),
  program('services/call-client', ...SERVICES, 'services/call-client.c'),
  SOCKET_CLIENT,
  program('peer', 'peer/peer.c', 'peer/worker.c', 'peer/serve.c'),
  program('attack/victim', 'attack/victim.c'),
  program('attack/client', 'attack/client.c'),
  program('attack/impatient', 'attack/impatient.c'),
  attack('smuggle', 'attack/smuggle.S'),
  attack('otype', 'attack/otype.S'),
  attack('escape', 'attack/escape.S'),
  attack('partial', 'attack/partial.S'),
  attack('returns', 'attack/returns.S'),
  attack('hostcalls'),
  attack('toctou'),
  attack('nested', 'attack/returns.S'),
  attack('lure'),
  attack('customer'),
  attack('exhaust', 'attack/revoked.S'),
  attack('careful', 'attack/returns.S'),
  program('attack/post', 'attack/post.c'),
  program('attack/frames', 'attack/frames.c'),
  attack('receiver'),
  attack('sender', 'attack/revoked.S', 'attack/partial.S'),
  attack('files', 'attack/revoked.S'),
  attack('relay'),
  withOwnStart(attack('residue', 'attack/residue.S', 'attack/partial.S')),
];

/** The C and assembler view of src/monitor/abi.ts. */
function abiHeader(): string {
  const lines = Object.entries(abi).map(([name, value]) => `#define ${name} ${value}`);
  return [
    '/* Made from src/monitor/abi.ts by `npm run guests`: edit that file. */',
    '#ifndef CVM_ABI_H',
    '#define CVM_ABI_H',
    ...lines,
    '#endif',
    '',
  ].join('\n');
}

/** Objects get names of their own: the linker writes the name of a nameless source's object into the symbol table. */
function compile(image: Image, directory: string): void {
  const objects = mkdtempSync(join(tmpdir(), 'capvm-objects-'));
  const run = (parameters: readonly string[]): void => {
    execFileSync(COMPILER, parameters, {
      cwd: GUESTS,
      env: { ...process.env, LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  };
  try {
    const names = image.sources.map((source) => join(objects, `${source.replace(/\W/g, '_')}.o`));
    image.sources.forEach((source, index) => run([...FLAGS, ...(image.flags ?? []), '-c', source, '-o', names[index]]));
    const output = join(directory, `${image.name}.elf`);
    run([...FLAGS, ...(image.flags ?? []), ...LINKER_FLAGS, `-Wl,-T,${image.script}`, ...names, '-o', output]);
    chmodSync(output, 0o644);
  } finally {
    rmSync(objects, { recursive: true });
  }
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

function sums(directory: string): string {
  return IMAGE_LIST.map(({ name }) => `${sha256(join(directory, `${name}.elf`))}  ${name}.elf\n`).join('');
}

function compilerVersion(): string | undefined {
  try {
    return execFileSync(COMPILER, ['-dumpfullversion'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** `only`: these of them, none named: all. */
function build(directory: string, only: readonly string[] = []): void {
  for (const { name } of IMAGE_LIST) mkdirSync(dirname(join(directory, name)), { recursive: true });
  for (const image of IMAGE_LIST) if (only.length === 0 || only.includes(image.name)) compile(image, directory);
  writeFileSync(join(directory, 'SHA256SUMS'), sums(directory));
}

/** Names of images whose committed bytes differ from what the sources give. */
function differences(): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-guests-'));
  try {
    build(directory);
    const names = [...IMAGE_LIST.map(({ name }) => `${name}.elf`), 'SHA256SUMS'];
    return names.filter(
      (name) => !existsSync(join(IMAGES, name)) || sha256(join(IMAGES, name)) !== sha256(join(directory, name)),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function main(): number {
  const check = process.argv.includes('--check');
  const version = compilerVersion();
  if (check && readFileSync(HEADER, 'utf8') !== abiHeader()) {
    console.error('guests: include/cvm-abi.h is not what src/monitor/abi.ts says; run `npm run guests`');
    return 1;
  }
  if (version !== COMPILER_VERSION) {
    console.error(
      `guests: ${COMPILER} ${COMPILER_VERSION} is needed (found ${version ?? 'none'}): apt-get install --no-install-recommends gcc-riscv64-linux-gnu on Debian 12`,
    );
    return check ? 3 : 2;
  }
  if (!check) {
    writeFileSync(HEADER, abiHeader());
    build(IMAGES, process.argv.slice(2));
    process.stdout.write(sums(IMAGES));
    return 0;
  }
  const different = differences();
  for (const name of different)
    console.error(`guests: ${name} differs from its sources; run \`npm run guests\` and commit`);
  if (different.length === 0) console.log(`guests: ${IMAGE_LIST.length} images are what their sources give`);
  return different.length === 0 ? 0 : 1;
}

process.exitCode = main();
