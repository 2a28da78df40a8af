// Small Linux programs on the library OS, and on Debian's qemu-riscv64 for what they should say.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addSystemFiles, addSystemLinks, buildImage, ImageTree } from '../../src/image/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { Monitor } from '../../src/monitor/index.ts';
import { deployLinux, parseReport, peekInto, Trace, vdsoFile } from '../../src/services/index.ts';
import type { LinuxSpec } from '../../src/services/index.ts';

const COMPILER = 'riscv64-linux-gnu-gcc';
const QEMU = 'qemu-riscv64';
export const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const REPORTS = 2;
const BUDGET = 2_000_000_000n;

export interface Said {
  readonly output: string;
  /** Lines of its trace. */
  readonly trace?: readonly string[];
  readonly exitCode: number | undefined;
}

/** Is there a compiler that makes programs with a C library? */
export function hasCompiler(): boolean {
  const library = spawnSync(COMPILER, ['-print-file-name=libc.a'], { encoding: 'utf8' });
  return library.status === 0 && library.stdout.startsWith('/');
}

export const hasQemu = (): boolean => spawnSync(QEMU, ['--version']).status === 0;

const STATIC = ['-static', '-O1', '-pthread', '-w'];

/** A static program of tests/libos/programs, or of `directory`, built with other flags. */
export function compileProgram(name: string, directory = PROGRAMS, flags: readonly string[] = STATIC): Uint8Array {
  const scratch = mkdtempSync(join(tmpdir(), 'capvm-program-'));
  try {
    const output = join(scratch, name);
    execFileSync(COMPILER, [...flags, '-o', output, join(directory, `${name}.c`)]);
    return readFileSync(output);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

export function runOnQemu(name: string, elf: Uint8Array, argv: readonly string[] = []): Said {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-program-'));
  try {
    const path = join(directory, name);
    writeFileSync(path, elf, { mode: 0o755 });
    const output = openSync(join(directory, 'output'), 'w+'); // a pipe of Node's would be a socket
    const { status } = spawnSync(QEMU, [path, ...argv], { timeout: 20_000, stdio: ['ignore', output, 'ignore'] });
    closeSync(output);
    return { output: readFileSync(join(directory, 'output'), 'utf8'), exitCode: status ?? undefined };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An image with one program, /usr/bin/NAME, and these files. */
export function imageOf(name: string, elf: Uint8Array, files: Readonly<Record<string, string>> = {}) {
  const tree = new ImageTree();
  addSystemLinks(tree);
  tree.addFile(`usr/bin/${name}`, elf, { mode: 0o755 });
  for (const [path, text] of Object.entries(files)) tree.addFile(path, Buffer.from(text), { mode: 0o644 });
  addSystemFiles(tree, vdsoFile());
  return buildImage(tree);
}

/** Runs it in a cVM to its end; `slice`: instructions of a thread's turn. */
export async function runOnLibraryOs(
  name: string,
  elf: Uint8Array,
  spec: Partial<LinuxSpec> = {},
  slice?: number,
): Promise<Said> {
  return runImage(imageOf(name, elf), [`/usr/bin/${name}`], spec, slice);
}

/** Runs a program of an image in a cVM to its end. */
export async function runImage(
  image: PackageImage,
  argv: readonly string[],
  spec: Partial<LinuxSpec> = {},
  slice?: number,
): Promise<Said> {
  let output = '';
  const decoder = new TextDecoder();
  const lines: string[] = [];
  const trace = new Trace((line) => lines.push(line));
  const monitor: Monitor = await Monitor.create({
    switcher: SWITCHER,
    memory: '256M',
    slice,
    onConsole: (cvm, bytes, channel) => {
      if (channel !== REPORTS) return void (output += decoder.decode(bytes, { stream: true }));
      const report = parseReport(bytes);
      if (report?.kind === 'call' || report?.kind === 'result')
        trace.take(report, monitor.now, peekInto(monitor, cvm, report.memory));
    },
  });
  try {
    const usual = { name: 'program', image, argv, processMemory: 16 * 1024 ** 2, processes: 3 };
    const cvm = deployLinux(monitor, { ...usual, epoch: 1_700_000_000_000_000_000n, ...spec });
    monitor.start(cvm);
    const stop = await monitor.run({ budget: BUDGET });
    if (cvm.exitCode === undefined) output += `[${stop.reason}, ${cvm.state}]`;
    return { output, exitCode: cvm.exitCode, ...(spec.strace === true ? { trace: lines } : {}) };
  } finally {
    monitor.machine.dispose();
  }
}
