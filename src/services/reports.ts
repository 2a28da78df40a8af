// What a library OS reports to the host: one record of 32-bit words by one write to channel 2 of its console
// (guests/libos/kernel/host.h). Trust: the bytes may be anything; what is no report is undefined.
export const REPORT_CHANNEL = 2;
const KIND = { ended: 1, call: 2, result: 3 } as const;
const ENDED_BYTES = 16;
const TRACE_BYTES = 72;
const ERRNO_LIMIT = 4096;

/** A command of the host has ended, or could not begin (`errno`, 0: it began). */
export interface EndedReport {
  readonly kind: 'ended';
  readonly command: number;
  /** As of a process: its exit code, or 128 + the number of the signal that ended it. */
  readonly code: number;
  readonly errno: number;
}

/** A system call begins, or ends. */
export interface TraceReport {
  readonly kind: 'call' | 'result';
  readonly tid: number;
  readonly pid: number;
  readonly number: number;
  /** Where the program's address 0 would lie, in addresses of the cVM; 0: it has no memory. */
  readonly memory: bigint;
  /** Six arguments, or the result as the first, unsigned. */
  readonly values: readonly bigint[];
}

export type Report = EndedReport | TraceReport;

export function parseReport(bytes: Uint8Array): Report | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  if (kind === KIND.ended && bytes.length === ENDED_BYTES) return endedReport(view);
  const isTrace = kind === KIND.call || kind === KIND.result;
  return isTrace && bytes.length === TRACE_BYTES
    ? traceReport(kind === KIND.call ? 'call' : 'result', view)
    : undefined;
}

function endedReport(view: DataView): EndedReport {
  const [status, errno] = [view.getUint32(8, true), view.getUint32(12, true)];
  const signal = status & 127;
  const code = signal === 0 ? (status >> 8) & 255 : 128 + signal;
  return { kind: 'ended', command: view.getUint32(4, true), code, errno: errno < ERRNO_LIMIT ? errno : 0 };
}

function traceReport(kind: 'call' | 'result', view: DataView): TraceReport {
  return {
    kind,
    tid: view.getUint32(4, true),
    pid: view.getUint32(8, true),
    number: view.getUint32(12, true),
    memory: view.getBigUint64(16, true),
    values: [24, 32, 40, 48, 56, 64].map((at) => view.getBigUint64(at, true)),
  };
}
