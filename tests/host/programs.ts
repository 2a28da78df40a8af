// Small bare-metal programs for the tests of host and command line, assembled here so that no compiler is needed.
import { INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { writeElf } from '../helpers/elf-writer.ts';

export const RAM = 0x8000_0000n;
export const UART = 0x1000_0000n;
export const FINISHER = 0x10_0000n;
export const DATA = RAM + 0x1000n;

export const A0 = 10;
export const A1 = 11;
export const A2 = 12;
export const T0 = 5;
export const T1 = 6;

/** Word of a CHERI instruction with register operands. */
export function cheri(name: string, rd: number, rs1: number, rs2 = 0): number {
  const row = INSTRUCTIONS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`no instruction ${name}`);
  return (row.match | (rd << 7) | (rs1 << 15) | (rs2 << 20)) >>> 0;
}

/** Stores `code` to the test finisher as a failure, or 0 as a pass. */
export function exit(code: CodeBuilder, exitCode: number): CodeBuilder {
  const command = exitCode === 0 ? 0x5555n : (BigInt(exitCode) << 16n) | 0x3333n;
  return code.li(T0, FINISHER).li(T1, command).op('sw', { s: T0, t: T1, i: 0 });
}

/** An executable of `code` at the start of RAM and, if given, data at DATA. */
export function elf(
  code: CodeBuilder,
  options: { data?: Uint8Array; symbols?: Record<string, bigint>; entry?: bigint } = {},
): Uint8Array {
  const segments = [{ address: code.base, bytes: code.finish() }];
  if (options.data !== undefined) segments.push({ address: DATA, bytes: options.data });
  return writeElf({ entry: options.entry ?? code.base, segments, symbols: options.symbols ?? { _start: code.base } });
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Prints `message` through the UART and exits. */
export function hello(message: string, exitCode = 0): Uint8Array {
  const code = new CodeBuilder(RAM).li(A0, DATA).li(A1, UART);
  code.label('next').op('lbu', { d: A2, s: A0, i: 0 }).to('end', 'beq', { s: A2, t: 0 });
  code.op('sb', { s: A1, t: A2, i: 0 }).op('addi', { d: A0, s: A0, i: 1 }).to('next', 'jal', { d: 0 }).label('end');
  return elf(exit(code, exitCode), { data: text(`${message}\0`) });
}

/** Counts for ever. */
export function endless(): Uint8Array {
  const code = new CodeBuilder(RAM).label('loop').op('addi', { d: T0, s: T0, i: 1 }).to('loop', 'jal', { d: 0 });
  return elf(code, { symbols: { _start: RAM, loop: RAM } });
}

/** Polls the UART and sends back each byte plus one, until it reads `!`. */
export function echo(): Uint8Array {
  const code = new CodeBuilder(RAM).li(A1, UART).li(A2, 33n);
  code
    .label('poll')
    .op('lbu', { d: T0, s: A1, i: 5 })
    .op('andi', { d: T0, s: T0, i: 1 })
    .to('poll', 'beq', { s: T0, t: 0 });
  code.op('lbu', { d: A0, s: A1, i: 0 }).to('end', 'beq', { s: A0, t: A2 }).op('addi', { d: A0, s: A0, i: 1 });
  code.op('sb', { s: A1, t: A0, i: 0 }).to('poll', 'jal', { d: 0 }).label('end');
  return elf(exit(code, 0));
}

/** Narrows a capability to 16 bytes at DATA and loads 8 bytes at its end: a CHERI length violation. */
export function boundsFault(): Uint8Array {
  const code = new CodeBuilder(RAM).li(A0, DATA).li(A1, 16n);
  code.word(cheri('cspecialrw', 12, 0, 1), 4); // ca2 = ddc
  code.word(cheri('csetaddr', 12, 12, A0), 4).word(cheri('csetbounds', 12, 12, A1), 4);
  code.word(((12 << 20) | (12 << 15) | (1 << 12) | (12 << 7) | 0x5b) >>> 0, 4); // cincoffsetimm ca2,ca2,12
  const fault = code.pc;
  code.word(cheri('ld.cap', 13, 12), 4);
  return elf(code, { symbols: { _start: RAM, faulting_load: fault } });
}
