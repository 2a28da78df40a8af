// Runs the command line as a user does: a process of its own, files in a directory of its own.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The compiled command line. */
export const program = join(root, 'dist/src/cli/main.js');

/** Processes that this one has started; Linux only. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiles anew if a source is newer than what was compiled: these tests run the compiled program. */
export function compileIfStale(): void {
  const sources = ['src', 'perf/ipc', 'perf/services'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => join(root, room, name)),
  );
  const newest = Math.max(...sources.filter((name) => name.endsWith('.ts')).map((name) => statSync(name).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs >= newest) return;
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(root, 'tsconfig.build.json'),
  ]);
}

export interface SpawnOptions {
  readonly input?: string;
  readonly directory?: string;
  readonly environment?: Record<string, string>;
  /** Sent once something was written to stdout. */
  readonly signal?: NodeJS.Signals;
  /** A file descriptor in place of a pipe; of Live. */
  readonly stdout?: number;
}

export function capvm(args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (options.signal !== undefined) child.kill(options.signal);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** A directory with `files`, removed after `action`. */
export async function withFiles<T>(
  files: Record<string, Uint8Array | string>,
  action: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-'));
  try {
    for (const [name, contents] of Object.entries(files)) writeFileSync(join(directory, name), contents);
    return await action(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A command that is still running. */
export class Live {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  readonly directory: string | undefined;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], options: Pick<SpawnOptions, 'directory' | 'environment' | 'stdout'> = {}) {
    this.directory = options.directory;
    this.child = spawn(process.execPath, [program, ...args], {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.stdout += chunk));
    this.child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk));
    this.child.stdin!.on('error', () => {});
    this.done = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Until it has printed this. */
  async until(pattern: RegExp): Promise<void> {
    const ended = this.done.then(() => true);
    while (!pattern.test(this.stdout)) {
      const soon = new Promise((resolve) => setTimeout(resolve, 20, false));
      if ((await Promise.race([ended, soon])) === true && !pattern.test(this.stdout))
        throw new Error(`it ended without ${pattern}: ${this.stdout}${this.stderr}`);
    }
  }
}
