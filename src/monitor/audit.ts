// The audit: what happened that a person would want to know, in order, append-only.
// Trust: records are the monitor's own; nothing in them is a guest's word, but for names that the manifest fixed.

export interface AuditRecord {
  /** 0, 1, 2 … without gaps. */
  readonly sequence: number;
  /** Instructions retired by the machine when it happened. */
  readonly instructions: bigint;
  readonly cvm: string;
  readonly kind: AuditKind;
  /** One line for people. */
  readonly text: string;
  /** Of `fault`: which check stopped it, such as CapEx_LengthViolation. Of `refusal`: the error, such as EFAULT. */
  readonly check?: string;
}

export type AuditKind =
  'create' | 'start' | 'exit' | 'fault' | 'refusal' | 'kill' | 'destroy' | 'grant' | 'revoke' | 'stream';

/** Keeps the latest `capacity` records and how many there were of each kind; listeners see all. */
export class Audit {
  readonly #capacity: number;
  readonly #now: () => bigint;
  readonly #records: AuditRecord[] = [];
  readonly #counts = new Map<string, number>();
  readonly #listeners: ((record: AuditRecord) => void)[] = [];
  #sequence = 0;

  constructor(now: () => bigint, capacity = 65536) {
    this.#now = now;
    this.#capacity = capacity;
  }

  append(cvm: string, kind: AuditKind, text: string, check?: string): void {
    const record: AuditRecord = Object.freeze({
      sequence: this.#sequence++,
      instructions: this.#now(),
      cvm,
      kind,
      text,
      ...(check === undefined ? {} : { check }),
    });
    // A guest can make records without end: keep the first half for ever and the rest as a sliding window.
    if (this.#records.length === this.#capacity) this.#records.splice(this.#capacity >>> 1, 1);
    this.#records.push(record);
    const key = `${cvm} ${kind}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    for (const listener of this.#listeners) listener(record);
  }

  /** A copy of what is kept, oldest first. */
  records(): readonly AuditRecord[] {
    return [...this.#records];
  }

  count(cvm: string, kind: AuditKind): number {
    return this.#counts.get(`${cvm} ${kind}`) ?? 0;
  }

  /** How many records there ever were. */
  get total(): number {
    return this.#sequence;
  }

  onRecord(listener: (record: AuditRecord) => void): void {
    this.#listeners.push(listener);
  }
}
