import { expect } from 'chai';
import * as fc from 'fast-check';
import { linuxRows } from '../../perf/ipc/linux-baseline.ts';
import { spread, toSvg } from '../../perf/ipc/report/chart.ts';
import { toHtml } from '../../perf/ipc/report/html.ts';
import { formatBytes, formatCount, formatRatio } from '../../perf/ipc/report/numbers.ts';
import { instructionTable, timeTable } from '../../perf/ipc/report/table.ts';
import { KINDS, SIZES, type Mechanism, type Row } from '../../perf/ipc/rows.ts';

const OURS: readonly Mechanism[] = ['cp_call', 'cp_file', 'cp_stream', 'cp_stream_loan'];
const HOSTS: readonly Mechanism[] = ['pipe', 'unix', 'tcp'];

/** A comparison in which everything was measured; the numbers are made up. */
const everything = (sizes: readonly number[] = SIZES): Row[] => [
  ...OURS.flatMap((mechanism, index) =>
    KINDS.flatMap((kind) =>
      sizes.map((bytes): Row => {
        const charge = mechanism === 'cp_call' ? 0 : 6884;
        return { where: 'capvm', mechanism, kind, bytes, instructions: 200 + 50 * index + bytes / 4, charge, nanoseconds: 5000 + bytes }; // prettier-ignore
      }),
    ),
  ),
  ...linuxRows('default').filter(({ bytes }) => sizes.includes(bytes)),
  ...HOSTS.flatMap((mechanism) =>
    KINDS.flatMap(
      (kind) =>
      sizes.map((bytes): Row => ({ where: 'host', mechanism, kind, bytes, instructions: null, charge: null, nanoseconds: 9000 + bytes })), // prettier-ignore
    ),
  ),
];
const alone = everything().filter(({ where }) => where === 'capvm');

/** The lines between a title and the next empty line. */
function tableOf(text: string, title: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(title));
  expect(from, title).to.be.at.least(0);
  return lines.slice(from + 1, lines.indexOf('', from));
}

describe('Tables of the IPC comparison', () => {
  it('write numbers as people read them', () => {
    expect([1, 64, 100, 1024, 1500, 65536, 1048576].map(formatBytes)).to.deep.equal(
      ['1', '64', '100', '1K', '1500', '64K', '1M'], // prettier-ignore
    );
    expect([0, 999, 1000, 1234567].map(formatCount)).to.deep.equal(['0', '999', '1,000', '1,234,567']);
    expect([0.123456, 1.311, 36.54, 14160].map(formatRatio)).to.deep.equal(['0.12', '1.31', '36.5', '14,160']);
  });

  it('show instructions with the charge beside them, Linux’s behind a bar, and how many times fewer the best takes', () => {
    const lines = tableOf(instructionTable(everything([64])), 'Guest instructions per round trip');
    expect(lines.map((line) => line.trim().split(/ {2,}/))).to.deep.equal([
      ['bytes', 'CP_Call', 'CP_File', 'CP_Stream', 'loan', '|', 'pipe', 'Unix', 'TCP', 'shm+futex', 'ratio'],
      ['64', '216', '266+6,884', '316+6,884', '366+6,884', '|', '15,224', '24,866', '39,249', '12,612', '58.4x'],
    ]);
  });

  it('show the same per byte moved: a round trip moves its bytes twice', () => {
    const lines = tableOf(instructionTable(everything([65536])), 'The same per byte moved');
    expect(lines[1].trim().split(/ {2,}/).slice(0, 3)).to.deep.equal(['64K', '0.13', '0.18']);
  });

  it('show Linux’s best case too', () => {
    expect(instructionTable(everything([64]))).to.match(
      /best case.*\n {2}round trip of 1: pipe 13,632, Unix 21,215, TCP 35,395, shm\+futex 12,399\n/,
    );
  });

  for (const [what, rows] of [
    ['everything', everything()],
    ['one size', everything([100])],
    ['cVMs alone', alone],
  ] as const) {
    it(`are aligned and complete with ${what}`, () => {
      for (const text of [instructionTable(rows), timeTable(rows)]) {
        expect(text).not.to.match(/NaN|undefined|Infinity|null/);
        const titles = text.split('\n').filter((line) => line.includes(', that many bytes each way') || line.startsWith('The same')); // prettier-ignore
        expect(titles).not.to.have.length(0);
        for (const title of titles) {
          const widths = tableOf(text, title).map((line) => line.length);
          expect(new Set(widths).size, title).to.equal(1);
        }
      }
    });
  }

  it('show time in microseconds, the host’s behind a bar, and no Linux', () => {
    const lines = tableOf(timeTable(everything([1024])), 'Microseconds of host time per round trip');
    expect(lines.map((line) => line.trim().split(/ {2,}/))).to.deep.equal([
      ['bytes', 'CP_Call', 'CP_File', 'CP_Stream', 'loan', '|', 'pipe', 'Unix', 'TCP'],
      ['1K', '6.02', '6.02', '6.02', '6.02', '|', '10.0', '10.0', '10.0'],
    ]);
  });
});

