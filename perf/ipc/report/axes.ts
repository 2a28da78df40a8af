// A panel with two logarithmic axes, as SVG text.
import { formatBytes } from './numbers.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  position(value: number): number;
}

/** Maps `from`…`to` onto `start`…`end`, logarithmically. */
export function logScale(from: number, to: number, start: number, end: number): Scale {
  const span = Math.log(to / from);
  return { from, to, position: (value) => start + (Math.log(value / from) / span) * (end - start) };
}

/** The decades around these values. */
export function decadesAround(values: readonly number[]): [from: number, to: number] {
  const from = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const to = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  return from === to ? [from, to * 10] : [from, to];
}

/** Sizes with a little air; a single size gets its neighbours. */
export function sizesAround(values: readonly number[]): [from: number, to: number] {
  return [Math.min(...values) / 1.5, Math.max(...values) * 1.5];
}

export const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Text in SVG and HTML. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

const SIZE_STEP = 16;
const SIZES_SHOWN_MOST = 4;

/** Powers of 16, or the sizes themselves if they are few. */
function sizeTicks({ from, to }: Scale, sizes: readonly number[]): number[] {
  if (sizes.length <= SIZES_SHOWN_MOST) return [...sizes];
  const ticks: number[] = [];
  for (let tick = 1; tick <= to; tick *= SIZE_STEP) if (tick >= from) ticks.push(tick);
  return ticks;
}

function decades({ from, to }: Scale): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.round(Math.log10(from)); exponent <= Math.round(Math.log10(to)); exponent++)
    ticks.push(10 ** exponent);
  return ticks;
}

/** 0.1, 1, 10, 100, 1k, 10k, 1M */
function formatDecade(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(1)));
}

/** A line from top to bottom at `at`, with its label below. */
export function drawColumn({ top, height }: Box, at: number, label: string): string {
  const x = round(at);
  const bottom = top + height;
  return `<line class="grid" x1="${x}" y1="${top}" x2="${x}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
}

/** What a panel shows, and in which unit, above it. */
export function drawHeading({ left, top }: Box, title: string, unit: string): string {
  return `<text class="panel" x="${left}" y="${top - 26}">${escapeText(title)}</text>\n<text class="unit" x="${left}" y="${top - 9}">${escapeText(unit)}</text>`;
}

/** Grid, tick labels, title above and what the axes are. */
export function drawAxes(
  box: Box,
  x: Scale,
  y: Scale,
  sizes: readonly number[],
  titles: { title: string; y: string },
): string {
  const bottom = box.top + box.height;
  const right = box.left + box.width;
  const columns = sizeTicks(x, sizes).map((size) => drawColumn(box, x.position(size), formatBytes(size)));
  const lines = decades(y).map((value) => {
    const at = y.position(value);
    return `<line class="grid" x1="${box.left}" y1="${round(at)}" x2="${right}" y2="${round(at)}"/><text class="tick" x="${box.left - 8}" y="${round(at + 4)}" text-anchor="end">${formatDecade(value)}</text>`;
  });
  return [
    drawHeading(box, titles.title, titles.y),
    ...columns,
    ...lines,
    `<text class="unit" x="${right}" y="${bottom + 36}" text-anchor="end">bytes</text>`,
  ].join('\n');
}
