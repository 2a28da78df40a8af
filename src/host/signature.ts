// Signature dump as the RISC-V architecture tests expect it: the memory between the symbols begin_signature and
// end_signature, one word of 4 or 8 bytes per line, most significant digit first.
import { CapvmError, EXIT } from './errors.ts';
import type { Machine } from './machine.ts';

/** Text of the signature file. */
export function readSignature(machine: Machine, granularityBytes: number): string {
  const begin = machine.symbols.address('begin_signature');
  const end = machine.symbols.address('end_signature');
  if (begin === undefined || end === undefined || end < begin) {
    throw new CapvmError(
      'ERR_CVM_SIGNATURE',
      'the program has no signature: it needs the symbols begin_signature and end_signature',
      EXIT.data,
    );
  }
  const bytes = machine.memory.read(begin, Number(end - begin));
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += granularityBytes) {
    const word = [...bytes.subarray(at, at + granularityBytes)].reverse();
    lines.push(
      `${word
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')
        .padStart(granularityBytes * 2, '0')}\n`,
    );
  }
  return lines.join('');
}
