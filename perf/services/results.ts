// All that `capvm bench services` finds out, section by section.
import type { HostRequests } from './host-requests.ts';
import type { Isolation } from './isolation.ts';
import type { Measured } from './measure.ts';
import type { Memory } from './memory.ts';
import { plainRow } from './rows.ts';
import type { Row } from './rows.ts';
import type { StartUp } from './start-up.ts';

export const SECTIONS = ['operations', 'host', 'start-up', 'memory', 'isolation'] as const;
export type Section = (typeof SECTIONS)[number];

/** What was not asked for, or could not be measured here, is undefined. */
export interface Results {
  /** Linux's among them. */
  readonly rows?: readonly Row[];
  readonly shares?: Measured['shares'];
  readonly host?: readonly HostRequests[];
  readonly startUp?: StartUp;
  readonly memory?: Memory;
  readonly isolation?: readonly Isolation[];
}

/** One line; a section that there is not is null. */
export function toJson({ rows = [], shares, host, startUp, memory, isolation }: Results): string {
  const sections = Object.entries({ shares, host, startUp, memory, isolation });
  const all = { schema: 1, rows: rows.map(plainRow), ...Object.fromEntries(sections.map(([name, value]) => [name, value ?? null])) }; // prettier-ignore
  return `${JSON.stringify(all)}\n`;
}
