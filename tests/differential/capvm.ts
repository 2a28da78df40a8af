// Runs a differential program on this project's machine and returns what it sent over the UART.
import { Machine } from '../../src/host/index.ts';
import { RAM_MIB } from './memory-map.ts';

export type CapvmOptions = { cheri: boolean; budget?: bigint };

export function runOnCapvm(machine: Machine, elf: Uint8Array, budget = 200_000_000n): { output: Uint8Array; stop: string } {
  const chunks: Uint8Array[] = [];
  machine.console.onOutput = (bytes) => void chunks.push(bytes.slice());
  machine.load(elf);
  const stop = machine.runSync({ budget });
  return { output: new Uint8Array(Buffer.concat(chunks)), stop: `${stop.reason}: ${stop.explain()}` };
}

export function createMachine(cheri: boolean): Promise<Machine> {
  return Machine.create({ memory: `${RAM_MIB}M`, cheri, hardwareAD: true });
}
