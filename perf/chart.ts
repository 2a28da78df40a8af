// The kernels' speeds relative to qemu-riscv64 as one SVG: warm code on all engines, and the translator from a cold start
// beside it. The axes are logarithmic; what bounds an engine has hollow marks. Each value is in a mark's title, too.
import { drawColumn, drawHeading, escapeText, logScale, round, type Box, type Scale } from './ipc/report/axes.ts';
import { DARK, drawFigure, drawMark, LIGHT, type Figure } from './ipc/report/figure.ts';
import { formatRatio } from './ipc/report/numbers.ts';
import { definitions, preformatted, toPage } from './ipc/report/page.ts';
import type { Result } from './results.ts';
import { C_WASM, CHERI_ON, geometricMean, NATIVE, QEMU, ratios, TRANSLATED, type Column } from './rows.ts';
import { formatTable } from './table.ts';

/** One kind of mark; its class gives the colour. */
interface Series {
  readonly name: string;
  readonly class: string;
  readonly shape: number;
  readonly column: Column;
  readonly cold?: boolean;
}

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly left: number;
  readonly width: number;
  readonly series: readonly Series[];
  /** The marks of a kernel are joined by a line. */
  readonly joined: boolean;
}

const TITLE = 'Speed of the kernels, relative to qemu-riscv64';
const MEAN = 'geometric mean';
const WIDTH = 1290;
const LEFT = 130;
const TOP = 160;
const LEGEND_TOP = 90;
const LEGEND_STEP = 190;
const ROW_HEIGHT = 24;
const TICKS = [1, 2, 5];

const WARM: Series = { name: 'translator', class: 'translate', shape: 1, column: TRANSLATED };
const COLD: Series = { name: 'translator, cold', class: 'cold', shape: 3, column: TRANSLATED, cold: true };
const INTERPRETER: Series = { name: 'interpreter', class: 'interp', shape: 0, column: CHERI_ON };
const LIMITS: readonly Series[] = [
  { name: 'limit: C to Wasm', class: 'c-wasm limit', shape: 2, column: C_WASM },
  { name: 'limit: native', class: 'native limit', shape: 0, column: NATIVE },
];
const ALL: readonly Series[] = [INTERPRETER, WARM, COLD, ...LIMITS];

const UNIT = 'times qemu-riscv64; CHERI on';
const PANELS: readonly Panel[] = [
  { title: 'Warm code', unit: UNIT, left: LEFT, width: 680, series: [INTERPRETER, WARM, ...LIMITS], joined: false },
  { title: 'From a cold start', unit: `${UNIT}; square: warm`, left: 880, width: 370, series: [WARM, COLD], joined: true },
]; // prettier-ignore

/** Ratios by kernel, the mean last. */
function valuesOf(result: Result, { column, cold }: Series): Map<string, number> {
  const values = ratios(cold === true ? result.coldRows : result.rows, column, QEMU, result.rows);
  if (values.size > 0) values.set(MEAN, geometricMean(values.values()));
  return values;
}

/** Can speeds be compared with qemu-riscv64's? */
export function hasChart(result: Result): boolean {
  return ALL.some((series) => valuesOf(result, series).size > 0);
}

/** 1, 2 and 5 times powers of ten, from the last below the values to the first above. */
export function ticksAround(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(least)) - 1; exponent <= Math.log10(most) + 1; exponent++)
    for (const tick of TICKS) ticks.push(Number((tick * 10 ** exponent).toPrecision(1)));
  const from = ticks.findLastIndex((tick) => tick < least);
  return ticks.slice(from, ticks.findIndex((tick) => tick > most) + 1);
}

const rowAt = (index: number): number => TOP + (index + 0.5) * ROW_HEIGHT;

function drawRow(kernel: string, y: number, panel: Panel, x: Scale, values: readonly Map<string, number>[]): string {
  const marks = panel.series.flatMap((series, index) => {
    const value = values[index]!.get(kernel);
    if (value === undefined) return [];
    const title = escapeText(`${kernel}, ${series.name}: ${formatRatio(value)}`);
    const mark = drawMark(series.shape, x.position(value), y);
    return [{ at: x.position(value), text: `<g class="${series.class}"><title>${title}</title>${mark}</g>` }];
  });
  const ends = marks.map(({ at }) => `${round(at)},${round(y)}`);
  const line = panel.joined && ends.length > 1 ? `<g class="cold"><polyline points="${ends.join(' ')}"/></g>` : '';
  return [line, ...marks.map(({ text }) => text)].join('');
}

