import { expect } from 'chai';
import { hasChart, ticksAround, toHtml, toSvg } from '../../perf/chart.ts';
import { readOptions, UsageError } from '../../perf/options.ts';
import { readResult } from '../../perf/results.ts';
import { CHERI_ON, NATIVE, QEMU, ratios, TRANSLATED } from '../../perf/rows.ts';

const REFERENCE = readResult('perf/results/reference.json');

/** The marks that have a title, without the legend's: `kernel, series: ratio`. */
const titlesOf = (svg: string): string[] =>
  [...svg.matchAll(/<g class="[^"]*"><title>(.*?)<\/title>/g)].map((m) => m[1]!);
const valueOf = (svg: string, mark: string): number[] =>
  titlesOf(svg).flatMap((title) => (title.startsWith(`${mark}: `) ? [Number(title.slice(mark.length + 2))] : []));

describe('The chart of the kernels', () => {
  const svg = toSvg(REFERENCE);

  it('has a mark for every ratio of the reference, warm ones twice for the translator', () => {
    const count = (column: typeof QEMU): number => ratios(REFERENCE.rows, column, QEMU).size + 1;
    const limits = count(NATIVE) + count({ engine: 'c-wasm', cheri: false });
    expect(titlesOf(svg)).to.have.length(count(CHERI_ON) + 3 * count(TRANSLATED) + limits);
    const sieve = ratios(REFERENCE.rows, TRANSLATED, QEMU).get('sieve')!;
    const [warm, beside] = valueOf(svg, 'sieve, translator');
    expect(warm).to.equal(beside).and.to.be.closeTo(sieve, 0.005);
  });

  it('takes cold speeds from the cold rows', () => {
    const row = REFERENCE.coldRows.find(
      ({ kernel, engine, cheri }) => kernel === 'mix' && engine === 'translate' && cheri,
    )!;
    const base = REFERENCE.rows.find(({ kernel, engine }) => kernel === 'mix' && engine === 'qemu-riscv64')!;
    expect(valueOf(svg, 'mix, translator, cold')[0]).to.be.closeTo(row.mips / base.mips, 0.005);
  });

  it('puts marks to the right of the line of 1 exactly where capvm is faster', () => {
    const one = Number(svg.match(/class="one" x1="([\d.]+)"/)![1]);
    const marks = [...svg.matchAll(/<title>[\w-]+, interpreter: ([\d.]+)<\/title><circle class="mark" cx="([\d.]+)"/g)];
    expect(marks).to.have.length(14);
    for (const [, ratio, x] of marks) expect(Number(x) > one, ratio).to.equal(Number(ratio) > 1);
  });

  it('leaves out what was not measured, and is none without qemu-riscv64', () => {
    const rows = REFERENCE.rows.filter(({ engine }) => engine !== 'native');
    expect(
      titlesOf(toSvg({ ...REFERENCE, rows, coldRows: [] })).filter((title) => /native|cold/.test(title)),
    ).to.deep.equal([]);
    expect(hasChart(REFERENCE)).to.equal(true);
    expect(hasChart({ ...REFERENCE, rows: rows.filter(({ engine }) => engine !== 'qemu-riscv64') })).to.equal(false);
  });

  it('is in a page with the table, which fetches nothing', () => {
    const page = toHtml(REFERENCE);
    expect(page).to.include(svg).and.to.include('geometric mean  ').and.to.include(REFERENCE.machine.tools[0]);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.to.match(/https?:|<script|<link|src=/);
  });

  it('has ticks around all values', () => {
    expect(ticksAround([0.3, 4])).to.deep.equal([0.2, 0.5, 1, 2, 5]);
    expect(ticksAround([1, 1])).to.deep.equal([0.5, 1, 2]);
    expect(ticksAround([0.05, 37])).to.deep.equal([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]);
  });

  it('is refused by the command line where it could not be drawn', () => {
    expect(() => readOptions(['--svg', 'a', '--engine', 'interp'])).to.throw(UsageError, 'relative to qemu-riscv64');
    expect(() => readOptions(['--svg', 'a', '--html', 'a'])).to.throw(UsageError, 'a file each');
    expect(readOptions(['--svg', 'a', '--engine', 'interp', '--from', 'b'])).to.include({ svg: 'a', from: 'b' });
  });

  it('needs a result that was kept', () => {
    expect(() => readResult('package.json')).to.throw('package.json: no result kept by --out');
  });
});
