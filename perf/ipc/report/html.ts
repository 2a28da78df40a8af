// The comparison as one HTML page: chart, tables, method.
import { LINUX_METHOD } from '../linux-baseline.ts';
import type { Row } from '../rows.ts';
import { toSvg } from './chart.ts';
import { definitions, preformatted, toPage } from './page.ts';
import { instructionTable, timeTable } from './table.ts';

export function toHtml(rows: readonly Row[]): string {
  return toPage('capvm: communication between cVMs', 'Communication between cVMs, beside Linux’s pipes and sockets', [
    toSvg(rows),
    '<h2>Instructions</h2>',
    preformatted(instructionTable(rows)),
    '<h2>Time on this host</h2>',
    preformatted(timeTable(rows)),
    '<h2>How Linux’s instructions were counted</h2>',
    definitions([
      ['Guest system', LINUX_METHOD.system],
      ['Programs', LINUX_METHOD.program],
      ['Counted', LINUX_METHOD.counted],
      ['Debian’s defaults', LINUX_METHOD.configurations.default],
      ['Best case', LINUX_METHOD.configurations['best-case']],
    ]),
  ]);
}
