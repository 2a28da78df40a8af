// Why a run of cVMs was over, in a line.
import type { MonitorStop } from '../monitor/index.ts';
import type { Interruption } from './interruption.ts';

const WAITING_SHOWN = 10;

export function explain({ reason, waiting }: Pick<MonitorStop, 'reason' | 'waiting'>, { text }: Interruption): string {
  if (reason === 'aborted') return text;
  if (reason === 'budget') return 'the budget is used up';
  if (reason !== 'deadlock') return reason;
  const more = waiting.length > WAITING_SHOWN ? ` and ${waiting.length - WAITING_SHOWN} more` : '';
  return `every thread waits: ${waiting.slice(0, WAITING_SHOWN).join('; ')}${more}`;
}
