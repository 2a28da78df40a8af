// The part of a differential program that is the same every time: it prepares a snippet, catches its traps in M and S
// mode, and sends a report of the final state over the UART. Runs on any machine laid out like QEMU's `virt`.
import { CodeBuilder } from '../helpers/code-builder.ts';
// prettier-ignore
import {
  RAM_BASE, HANDLER_DATA, ROOT_TABLE, REPORT, SCRATCH, SCRATCH_BYTES, IMAGE, DESCRIPTORS, UART, FINISHER, TIMER_COMPARE, MAX_TRAPS, TRAP_WORDS,
  PTE_SLOTS, SETUP_CSRS, REPORT_CSRS, csrNumber, DESCRIPTOR_CSRS, DESCRIPTOR_X, DESCRIPTOR_F, DESCRIPTOR_PTES, DESCRIPTOR_WORDS,
} from './memory-map.ts';

// Offsets in HANDLER_DATA.
const M_SAVE = 0;
const S_SAVE = 0x100;
const VARIABLES = 0x200;
const CURRENT = VARIABLES; // address of the descriptor
const LEFT = VARIABLES + 8;
const START = VARIABLES + 16;
const EXIT = VARIABLES + 24;
const TRAPS = VARIABLES + 32;
const LOG = 0x240;

// prettier-ignore
const T0 = 5, T1 = 6, T2 = 7, S0 = 8, S1 = 9, A0 = 10, A1 = 11, A2 = 12, A3 = 13, A4 = 14, S2 = 18;
const FS_DIRTY = 0x6000n;
const MPRV = 0x2_0000n;
const SUM = 0x4_0000n;
const CAUSE_BREAK = 3n;

const csrRead = (code: CodeBuilder, d: number, csr: string): CodeBuilder =>
  code.op('csrrs', { d, s: 0, i: csrNumber(csr) });
const csrWrite = (code: CodeBuilder, csr: string, s: number): CodeBuilder =>
  code.op('csrrw', { d: 0, s, i: csrNumber(csr) });

/** `mode` is 'm' or 's': both handlers log the trap, then step over the instruction, give up, or end the snippet. */
function emitHandler(code: CodeBuilder, mode: 'm' | 's'): void {
  const save = mode === 'm' ? M_SAVE : S_SAVE;
  const at = (name: string): string => `${mode}_${name}`;
  code.label(at('trap'));
  csrWrite(code, `${mode}scratch`, 31).la(31, HANDLER_DATA);
  for (let r = 1; r <= 30; r++) code.op('sd', { s: 31, t: r, i: save + 8 * r });
  csrRead(code, T0, `${mode}scratch`).op('sd', { s: 31, t: T0, i: save + 8 * 31 });
  code.op('addi', { d: S0, s: 31, i: 0 });
  emitLog(code, mode);
  csrRead(code, T0, `${mode}cause`);
  csrWrite(code, `${mode}cause`, 0);
  csrRead(code, T1, `${mode}epc`);
  code.op('ld', { d: A0, s: S0, i: START }).op('ld', { d: A1, s: S0, i: EXIT });
  code.li(T2, CAUSE_BREAK).to(at('not_exit'), 'bne', { s: T0, t: T2 }).to(at('finish'), 'beq', { s: T1, t: A1 });
  code.label(at('not_exit'));
  code.op('ld', { d: A2, s: S0, i: TRAPS }).li(A3, BigInt(MAX_TRAPS)).to(at('finish'), 'bgeu', { s: A2, t: A3 });
  code.la(A2, RAM_BASE).la(A3, ROOT_TABLE); // a trap in this very code: the snippet broke the handler, say by mstatus.TSR
  code.to(at('range'), 'bltu', { s: T1, t: A2 }).to(at('finish'), 'bltu', { s: T1, t: A3 });
  code.label(at('range'));
  code.to(at('lost'), 'bltu', { s: T1, t: A0 }).to(at('lost'), 'bgeu', { s: T1, t: A1 });
  emitStepOver(code, mode);
  code.to(at('resume'), 'jal');
  code.label(at('lost')); // the snippet jumped out of its code: it left the way back in ra
  code.op('ld', { d: T1, s: S0, i: save + 8 });
  code.to(at('to_exit'), 'bltu', { s: T1, t: A0 }).to(at('resume'), 'bltu', { s: T1, t: A1 });
  code.label(at('to_exit')).op('addi', { d: T1, s: A1, i: 0 });
  code.label(at('resume'));
  csrWrite(code, `${mode}epc`, T1);
  code.op('addi', { d: 31, s: S0, i: 0 });
  for (let r = 1; r <= 31; r++) code.op('ld', { d: r, s: 31, i: save + 8 * r });
  code.op(`${mode}ret`);
}

