// The CSR instructions (Zicsr, Unprivileged 20191213 chapter 9) and the host's access to CSRs.
import { MIP, PENDING, RECORD_IMM, RECORD_RAW, RECORD_RD, RECORD_RS1, X, X_SINK } from "../layout";
import { now } from "./counters";
import { checkCsr, csrExists } from "./csr-access";
import { CSR_MIP } from "./csr-numbers";
import { readCsr } from "./csr-read";
import { writeCsr } from "./csr-write";
import { readX, writeX } from "./registers";

export { csrExists };

// @ts-ignore: decorator
@inline
function csrOf(record: usize): u32 {
  return load<i32>(record, RECORD_IMM) & 0xfff;
}

/** Bits 19:15: number of rs1, or the 5-bit immediate. */
// @ts-ignore: decorator
@inline
function sourceField(record: usize): u64 {
  return (load<u32>(record, RECORD_RAW) >> 15) & 31;
}

// @ts-ignore: decorator
@inline
function source(record: usize): u64 {
  return readX(load<u16>(record, RECORD_RS1));
}

/** x[rd] = csr; csr = value. With rd = x0 the CSR is not read. */
function swap(record: usize, value: u64): void {
  const n = csrOf(record);
  if (!checkCsr(n, true)) return;
  const rd = load<u16>(record, RECORD_RD);
  const old: u64 = rd == X_SINK - X ? 0 : readCsr(n);
  writeCsr(n, value, now() + 1);
  writeX(rd, old);
}

/** x[rd] = csr; csr = (csr & keep) | set. With rs1 = x0 or a zero immediate the CSR is not written. */
function update(record: usize, keep: u64, set: u64): void {
  const n = csrOf(record);
  const writes = sourceField(record) != 0;
  if (!checkCsr(n, writes)) return;
  const old = readCsr(n);
  if (writes) writeCsr(n, ((n == CSR_MIP ? load<u64>(MIP) : old) & keep) | set, now() + 1);
  writeX(load<u16>(record, RECORD_RD), old);
}

export function executeCSRRW(record: usize): void {
  swap(record, source(record));
}

export function executeCSRRS(record: usize): void {
  update(record, <u64>-1, source(record));
}

export function executeCSRRC(record: usize): void {
  update(record, ~source(record), 0);
}

export function executeCSRRWI(record: usize): void {
  swap(record, sourceField(record));
}

export function executeCSRRSI(record: usize): void {
  update(record, <u64>-1, sourceField(record));
}

export function executeCSRRCI(record: usize): void {
  update(record, ~sourceField(record), 0);
}

/** Value of a CSR for the host, whatever the current mode may do; 0 if it does not exist. */
export function debugCsrGet(n: u32): u64 {
  return csrExists(n) ? readCsr(n) : 0;
}

/** Writes a CSR for the host, between two instructions, under the same rules for legal values. */
export function debugCsrSet(n: u32, value: u64): void {
  if (!csrExists(n)) return;
  const pending = load<u32>(PENDING);
  writeCsr(n, value, now());
  store<u32>(PENDING, pending);
}
