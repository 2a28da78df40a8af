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
  | 'create'
  | 'start'
  | 'pause'
  | 'resume'
  | 'restart'
  | 'exit'
  | 'fault'
  | 'refusal'
  | 'kill'
  | 'destroy'
  | 'grant'
  | 'revoke'
  | 'stream';

/**
 * Keeps the first and the latest records, `capacity` in all, and how many there were of each kind: a guest can make
 * records without end. Listeners see every one.
 */
export class Audit {
  readonly #capacity: number;
  readonly #now: () => bigint;
  readonly #first: AuditRecord[] = [];
  /** The latest ones, a ring. */
  readonly #latest: AuditRecord[] = [];
  /** By cVM; those of destroyed ones are forgotten. */
  readonly #counts = new Map<string, Map<AuditKind, number>>();
  readonly #listeners: ((record: AuditRecord) => void)[] = [];
  #sequence = 0;

  constructor(now: () => bigint, capacity = 65536) {
    this.#now = now;
    this.#capacity = capacity >>> 1;
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
    if (this.#first.length < this.#capacity) this.#first.push(record);
    else this.#latest[(record.sequence - this.#capacity) % this.#capacity] = record;
    this.#count(cvm, kind);
    for (const listener of this.#listeners) listener(record);
  }

  /** What is kept, oldest first. */
  records(): readonly AuditRecord[] {
    return [...this.#first, ...this.#latest].sort((a, b) => a.sequence - b.sequence);
  }

  count(cvm: string, kind: AuditKind): number {
    return this.#counts.get(cvm)?.get(kind) ?? 0;
  }

  /** How many records there ever were. */
  get total(): number {
    return this.#sequence;
  }

  #count(cvm: string, kind: AuditKind): void {
    if (kind === 'destroy') {
      this.#counts.delete(cvm);
      return;
    }
    const counts = this.#counts.get(cvm) ?? new Map<AuditKind, number>();
    this.#counts.set(cvm, counts.set(kind, (counts.get(kind) ?? 0) + 1));
  }

  /** `listener` must not throw. */
  onRecord(listener: (record: AuditRecord) => void): void {
    this.#listeners.push(listener);
  }
}
