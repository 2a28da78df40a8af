// What figures have in common: a whole SVG document, its colours on light and dark ground, its marks, its bands of text.
import { escapeText, round } from './axes.ts';

export interface Ground {
  readonly ground: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
}

/** Colours of lines and marks by the class of their series. */
export interface Palette extends Ground {
  readonly lines: Readonly<Record<string, string>>;
}

export const LIGHT: Ground = { ground: '#ffffff', ink: '#1b1f24', soft: '#57606a', grid: '#e2e5e9' };
export const DARK: Ground = { ground: '#14171b', ink: '#e8ebef', soft: '#a3acb8', grid: '#2b3038' };

export interface Figure {
  /** Class of the document, in front of every rule of its style. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Where the text begins. */
  readonly left: number;
  readonly title: string;
  readonly note: string;
  readonly light: Palette;
  readonly dark: Palette;
  /** Further rules, before those of colour. */
  readonly style: string;
  /** Rules by the ground's colours, after all others. */
  hollow?(ground: string): string;
}

/** Plain rules without custom properties: not every viewer of SVG knows those. */
function coloursOf({ name, hollow }: Figure, { ground, ink, soft, grid, lines }: Palette): string {
  const rules = Object.entries(lines).map(
    ([series, colour]) =>
      `.${name} .${series} polyline { stroke: ${colour}; } .${name} .${series} .mark { fill: ${colour}; stroke: ${colour}; } ` +
      `.${name} .${series} text { fill: ${colour}; }`,
  );
  return [
    `.${name} .ground { fill: ${ground}; } .${name} text { fill: ${ink}; } .${name} .unit, .${name} .tick { fill: ${soft}; } .${name} .grid { stroke: ${grid}; }`,
    ...rules,
    ...(hollow === undefined ? [] : [hollow(ground)]),
  ].join('\n');
}

function styleOf(figure: Figure): string {
  const { name } = figure;
  return `
.${name} text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
.${name} .head { font-size: 18px; font-weight: 600; }
.${name} .panel { font-size: 14px; font-weight: 600; }
.${name} .label { font-weight: 500; }
.${name} polyline { fill: none; }
.${name} .mark { stroke-width: 1.3; }
${figure.style}
${coloursOf(figure, figure.light)}
@media (prefers-color-scheme: dark) {
${coloursOf(figure, figure.dark)}
}
`;
}

/** The document around what was drawn. */
export function drawFigure(figure: Figure, drawn: readonly string[]): string {
  const { name, width, height, left, title, note } = figure;
  return [
    `<svg class="${name}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<style>${styleOf(figure)}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="head" x="${left}" y="38">${title}</text>`,
    `<text class="unit" x="${left}" y="58">${escapeText(note)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Circle, square, triangle, diamond, by turns. */
export function drawMark(shape: number, cx: number, cy: number): string {
  if (shape % 4 === 0) return `<circle class="mark" cx="${round(cx)}" cy="${round(cy)}" r="3.6"/>`;
  if (shape % 4 === 1)
    return `<rect class="mark" x="${round(cx - 3.3)}" y="${round(cy - 3.3)}" width="6.6" height="6.6"/>`;
  const points =
    shape % 4 === 2
      ? [[cx, cy - 4.4], [cx + 4.2, cy + 3.2], [cx - 4.2, cy + 3.2]] // prettier-ignore
      : [[cx, cy - 4.8], [cx + 4.8, cy], [cx, cy + 4.8], [cx - 4.8, cy]]; // prettier-ignore
  return `<polygon class="mark" points="${points.map((point) => point.map(round).join(',')).join(' ')}"/>`;
}
