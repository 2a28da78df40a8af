// Runs a program and collects its output.
import { execFile } from 'node:child_process';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws Error naming the command if it cannot start or fails. */
export function runCommand(file: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`${file} ${args.join(' ')}: ${stderr.trim() || stdout.trim() || error.message}`));
    });
  });
}

/** First line of `file --version`, or undefined if it is not installed. */
export async function versionOf(file: string): Promise<string | undefined> {
  try {
    return (await runCommand(file, ['--version'])).stdout.split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Runs a command and returns its processor seconds, user and system, children included. */
export async function cpuSecondsOf(file: string, args: readonly string[]): Promise<number> {
  // bash's own clock is getrusage(RUSAGE_CHILDREN): milliseconds, where /proc and dash count in hundredths.
  const script = 'TIMEFORMAT="cpu %3U %3S"; time "$0" "$@" >/dev/null';
  const { stderr } = await runCommand('bash', ['-c', script, file, ...args]);
  const match = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(stderr);
  if (match === null) throw new Error(`no times in "${stderr}"`);
  return Number(match[1]) + Number(match[2]);
}
