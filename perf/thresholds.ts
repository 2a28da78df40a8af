// What `npm run perf -- --check` expects. Only ratios of things measured in the same run: they hold on other machines,
// and on a busy one. Differences under 20 % are noise, so each bound lies about 20 % under (over) what was measured.
import type { Result } from './results.ts';
import { CHERI_OFF, CHERI_ON, geometricMean, NATIVE, QEMU, ratios, TRANSLATED, type Column, type Row } from './rows.ts';

interface Threshold {
  readonly what: string;
  /** Undefined if the run lacks one side. */
  readonly value: (result: Result) => number | undefined;
  readonly least?: number;
  readonly most?: number;
}

function meanRatio(rows: readonly Row[], column: Column, base: Column): number | undefined {
  const values = ratios(rows, column, base);
  return values.size === 0 ? undefined : geometricMean(values.values());
}

const oneRatio = (kernel: string, column: Column, base: Column) => (result: Result) =>
  ratios(result.rows, column, base).get(kernel);

const meanOver = (column: Column, base: Column) => (result: Result) => meanRatio(result.rows, column, base);

/** How much less processor time the translator takes for the same messages than the interpreter. */
const ipcRatio = (mechanism: string, kind: string) => (result: Result) => {
  const [interp, translate] = (['interp', 'translate'] as const).map(
    (engine) =>
      result.ipcRows?.find((row) => row.engine === engine && row.mechanism === mechanism && row.kind === kind)
        ?.nanoseconds,
  );
  return interp === undefined || translate === undefined ? undefined : interp / translate;
};

export const THRESHOLDS: readonly Threshold[] = [
  { what: 'interpreter with CHERI on against off', value: meanOver(CHERI_ON, CHERI_OFF), least: 0.85 },
  { what: 'interpreter against qemu-riscv64', value: meanOver(CHERI_ON, QEMU), least: 0.28 },
  { what: 'interpreter against qemu-riscv64 on mix', value: oneRatio('mix', CHERI_ON, QEMU), least: 0.22 },
  { what: 'interpreter against native on mix', value: oneRatio('mix', CHERI_ON, NATIVE), least: 0.04 },
  { what: 'interpreter against qemu-riscv64 on new code', value: oneRatio('bigcode', CHERI_ON, QEMU), least: 0.5 },
  { what: 'translator against qemu-riscv64', value: meanOver(TRANSLATED, QEMU), least: 0.8 },
  {
    what: 'translator from a cold start, a run of a second, against warm code',
    value: ({ rows, coldRows }) => {
      const kernels = coldRows.filter(({ kernel }) => kernel !== 'bigcode');
      return kernels.length === 0 ? undefined : geometricMean(ratios(kernels, TRANSLATED, TRANSLATED, rows).values());
    },
    least: 0.65,
  },
  { what: 'translator against the interpreter', value: meanOver(TRANSLATED, CHERI_ON), least: 2 },
  { what: 'CP_Call of 64 bytes, translator against interpreter', value: ipcRatio('cp_call', 'roundtrip'), least: 2.5 },
  {
    what: 'CP_Stream copy of 64 KiB, translator against interpreter',
    value: ipcRatio('cp_stream', 'stream'),
    least: 2,
  },
  {
    what: 'start-up added to bare node, as a multiple of it',
    value: ({ startUp }) => (startUp === undefined ? undefined : startUp.added / startUp.node),
    most: 2,
  },
];

export interface Verdict {
  readonly text: string;
  readonly ok: boolean;
}

/** One line for each threshold that this result can answer. */
export function checkThresholds(result: Result): Verdict[] {
  return THRESHOLDS.flatMap(({ what, value, least, most }) => {
    const found = value(result);
    if (found === undefined) return [];
    const ok = (least === undefined || found >= least) && (most === undefined || found <= most);
    const bound = least === undefined ? `at most ${most}` : `at least ${least}`;
    return [{ text: `${ok ? 'ok    ' : 'MISSED'} ${what}: ${found.toPrecision(3)} (${bound})`, ok }];
  });
}
