// Runs a differential program on Debian's qemu-system-riscv64 and returns what it sent over the UART.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAM_MIB } from './memory-map.ts';

const QEMU = 'qemu-system-riscv64';
/** RV64GC, with Zba, Zbb and Zbs or without: what else QEMU adds by default is switched off. */
function cpuOption(bitManipulation: boolean): string {
  const b = bitManipulation ? 'on' : 'off';
  return ['rv64', 'h=off', 'sstc=off', 'zbc=off', ...['zba', 'zbb', 'zbs'].map((name) => `${name}=${b}`)].join(',');
}

export function qemuVersion(): string | undefined {
  const { status, stdout } = spawnSync(QEMU, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

/** Machine arguments for a bare-metal ELF; `-icount` makes minstret count instructions. */
function qemuArguments(elfPath: string, serialPath: string, bitManipulation: boolean): string[] {
  return [
    '-machine',
    'virt',
    '-cpu',
    cpuOption(bitManipulation),
    '-m',
    `${RAM_MIB}M`,
    '-bios',
    'none',
    '-display',
    'none',
    '-monitor',
    'none',
    '-net',
    'none',
    '-icount',
    'shift=0,sleep=off',
    '-serial',
    `file:${serialPath}`,
    '-kernel',
    elfPath,
  ];
}

export type QemuOptions = { bitManipulation: boolean; timeoutSeconds?: number };

export function runOnQemu(elf: Uint8Array, { bitManipulation, timeoutSeconds = 60 }: QemuOptions): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-qemu-'));
  try {
    const elfPath = join(directory, 'program.elf');
    const serialPath = join(directory, 'serial.bin');
    writeFileSync(elfPath, elf);
    const { error, stderr } = spawnSync(QEMU, qemuArguments(elfPath, serialPath, bitManipulation), {
      timeout: timeoutSeconds * 1000,
      encoding: 'utf8',
    });
    if (!existsSync(serialPath)) throw new Error(`QEMU did not start: ${error?.message ?? ''} ${stderr}`);
    return new Uint8Array(readFileSync(serialPath));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