function emitLog(code: CodeBuilder, mode: 'm' | 's'): void {
  code.op('ld', { d: T0, s: S0, i: TRAPS }).op('addi', { d: T1, s: T0, i: 1 }).op('sd', { s: S0, t: T1, i: TRAPS });
  code
    .li(T1, BigInt(8 * TRAP_WORDS))
    .op('mul', { d: T0, s: T0, t: T1 })
    .op('add', { d: T0, s: T0, t: S0 });
  [`${mode}cause`, `${mode}epc`, `${mode}tval`, `${mode}status`].forEach((csr, i) => {
    csrRead(code, T1, csr).op('sd', { s: T0, t: T1, i: LOG + 8 * i });
  });
  code.li(T1, mode === 'm' ? 3n : 1n).op('sd', { s: T0, t: T1, i: LOG + 32 });
  // Compared in the log, as far as they are defined there; the snippet must not read the rest (differences.ts).
  csrWrite(code, `${mode}tval`, 0);
}

/** T1 += length of the instruction at T1, which may lie in a user page. After an interrupt: disables all and goes on there. */
function emitStepOver(code: CodeBuilder, mode: 'm' | 's'): void {
  code.to(`${mode}_exception`, 'bge', { s: T0, t: 0 });
  csrWrite(code, `${mode}ie`, 0).to(`${mode}_resume`, 'jal').label(`${mode}_exception`);
  if (mode === 's') code.li(T2, SUM).op('csrrs', { d: T2, s: T2, i: csrNumber('sstatus') });
  code.op('lhu', { d: A2, s: T1, i: 0 });
  if (mode === 's') {
    // Only SUM is put back: the rest, FS in particular, is as the snippet left it.
    code.li(A3, SUM).op('and', { d: T2, s: T2, t: A3 }).to('s_sum_kept', 'bne', { s: T2, t: 0 });
    code.op('csrrc', { d: 0, s: A3, i: csrNumber('sstatus') }).label('s_sum_kept');
  }
  code.li(A3, 3n).op('and', { d: A2, s: A2, t: A3 }).op('addi', { d: T1, s: T1, i: 2 });
  code.to(`${mode}_resume`, 'bne', { s: A2, t: A3 }).op('addi', { d: T1, s: T1, i: 2 });
}

/** Turns the final state into words at REPORT: traps, x, f, fcsr, CSRs, page-table entries, changed scratch words. */
function emitReport(code: CodeBuilder): void {
  code.label('m_finish');
  code.li(T0, MPRV).op('csrrc', { d: 0, s: T0, i: csrNumber('mstatus') });
  code.li(T0, FS_DIRTY).op('csrrs', { d: 0, s: T0, i: csrNumber('mstatus') });
  code.li(A0, REPORT);
  const put = (register: number): CodeBuilder =>
    code.op('sd', { s: A0, t: register, i: 0 }).op('addi', { d: A0, s: A0, i: 8 });
  const copy = (label: string, from: number, words: number): void => {
    code.label(label).op('ld', { d: T0, s: from, i: 0 }).op('addi', { d: from, s: from, i: 8 });
    put(T0).op('addi', { d: words, s: words, i: -1 }).to(label, 'bne', { s: words, t: 0 });
  };
  code.op('ld', { d: T1, s: S0, i: TRAPS });
  put(T1).li(T2, BigInt(TRAP_WORDS)).op('mul', { d: T1, s: T1, t: T2 }).op('addi', { d: A1, s: S0, i: LOG });
  copy('copy_log', A1, T1);
  // The registers are in the frame of the handler that saw the snippet end.
  code.op('addi', { d: A1, s: S0, i: M_SAVE + 8 });
  csrRead(code, T0, 'mepc').la(T1, code.addressOf('s_exit'));
  code
    .to('from_m', 'bne', { s: T0, t: T1 })
    .op('addi', { d: A1, s: S0, i: S_SAVE + 8 })
    .label('from_m');
  code.li(T1, 31n);
  copy('copy_x', A1, T1);
  for (let r = 0; r < 32; r++) code.op('fsd', { s: A0, t: r, i: 8 * r });
  code.op('addi', { d: A0, s: A0, i: 256 });
  for (const csr of ['fcsr', ...REPORT_CSRS]) {
    csrRead(code, T0, csr);
    put(T0);
  }
  for (const slot of PTE_SLOTS) {
    code.la(T0, slot).op('ld', { d: T0, s: T0, i: 0 });
    put(T0);
  }
  emitChangedScratch(code, put);
  emitPrint(code);
}

function emitChangedScratch(code: CodeBuilder, put: (register: number) => CodeBuilder): void {
  code.li(A1, SCRATCH).li(A2, IMAGE).li(A3, 0n).li(A4, BigInt(SCRATCH_BYTES));
  code
    .label('compare')
    .op('ld', { d: T0, s: A1, i: 0 })
    .op('ld', { d: T1, s: A2, i: 0 })
    .to('same', 'beq', { s: T0, t: T1 });
  put(A3);
  put(T0);
  code
    .label('same')
    .op('addi', { d: A1, s: A1, i: 8 })
    .op('addi', { d: A2, s: A2, i: 8 })
    .op('addi', { d: A3, s: A3, i: 8 });
  code.to('compare', 'bne', { s: A3, t: A4 });
}

