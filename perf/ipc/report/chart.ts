// The comparison as one SVG: round trips and streams, instructions and time, all axes logarithmic. Legible on light and
// dark ground, and without colour: dashes and marks differ, lines are named at their right end.
import { LINUX_MECHANISMS } from '../linux-baseline.ts';
import { totalInstructions, type Kind, type Mechanism, type Row, type Series, type Where } from '../rows.ts';
import { decadesAround, drawAxes, escapeText, logScale, round, sizesAround, type Box, type Scale } from './axes.ts';
import { DARK, drawFigure, drawMark, LIGHT, type Figure, type Palette } from './figure.ts';
import { formatBytes, formatCount, formatMicroseconds } from './numbers.ts';
import { MECHANISM_NAMES } from './table.ts';

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly kind: Kind;
  readonly wheres: readonly Where[];
  /** What is drawn; null: nothing there. */
  value(row: Row): number | null;
  /** A thinner line for the same series, where it differs. */
  without?(row: Row): number | null;
  tell(row: Row): string;
}

const WIDTH = 1290;
const PANEL_WIDTH = 440;
const PANEL_HEIGHT = 300;
const PANEL_STEP_X = 630;
const PANEL_STEP_Y = 410;
const LEFT = 70;
const TOP = 130;
const LABEL_GAP = 15;

const tellInstructions = ({ instructions, charge }: Row): string =>
  `${formatCount(instructions ?? 0)} instructions${charge ? ` + ${formatCount(charge)} charged` : ''}`;
const tellTime = ({ nanoseconds }: Row): string => `${formatMicroseconds(nanoseconds ?? 0)} µs`;

const KIND_TITLES: readonly (readonly [kind: Kind, title: string])[] = [
  ['roundtrip', 'Round trip, so many bytes each way'],
  ['stream', 'Stream, one message after another'],
];

const PANELS: readonly Panel[] = [
  ...KIND_TITLES.map(([kind, title]): Panel => ({
    title,
    unit: `guest instructions per ${kind === 'roundtrip' ? 'round trip' : 'message'}; dotted: without the charge`,
    kind,
    wheres: ['capvm', 'linux'],
    value: totalInstructions,
    without: ({ instructions, charge }) => (charge ? instructions : null),
    tell: tellInstructions,
  })),
  ...KIND_TITLES.map(([kind, title]): Panel => ({
    title,
    unit: `microseconds of host time per ${kind === 'roundtrip' ? 'round trip' : 'message'}`,
    kind,
    wheres: ['capvm', 'host'],
    value: ({ nanoseconds }) => (nanoseconds === null ? null : nanoseconds / 1000),
    tell: tellTime,
  })),
];

interface Line extends Series {
  readonly rows: readonly Row[];
}

function linesOf(rows: readonly Row[], { kind, wheres, value }: Panel): Line[] {
  const all = rows.filter((row) => wheres.includes(row.where) && row.kind === kind && (value(row) ?? 0) > 0);
  const keys = [...new Set(all.map(({ where, mechanism }) => `${where} ${mechanism}`))];
  return keys.map((key) => {
    const [where, mechanism] = key.split(' ') as [Where, Mechanism];
    const mine = all.filter((row) => row.where === where && row.mechanism === mechanism);
    return { where, mechanism, rows: mine.sort((a, b) => a.bytes - b.bytes) };
  });
}