function drawPanel(result: Result, panel: Panel, kernels: readonly string[]): string {
  const values = panel.series.map((series) => valuesOf(result, series));
  const all = values.flatMap((of) => [...of.values()]);
  if (all.length === 0) return '';
  const box: Box = { left: panel.left, top: TOP, width: panel.width, height: kernels.length * ROW_HEIGHT };
  const ticks = ticksAround([...all, 1]);
  const x = logScale(ticks[0]!, ticks.at(-1)!, box.left, box.left + box.width);
  const one = round(x.position(1));
  return [
    drawHeading(box, panel.title, panel.unit),
    ...ticks.map((tick) => drawColumn(box, x.position(tick), String(tick))),
    `<line class="one" x1="${one}" y1="${box.top}" x2="${one}" y2="${box.top + box.height}"/>`,
    ...kernels.map((kernel, index) => drawRow(kernel, rowAt(index), panel, x, values)),
  ].join('\n');
}

function drawNames(kernels: readonly string[]): string[] {
  return kernels.map((kernel, index) => {
    const kind = kernel === MEAN ? 'mean' : 'label';
    const y = round(rowAt(index) + 4);
    return `<text class="${kind}" x="${LEFT - 12}" y="${y}" text-anchor="end">${escapeText(kernel)}</text>`;
  });
}

function drawLegend(series: readonly Series[]): string[] {
  return series.map(({ name, shape, class: kind }, index) => {
    const x = LEFT + index * LEGEND_STEP;
    const text = `<text class="label" x="${x + 10}" y="${LEGEND_TOP + 4}">${escapeText(name)}</text>`;
    return `<g class="${kind}">${drawMark(shape, x, LEGEND_TOP)}${text}</g>`;
  });
}

const STYLE = `.kernels .mean { font-weight: 600; }
.kernels .one { stroke: #808890; stroke-width: 1.5; }
.kernels polyline { stroke-width: 1.2; opacity: 0.7; }`;

/** A whole SVG document. Engines that were not measured are left out. */
export function toSvg(result: Result): string {
  const kernels = [...new Set(result.rows.map(({ kernel }) => kernel)), MEAN];
  const figure: Figure = {
    name: 'kernels',
    width: WIDTH,
    height: TOP + kernels.length * ROW_HEIGHT + 40,
    left: LEFT,
    title: TITLE,
    note: `More is better, 1 is qemu-riscv64’s speed. ${result.machine.cpu}, Node ${result.machine.node}; medians of ${result.rounds} rounds.`,
    light: {
      ...LIGHT,
      lines: { interp: '#7a3fb0', translate: '#0b66b0', cold: '#c2410c', 'c-wasm': '#0d7d55', native: '#4b5563' },
    },
    dark: {
      ...DARK,
      lines: { interp: '#c79bf5', translate: '#58b0ff', cold: '#ff9154', 'c-wasm': '#4fd19b', native: '#b3bcc8' },
    },
    style: STYLE,
    hollow: (ground) => `.kernels .limit .mark { fill: ${ground}; }`,
  };
  const measured = ALL.filter((series) => valuesOf(result, series).size > 0);
  return drawFigure(figure, [
    ...drawLegend(measured),
    ...drawNames(kernels),
    ...PANELS.map((panel) => drawPanel(result, panel, kernels)),
  ]);
}

/** The chart, the table and what they were taken on, as one page that needs nothing else. */
export function toHtml(result: Result): string {
  const { cpu, node, v8, tools } = result.machine;
  return toPage('capvm: speed', TITLE, [
    toSvg(result),
    '<h2>All figures</h2>',
    preformatted(formatTable(result)),
    '<h2>Taken on</h2>',
    definitions([
      ['Processor', cpu],
      ['Node', `${node}, V8 ${v8}`],
      ...tools.map((tool) => ['Beside it', tool] as const),
    ]),
  ]);
}