/** Every element opened is closed, in order. */
function checkNesting(markup: string): void {
  const open: string[] = [];
  for (const [, closing, name, attributes] of markup.matchAll(/<(\/?)([a-z]+)((?:\s[^>]*)?)>/gi)) {
    if (closing === '/') expect(open.pop(), `</${name}>`).to.equal(name);
    else if (!attributes.endsWith('/') && name !== 'meta') open.push(name);
  }
  expect(open).to.deep.equal([]);
}

describe('Charts of the IPC comparison', () => {
  it('are one SVG with four panels, every mechanism named', () => {
    const svg = toSvg(everything());
    checkNesting(svg);
    expect(svg).not.to.match(/NaN|undefined|Infinity/);
    expect(svg.match(/class="panel"/g)).to.have.length(4);
    for (const name of ['CP_Call', 'CP_File', 'CP_Stream', 'CP_Stream, loan', 'pipe (Linux)', 'shm+futex (Linux)', 'TCP (host)'])
      expect(svg).to.include(`>${name}</text>`); // prettier-ignore
    expect(svg).to.include('<title>CP_File, 64: 266 instructions + 6,884 charged</title>');
    expect(svg).to.include('prefers-color-scheme: dark');
  });

  it('leave out panels without data, and take a single size or none', () => {
    const panels = (rows: readonly Row[]): number => toSvg(rows).match(/class="panel"/g)?.length ?? 0;
    expect(panels(everything([100]))).to.equal(4);
    expect(panels(linuxRows('default'))).to.equal(2);
    expect(panels([])).to.equal(0);
    for (const rows of [everything([100]), linuxRows('default'), []]) {
      checkNesting(toSvg(rows));
      expect(toSvg(rows)).not.to.match(/NaN|undefined|Infinity/);
    }
  });

  it('are logarithmic: a thousand times is always the same way', () => {
    const line = (values: readonly number[]): number[] => {
      const rows = values.map((instructions, index) => ({ ...alone[0], bytes: 64 ** index, instructions, charge: 0 }));
      const points = /class="line" points="([^"]*)"/.exec(toSvg(rows))![1].split(' ');
      return points.map((point) => Number(point.split(',')[1]));
    };
    const [a, b, c] = line([100, 100_000, 100_000_000]);
    expect(a - b).to.be.closeTo(b - c, 0.2);
    expect(a).to.be.greaterThan(b);
  });

  it('keep names apart that would overlap, in order, inside the panel', () => {
    const places = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(places, (wanted) => {
        const got = spread(wanted.sort((a, b) => a - b), 0, 300); // prettier-ignore
        got.forEach((place, index) => {
          expect(place).to.be.within(0, 300);
          if (index > 0) expect(place - got[index - 1]).to.be.at.least(15);
        });
      }),
    );
  });

  it('are part of a page that needs nothing else', () => {
    const html = toHtml(everything());
    checkNesting(html.replace('<!doctype html>', ''));
    expect(html).to.match(/^<!doctype html>/);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.to.match(/https?:|src=|@import|<script/);
    expect(html).to.include('Guest instructions per round trip').and.include('init_on_alloc=0');
  });
});
