// Pairs what a hostile cVM says it tries with what the monitor's audit says stopped it. The names are the attacker's
// own words; the verdicts are not.
import type { AuditRecord } from '../monitor/index.ts';

export interface Attempt {
  readonly name: string;
  /** `check`: a trap, and which check of the CPU raised it. `refused`: the monitor's error. `nothing`: it found nothing. */
  verdict: 'check' | 'refused' | 'nothing' | 'obtained' | 'open';
  by: string;
}

export class AttackLog {
  readonly attempts: Attempt[] = [];
  /** An attacker has come to the end of its list. */
  finished = false;
  #last: Attempt | undefined;
  #cvm = '';

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
    const counts = new Map<string, number>();
    for (const { by } of this.attempts.filter((attempt) => attempt.verdict === verdict))
      counts.set(by, (counts.get(by) ?? 0) + 1);
    return new Map([...counts].sort((a, b) => b[1] - a[1]));
  }

  count(verdict: Attempt['verdict']): number {
    return this.attempts.filter((attempt) => attempt.verdict === verdict).length;
  }

  #begin(name: string): void {
    this.#last = { name, verdict: 'open', by: '' };
    this.attempts.push(this.#last);
  }
}
