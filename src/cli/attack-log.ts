// Pairs what a hostile cVM says it tries with what the monitor's audit says stopped it. The names are the attacker's
// own words; the verdicts are not.
import type { AuditRecord } from '../monitor/index.ts';

export interface Attempt {
  readonly name: string;
  /** `check`: a trap, and which check of the CPU raised it. `refused`: the monitor's error. `nothing`: it found nothing. */
  verdict: 'check' | 'refused' | 'nothing' | 'obtained' | 'open';
  by: string;
}

/** An attack may go on for hours: of so many attempts the names are kept, the others only count. */
const ATTEMPTS_KEPT = 4096;

export class AttackLog {
  /** The first ones. */
  readonly attempts: Attempt[] = [];
  /** An attacker has come to the end of its list. */
  finished = false;
  #begun = 0;
  #last: Attempt | undefined;
  #cvm = '';
  /** How those before the last one ended: by verdict, then by what stopped them. */
  readonly #ended = new Map<Attempt['verdict'], Map<string, number>>();

  get size(): number {
    return this.#begun;
  }

  line(cvm: string, line: string): void {
    this.#cvm = cvm;
    const name = /^attempt: (.*)$/.exec(line)?.[1];
    const result = /^result: (.*)$/.exec(line)?.[1];
    if (line.startsWith('summary:')) this.finished = true;
    else if (name !== undefined) this.#begin(name);
    else if (result !== undefined && this.#last?.verdict === 'open')
      this.#last.verdict = /^(0x0|-\d+)$/.test(result) ? 'nothing' : 'obtained';
  }

  record({ cvm, kind, check = '' }: AuditRecord): void {
    if (cvm !== this.#cvm || this.#last?.verdict !== 'open') return;
    if (kind !== 'fault' && kind !== 'refusal') return;
    this.#last.verdict = kind === 'fault' ? 'check' : 'refused';
    this.#last.by = check;
  }

  /** How often each check, or error, stopped an attempt. */
  tally(verdict: Attempt['verdict']): Map<string, number> {
    const counts = new Map(this.#ended.get(verdict));
    if (this.#last?.verdict === verdict) counts.set(this.#last.by, (counts.get(this.#last.by) ?? 0) + 1);
    return new Map([...counts].sort((a, b) => b[1] - a[1]));
  }

  count(verdict: Attempt['verdict']): number {
    return [...this.tally(verdict).values()].reduce((sum, times) => sum + times, 0);
  }

  #begin(name: string): void {
    if (this.#last !== undefined) this.#ended.set(this.#last.verdict, this.tally(this.#last.verdict));
    this.#last = { name, verdict: 'open', by: '' };
    this.#begun++;
    if (this.attempts.length < ATTEMPTS_KEPT) this.attempts.push(this.#last);
  }
}