/** Sends a u32 byte count and the report. */
function emitPrint(code: CodeBuilder): void {
  code
    .li(A1, REPORT)
    .op('sub', { d: A2, s: A0, t: A1 })
    .op('addi', { d: A1, s: A1, i: -8 })
    .op('sd', { s: A1, t: A2, i: 0 });
  code.li(A3, UART);
  code.label('print').op('lbu', { d: T0, s: A1, i: 0 });
  code
    .label('busy')
    .op('lbu', { d: T1, s: A3, i: 5 })
    .op('andi', { d: T1, s: T1, i: 0x20 })
    .to('busy', 'beq', { s: T1, t: 0 });
  code.op('sb', { s: A3, t: T0, i: 0 }).op('addi', { d: A1, s: A1, i: 1 }).to('print', 'bltu', { s: A1, t: A0 });
}

/** Sets up the snippet whose descriptor S1 points to and enters it. */
function emitStart(code: CodeBuilder): void {
  code.label('start_snippet').op('sd', { s: S0, t: S1, i: CURRENT }).op('sd', { s: S0, t: 0, i: TRAPS });
  code
    .op('ld', { d: T0, s: S1, i: 0 })
    .op('sd', { s: S0, t: T0, i: START })
    .op('ld', { d: T0, s: S1, i: 8 })
    .op('sd', { s: S0, t: T0, i: EXIT });
  code
    .li(A1, SCRATCH)
    .li(A2, IMAGE)
    .li(A3, SCRATCH + BigInt(SCRATCH_BYTES));
  code.label('fill').op('ld', { d: T0, s: A2, i: 0 }).op('sd', { s: A1, t: T0, i: 0 });
  code.op('addi', { d: A1, s: A1, i: 8 }).op('addi', { d: A2, s: A2, i: 8 }).to('fill', 'bne', { s: A1, t: A3 });
  PTE_SLOTS.forEach((slot, i) => {
    code
      .la(T0, slot)
      .op('ld', { d: T1, s: S1, i: 8 * (DESCRIPTOR_PTES + i) })
      .op('sd', { s: T0, t: T1, i: 0 });
  });
  code.li(T0, SCRATCH).op('sc.d', { d: T1, s: T0, t: 0 }); // gives up any reservation: it fails, nothing is reserved here
  code.li(T0, FS_DIRTY).op('csrrs', { d: 0, s: T0, i: csrNumber('mstatus') });
  code.la(T0, code.addressOf('m_trap')).op('csrrw', { d: 0, s: T0, i: csrNumber('mtvec') });
  for (let r = 0; r < 32; r++) code.op('fld', { d: r, s: S1, i: 8 * (DESCRIPTOR_F + r) });
  SETUP_CSRS.forEach((csr, i) => {
    code.op('ld', { d: T0, s: S1, i: 8 * (DESCRIPTOR_CSRS + i) });
    csrWrite(code, csr, T0);
  });
  code.op('sfence.vma').op('fence.i').op('addi', { d: 31, s: S1, i: 0 });
  for (let r = 1; r <= 31; r++) code.op('ld', { d: r, s: 31, i: 8 * (DESCRIPTOR_X + r - 1) });
  code.op('mret');
}

/** The runtime for `count` snippets: code at RAM_BASE, entered at its first instruction. */
export function buildRuntime(count: number): { bytes: Uint8Array; supervisorTrap: bigint } {
  const code = new CodeBuilder(RAM_BASE);
  code.to('main', 'jal');
  emitHandler(code, 's');
  code.label('s_finish').label('s_exit').op('ecall').to('s_exit', 'jal');
  emitHandler(code, 'm');
  emitReport(code);
  code
    .la(S0, HANDLER_DATA)
    .op('ld', { d: S2, s: S0, i: LEFT })
    .op('addi', { d: S2, s: S2, i: -1 })
    .to('stop', 'beq', { s: S2, t: 0 });
  code
    .op('sd', { s: S0, t: S2, i: LEFT })
    .op('ld', { d: S1, s: S0, i: CURRENT })
    .li(T0, BigInt(8 * DESCRIPTOR_WORDS));
  code.op('add', { d: S1, s: S1, t: T0 }).to('start_snippet', 'jal');
  code.label('main').li(T0, TIMER_COMPARE).li(T1, -1n).op('sd', { s: T0, t: T1, i: 0 });
  code.la(S0, HANDLER_DATA).li(S2, BigInt(count)).op('sd', { s: S0, t: S2, i: LEFT }).li(S1, DESCRIPTORS);
  emitStart(code);
  code.label('stop').li(T0, FINISHER).li(T1, 0x5555n).op('sw', { s: T0, t: T1, i: 0 }).label('halt').to('halt', 'jal');
  const bytes = code.finish();
  if (bytes.length > Number(HANDLER_DATA - RAM_BASE)) throw new Error('differential runtime does not fit');
  return { bytes, supervisorTrap: code.addressOf('s_trap') };
}
