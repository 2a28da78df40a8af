import { expect } from 'chai';
import { readOptions, UsageError } from '../../perf/options.ts';
import { printableRows, type Result } from '../../perf/results.ts';
import { CHERI_OFF, CHERI_ON, geometricMean, median, QEMU, ratios, rowOf, type Row } from '../../perf/rows.ts';
import type { Task } from '../../perf/rounds.ts';
import { formatTable } from '../../perf/table.ts';
import { checkThresholds } from '../../perf/thresholds.ts';

const row = (kernel: string, engine: Row['engine'], cheri: boolean, mips: number): Row => ({
  kernel,
  engine,
  cheri,
  instructions: 1e6,
  seconds: 1 / mips,
  mips,
});

const ROWS = [
  row('mix', 'interp', true, 400),
  row('mix', 'interp', false, 500),
  row('mix', 'qemu-riscv64', false, 2000),
  row('fib', 'interp', true, 300),
  row('fib', 'interp', false, 300),
];
const RESULT: Result = {
  schema: 1,
  rows: ROWS,
  coldRows: [],
  startUp: { capvm: 0.3, node: 0.1, added: 0.2 },
  skipped: [{ engine: 'native', why: 'gcc is not installed' }],
  machine: { cpu: 'c', node: 'v20', v8: '11', tools: [] },
  rounds: 1,
};

describe('rows', () => {
  it('take the median of the samples', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    const engine = { name: 'interp', cheri: true } as Task['engine'];
    const kernel = { name: 'mix' } as Task['kernel'];
    const samples = [0.5, 0.1, 0.2].map((seconds) => ({ seconds, instructions: 1e8 }));
    expect(rowOf({ kernel, engine, iterations: 1, warmUpInstructions: 0, samples }, { one: 1, two: 2 })).to.deep.equal({
      ...{ kernel: 'mix', engine: 'interp', cheri: true },
      ...{ instructions: 1e8, seconds: 0.2, mips: 500 },
    });
  });

  it('give ratios for kernels that both sides ran', () => {
    expect([...ratios(ROWS, CHERI_ON, CHERI_OFF)]).to.deep.equal([
      ['mix', 0.8],
      ['fib', 1],
    ]);
    expect([...ratios(ROWS, CHERI_ON, QEMU)]).to.deep.equal([['mix', 0.2]]);
    expect(geometricMean([1, 4])).to.equal(2);
  });

  it('are printed with six digits', () => {
    const [printed] = printableRows([{ ...ROWS[0]!, seconds: 0.123456789, mips: 1234.56789 }]);
    expect(printed).to.deep.equal({ ...ROWS[0]!, seconds: 0.123457, mips: 1234.57 });
  });
});

describe('the table', () => {
  it('has MIPS, ratios, means, start-up and what was left out', () => {
    const lines = formatTable(RESULT).trimEnd().split('\n');
    expect(lines[0]!.split(/ {2,}/)).to.deep.equal(['MIPS', 'interp', 'no cheri', 'qemu', 'on/off', 'interp/qemu']);
    expect(lines[1]!.split(/ {2,}/)).to.deep.equal(['mix', '400', '500', '2000', '0.80', '0.20']);
    expect(lines[2]!.split(/ {2,}/)).to.deep.equal(['fib', '300', '300', '-', '1.00', '-']);
    expect(lines[3]!.split(/ {2,}/)).to.deep.equal(['geometric mean', '346', '387', '2000', '0.89', '0.20']);
    expect(lines[4]).to.equal('native: left out, gcc is not installed');
    expect(lines[5]).to.match(/^start-up: 0\.300 s CPU .* 0\.200 s added$/);
  });
});

describe('thresholds', () => {
  it('judge only what was measured', () => {
    const texts = checkThresholds(RESULT).map(({ text }) => text);
    expect(texts.some((text) => text.includes('native'))).to.equal(false);
    expect(texts.find((text) => text.includes('on against off'))).to.match(/^ok .*: 0\.894 \(at least /);
  });
});

describe('the command line', () => {
  const refuse = (...args: string[]): string => {
    try {
      readOptions(args);
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError);
      return (error as Error).message;
    }
    throw new Error('accepted');
  };

  it('takes kernels and engines in lists and repeated', () => {
    const options = readOptions([
      '--kernel',
      'mix,fib',
      '--kernel',
      'sieve',
      '--engine',
      'interp',
      '--quick',
      '--json',
    ]);
    if (options === 'help') throw new Error('no help asked');
    expect(options.kernels.map(({ name }) => name)).to.deep.equal(['sieve', 'fib', 'mix']);
    expect([options.engines, options.rounds, options.quick, options.json]).to.deep.equal([['interp'], 1, true, true]);
    expect(readOptions(['--help'])).to.equal('help');
  });

  it('says what is wrong and what would be right', () => {
    expect(refuse('--kernel', 'nope')).to.match(/no kernel "nope"; there are sieve, /);
    expect(refuse('--engine', 'spike')).to.match(/no engine "spike"; there are interp, /);
    expect(refuse('--rounds', '0')).to.include('whole number');
    expect(refuse('--fast')).to.include('--fast');
  });
});
