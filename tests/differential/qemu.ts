// Runs a differential program on Debian's qemu-system-riscv64 and returns what it sent over the UART.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAM_MIB } from './memory-map.ts';

const QEMU = 'qemu-system-riscv64';
/** Exactly RV64GC: what QEMU adds by default is switched off. */
const CPU = ['rv64', ...['h', 'sstc', 'zba', 'zbb', 'zbc', 'zbs'].map((name) => `${name}=off`)].join(',');

export function qemuVersion(): string | undefined {
  const { status, stdout } = spawnSync(QEMU, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

/** Machine arguments for a bare-metal ELF; `-icount` makes minstret count instructions. */
export function qemuArguments(elfPath: string, serialPath: string): string[] {
  return ['-machine', 'virt', '-cpu', CPU, '-m', `${RAM_MIB}M`, '-bios', 'none', '-display', 'none', '-monitor', 'none', '-net', 'none',
    '-icount', 'shift=0,sleep=off', '-serial', `file:${serialPath}`, '-kernel', elfPath];
}

export function runOnQemu(elf: Uint8Array, timeoutSeconds = 60): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-qemu-'));
  try {
    const elfPath = join(directory, 'program.elf');
    const serialPath = join(directory, 'serial.bin');
    writeFileSync(elfPath, elf);
    const { error, stderr } = spawnSync(QEMU, qemuArguments(elfPath, serialPath), { timeout: timeoutSeconds * 1000, encoding: 'utf8' });
    if (!existsSync(serialPath)) throw new Error(`QEMU did not start: ${error?.message ?? ''} ${stderr}`);
    return new Uint8Array(readFileSync(serialPath));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
