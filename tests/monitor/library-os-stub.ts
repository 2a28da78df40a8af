// A library OS of some sixty instructions, for tests: it answers the traps of a program above it, notes each, and goes on
// behind it. Its memory: boot page, what it keeps, notes, stacks, then the program's, out of whose reach is all of that.
import { SLOT_PROGRAM, SLOT_SIZE } from '../../src/monitor/abi.ts';
import { readImage } from '../../src/monitor/index.ts';
import type { Cvm, CvmSpec, Image, ProgramCode } from '../../src/monitor/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import type { World } from './world.ts';

const TEXT = 0x1000;
const DATA = 0x4000;
/** What the vector keeps: t0, t1, where the next note goes. */
const SAVE = 0x5000;
const NOTES = 0x5100;
const STACK = 0x8000;
/** The program's address 0; its code and its memory begin at PROGRAM, in its own addresses. */
const SLOT = 0x10000;
const PROGRAM = 0x10000;
const PROGRAM_BYTES = 0x40000;
const MEMORY = 0x60000;
/** Loads the address of a label of the stub's. */
export const address = (register: string, label: string): string =>
  `lui ${register}, 1\n addi ${register}, ${register}, ${label}-4096`;

/** Hostcalls: exit 0, sleep 5, thread_create 8, thread_interrupt 13. */
const HOSTCALL = `
  hostcall:
          li t2, ${DATA}
          lc ct0, 0(t2)
          lc ct1, ${SLOT_SIZE}(t2)
          cinvoke ct0, ct1
`;

/** Down into the program, whose code is in the c-list. While it runs UTDC is the library OS's DDC. */
const ENTER = `
  enter:  li t0, ${SAVE}
          li t1, ${NOTES}
          sd t1, 16(t0)
          cspecialrw cnull, uscratchc, ct0
          cspecialrw ct2, ddc, cnull
          cspecialrw cnull, utdc, ct2
          cspecialrw ct0, pcc, cnull
          ${address('t1', 'vector')}
          csetoffset ct0, ct0, t1
          cspecialrw cnull, utcc, ct0
          li t1, ${DATA + SLOT_SIZE * SLOT_PROGRAM}
          lc ct0, 0(t1)
          li t1, ${PROGRAM}
          csetoffset ct0, ct0, t1
          cspecialrw cnull, uepcc, ct0
          li t1, ${SLOT + PROGRAM}
          cincoffset ct0, ct2, t1
          li t1, ${PROGRAM_BYTES}
          csetboundsexact ct0, ct0, t1
          li t1, -${PROGRAM}
          cincoffset ct0, ct0, t1
          csrrwi zero, uie, 1
          csrrwi zero, ustatus, 16
          cspecialrw cnull, ddc, ct0
          mv t0, zero
          mv t1, zero
          mv t2, zero
          uret
`;

/**
 * Three exchanges with the special registers take c2 for the stack pointer, DDC for the library OS's, and keep the
 * program's, with their tags; three give them back. System calls: 93 exit, 64 write(character), 1 says that it is alive.
 */
const VECTOR = `
  .align 4
  vector: cspecialrw csp, utdc, csp
          cspecialrw csp, ddc, csp
          cspecialrw csp, uscratchc, csp
          sd t0, 0(sp)
          sd t1, 8(sp)
          ld t1, 16(sp)
          csrr t0, uepc
          sd t0, 16(t1)
          addi t0, t0, 4
          csrw uepc, t0
          csrr t0, utval
          sd t0, 8(t1)
          csrr t0, ucause
          sd t0, 0(t1)
          addi t1, t1, 24
          sd t1, 16(sp)
          bge t0, zero, asked
          csrr t0, uepc
          addi t0, t0, -4
          csrw uepc, t0
          csrrci zero, uip, 1
          li s1, 1
          j leave
  asked:  li t1, 93
          bne a7, t1, back
          li a7, 0
          j hostcall
  back:   addi a0, a0, 1
  leave:  ld t0, 0(sp)
          ld t1, 8(sp)
          cspecialrw csp, uscratchc, csp
          cspecialrw csp, ddc, csp
          cspecialrw csp, utdc, csp
          uret
`;

export interface Stub {
  /** Assembly, from the cVM's entry on. Default: straight into the program. */
  readonly start?: string;
  readonly vector?: string;
  /** Assembly of the program, or of several: codes 0, 1 … */
  readonly program?: string | readonly string[];
}

const imageOf = ({ start = 'start: j enter', vector = VECTOR }: Stub): Image => {
  const { bytes } = assemble([start, HOSTCALL, ENTER, vector].join('\n'), { base: BigInt(TEXT) });
  const segments = [
    { address: BigInt(TEXT), bytes, flags: 5 },
    { address: BigInt(DATA), bytes: new Uint8Array(4096), memorySize: 0x1000n, flags: 6 },
  ];
  return readImage(writeElf({ entry: BigInt(TEXT), segments }), 'library-os');
};

export function codeOf(name: string, program: string): ProgramCode {
  const { bytes } = assemble(program, { base: BigInt(PROGRAM) });
  const all = new Uint8Array(PROGRAM + bytes.length);
  all.set(bytes, PROGRAM);
  return { name, bytes: all };
}

/** Created, not started. */
export function libraryOs(world: World, name: string, stub: Stub, spec: Partial<CvmSpec> = {}): Cvm {
  const { program = 'li a7, 93\n ecall' } = stub;
  const codes = [program].flat().map((text, index) => codeOf(`${name} ${index}`, text));
  return world.monitor.createCvm({ name, memory: MEMORY, image: imageOf(stub), program: { codes }, ...spec });
}

/** A cVM without programs: this assembly and HOSTCALL. Created, not started. */
export const plainCvm = (world: World, name: string, start: string, spec: Partial<CvmSpec> = {}): Cvm =>
  world.monitor.createCvm({ name, memory: MEMORY, image: imageOf({ start }), background: true, ...spec });

/** cause, value and pc of every trap that the stub has answered. */
export function notesOf(world: World, { origin }: Cvm): [bigint, bigint, bigint][] {
  const { memory } = world.monitor.machine;
  const end = Number(memory.readU64(origin + SAVE + 16));
  const notes: [bigint, bigint, bigint][] = [];
  for (let at = NOTES; at < end; at += 24)
    notes.push([0, 8, 16].map((offset) => memory.readU64(origin + at + offset)) as [bigint, bigint, bigint]);
  return notes;
}

/** A word of the program's memory. */
export const programWord = (world: World, { origin }: Cvm, address: number): bigint =>
  world.monitor.machine.memory.readU64(origin + SLOT + address);

export { DATA, PROGRAM, SAVE, STACK, VECTOR };
