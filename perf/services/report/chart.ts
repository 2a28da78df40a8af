// The comparison as one SVG: a bar per operation and place, the charge hatched lighter at the end of a cVM's.
import { escapeText, round } from '../../ipc/report/axes.ts';
import { formatCount } from '../../ipc/report/numbers.ts';
import { isSameCase, totalInstructions } from '../rows.ts';
import type { Row } from '../rows.ts';
import { byCase, nameOf, wayOf } from './table.ts';

const WIDTH = 960;
const LEFT = 210;
const RIGHT = 200;
const TOP = 90;
const BAR = 14;
const BAR_STEP = 18;
const GROUP_GAP = 14;

const STYLE = `
.services text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1b1f24; }
.services .ground { fill: #ffffff; } .services .head { font-size: 18px; font-weight: 600; }
.services .soft { fill: #57606a; } .services .capvm { fill: #1f6feb; } .services .charge { fill: #8bb8f8; }
.services .linux { fill: #b0b7bf; }
@media (prefers-color-scheme: dark) {
.services text { fill: #e8ebef; } .services .ground { fill: #14171b; } .services .soft { fill: #a3acb8; }
.services .capvm { fill: #4c93f5; } .services .charge { fill: #234a80; } .services .linux { fill: #5b646e; }
}
`;

/** A whole SVG document. Linux's rows appear beside cVMs' of the same operation. */
export function toSvg(rows: readonly Row[]): string {
  const own = byCase(rows.filter(({ where }) => where === 'capvm'));
  const firsts = own.filter((row, index) => own.findIndex((other) => isSameCase(other, row)) === index);
  const groups = firsts.map((first) => [...own, ...rows.filter(({ where }) => where === 'linux')].filter((row) => isSameCase(row, first))); // prettier-ignore
  const longest = Math.max(1, ...groups.flat().map(totalInstructions));
  const scale = (value: number): number => (value / longest) * (WIDTH - LEFT - RIGHT);
  let y = TOP;
  const drawn = groups.map((group) => {
    const name = `<text x="20" y="${y + BAR - 3}">${escapeText(nameOf(group[0]))}</text>`;
    const bars = group.map((row, index) => drawBar(row, y + index * BAR_STEP, scale));
    y += group.length * BAR_STEP + GROUP_GAP;
    return [name, ...bars].join('\n');
  });
  const title = 'Redis in a cVM and its clients in others, beside Debian Linux';
  return [
    `<svg class="services" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${y + 10}"/>`,
    `<text class="head" x="20" y="34">${title}</text>`,
    '<text class="soft" x="20" y="56">Instructions per operation: clients, servers and what is between them. Light: charged for the monitor.</text>',
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function drawBar(row: Row, y: number, scale: (value: number) => number): string {
  const [own, total] = [scale(row.instructions), scale(totalInstructions(row))];
  const way = row.where === 'linux' ? `Linux, ${wayOf(row)}` : wayOf(row);
  const label = `${way}: ${formatCount(totalInstructions(row))}`;
  return [
    `<rect class="${row.where}" x="${LEFT}" y="${y}" width="${round(own)}" height="${BAR}"/>`,
    total > own ? `<rect class="charge" x="${round(LEFT + own)}" y="${y}" width="${round(total - own)}" height="${BAR}"/>` : '', // prettier-ignore
    `<text class="soft" x="${round(LEFT + total + 6)}" y="${y + BAR - 3}">${label}</text>`,
  ].join('');
}
