// Runs a differential program on this project's machine and returns what it sent over the UART.
import { Machine } from '../../src/host/index.ts';
import { RAM_MIB } from './memory-map.ts';

/** What varies between runs; the machine is otherwise like QEMU's. */
export type Variant = { cheri: boolean; bitManipulation: boolean; translate?: boolean };
export type Subject = { machine: Machine; bitManipulation: boolean };

export function runOnCapvm(
  machine: Machine,
  elf: Uint8Array,
  budget = 200_000_000n,
): { output: Uint8Array; stop: string } {
  const chunks: Uint8Array[] = [];
  machine.console.onOutput = (bytes) => void chunks.push(bytes.slice());
  machine.load(elf);
  const stop = machine.runSync({ budget });
  return { output: new Uint8Array(Buffer.concat(chunks)), stop: `${stop.reason}: ${stop.explain()}` };
}

export async function createSubject({ cheri, bitManipulation, translate = false }: Variant): Promise<Subject> {
  const engine = translate ? ({ engine: 'translate', translateAfter: 0 } as const) : ({ engine: 'interp' } as const);
  const machine = await Machine.create({ memory: `${RAM_MIB}M`, cheri, bitManipulation, hardwareAD: true, ...engine });
  return { machine, bitManipulation };
}