function drawPanel(rows: readonly Row[], panel: Panel, box: Box): string {
  const lines = linesOf(rows, panel);
  if (lines.length === 0) return '';
  const all = lines.flatMap((line) => line.rows);
  const sizes = [...new Set(all.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  const lowest = all
    .flatMap((row) => [panel.value(row), panel.without?.(row) ?? null])
    .filter((value) => value !== null);
  const x = logScale(...sizesAround(sizes), box.left, box.left + box.width);
  const y = logScale(...decadesAround(lowest.filter((value) => value > 0)), box.top + box.height, box.top);
  return [
    drawAxes(box, x, y, sizes, { title: panel.title, y: panel.unit }),
    ...lines.map((line) => drawLine(line, panel, x, y)),
    drawLabels(lines, panel, box, x, y),
  ].join('\n');
}

function drawLine({ where, mechanism, rows }: Line, panel: Panel, x: Scale, y: Scale): string {
  const path = (values: readonly (readonly [number, number])[]): string =>
    values.map(([bytes, value]) => `${round(x.position(bytes))},${round(y.position(value))}`).join(' ');
  const values = rows.map((row) => [row.bytes, panel.value(row) ?? 0] as const);
  const without = rows.map((row) => [row.bytes, panel.without?.(row) ?? 0] as const).filter(([, value]) => value > 0);
  const marks = rows.map((row) => {
    const mark = drawMark(shapeOf(mechanism), x.position(row.bytes), y.position(panel.value(row) ?? 0));
    const title = `${labelOf(row)}, ${formatBytes(row.bytes)}: ${panel.tell(row)}`;
    return `<g><title>${escapeText(title)}</title>${mark}</g>`;
  });
  return [
    `<g class="${where} ${mechanism}">`,
    without.length > 1 ? `<polyline class="without" points="${path(without)}"/>` : '',
    `<polyline class="line" points="${path(values)}"/>`,
    ...marks,
    '</g>',
  ].join('');
}

/** The same for the n-th mechanism of either side. */
const shapeOf = (mechanism: Mechanism): number => [...OURS, ...LINUX_MECHANISMS].indexOf(mechanism) % 4;

const OURS: readonly Mechanism[] = ['cp_call', 'cp_file', 'cp_stream', 'cp_stream_loan'];
const PLACES: Readonly<Record<Where, string>> = { capvm: '', linux: ' (Linux)', host: ' (host)' };

function labelOf({ where, mechanism }: Series): string {
  const name = mechanism === 'cp_stream_loan' ? 'CP_Stream, loan' : MECHANISM_NAMES[mechanism];
  return `${name}${PLACES[where]}`;
}

/** Names at the right ends, moved apart where they would overlap. */
function drawLabels(lines: readonly Line[], panel: Panel, box: Box, x: Scale, y: Scale): string {
  const labels = lines
    .map((line) => {
      const last = line.rows[line.rows.length - 1];
      return { line, from: x.position(last.bytes), at: y.position(panel.value(last) ?? 0) };
    })
    .sort((a, b) => a.at - b.at);
  const places = spread(
    labels.map(({ at }) => at),
    box.top + 4,
    box.top + box.height - 4,
  );
  const left = box.left + box.width + 14;
  return labels
    .map(({ line, from, at }, index) => {
      const end = round(places[index]);
      const leader = `<polyline class="leader" points="${round(from + 6)},${round(at)} ${left - 3},${end}"/>`;
      return `<g class="${line.where} ${line.mechanism}">${leader}<text class="label" x="${left}" y="${round(places[index] + 4)}">${escapeText(labelOf(line))}</text></g>`;
    })
    .join('\n');
}

/** Ascending places, LABEL_GAP apart at least, near what was asked for and inside the limits. */
export function spread(wanted: readonly number[], least: number, most: number): number[] {
  const places: number[] = [];
  for (const place of wanted) places.push(Math.max(place, least, (places.at(-1) ?? -Infinity) + LABEL_GAP));
  let limit = most;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index], limit);
    limit = places[index] - LABEL_GAP;
  }
  return places;
}

const LIGHT_PALETTE: Palette = {
  ...LIGHT,
  lines: {
    cp_call: '#0b66b0',
    cp_file: '#0d7d55',
    cp_stream: '#c2410c',
    cp_stream_loan: '#7a3fb0',
    pipe: '#4b5563',
    unix: '#8a6d00',
    tcp: '#9f1d4f',
    shm_futex: '#2f6f7e',
  },
};

const DARK_PALETTE: Palette = {
  ...DARK,
  lines: {
    cp_call: '#58b0ff',
    cp_file: '#4fd19b',
    cp_stream: '#ff9154',
    cp_stream_loan: '#c79bf5',
    pipe: '#b3bcc8',
    unix: '#e0c050',
    tcp: '#ff8fb6',
    shm_futex: '#7fd0e2',
  },
};

const STYLE = `.ipc .line { stroke-width: 2; }
.ipc .linux .line, .ipc .host .line { stroke-width: 1.5; stroke-dasharray: 6 4; }
.ipc .without { stroke-width: 1.2; stroke-dasharray: 1.5 3; }
.ipc .leader { stroke-width: 0.8; opacity: 0.6; }`;

/** A whole SVG document. Panels without data are left out. */
export function toSvg(rows: readonly Row[]): string {
  const drawn = PANELS.filter((panel) => linesOf(rows, panel).length > 0).map((panel, index) =>
    drawPanel(rows, panel, {
      left: LEFT + (index % 2) * PANEL_STEP_X,
      top: TOP + Math.floor(index / 2) * PANEL_STEP_Y,
      width: PANEL_WIDTH,
      height: PANEL_HEIGHT,
    }),
  );
  const height = TOP + Math.max(1, Math.ceil(drawn.length / 2)) * PANEL_STEP_Y - 30;
  const figure: Figure = {
    name: 'ipc',
    width: WIDTH,
    height,
    left: LEFT,
    title: 'Communication between cVMs, beside Linux’s pipes and sockets',
    note: 'Less is better. Solid: cVMs, with what the monitor’s services are charged. Dashed: Linux, or processes of this host.',
    light: LIGHT_PALETTE,
    dark: DARK_PALETTE,
    style: STYLE,
    hollow: (ground) => `.ipc .linux .mark, .ipc .host .mark { fill: ${ground}; }`,
  };
  return drawFigure(figure, drawn);
}
