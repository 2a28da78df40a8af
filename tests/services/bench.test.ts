import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { difference } from '../../perf/services/difference.ts';
import { LINUX_ROWS } from '../../perf/services/linux-baseline.ts';
import { ownerOf } from '../../perf/services/attribution.ts';
import { commandOf, measureServices, sharesOf } from '../../perf/services/measure.ts';
import { toSvg } from '../../perf/services/report/chart.ts';
import { nameOf, operationTable } from '../../perf/services/report/table.ts';
import { OPERATIONS, plainRow, toTsv } from '../../perf/services/rows.ts';
import type { Row } from '../../perf/services/rows.ts';
import { main } from '../../src/cli/bench.ts';
import type { CapvmError } from '../../src/host/index.ts';
import { debianImage } from '../helpers/packages.ts';

const get: Row = {
  charge: 6000,
  where: 'capvm',
  operation: 'redis-get',
  path: 'socket',
  valueBytes: 3,
  clients: 1,
  pipeline: 1,
  instructions: 10000.5,
};

describe('Rows of the comparison of services', () => {
  it('have exactly the published fields', () => {
    expect(JSON.stringify(plainRow({ ...get, more: 1 } as Row))).to.equal(
      '{"where":"capvm","operation":"redis-get","path":"socket","valueBytes":3,"clients":1,"pipeline":1,"instructions":10000.5,"charge":6000}',
    );
    expect(toTsv([get, { ...get, where: 'linux', path: 'tcp', charge: null }])).to.equal(
      'where\toperation\tpath\tvalueBytes\tclients\tpipeline\tinstructions\tcharge\n' +
        'capvm\tredis-get\tsocket\t3\t1\t1\t10000.5\t6000\n' +
        'linux\tredis-get\ttcp\t3\t1\t1\t10000.5\t\n',
    );
  });

  it('are differences of two runs: what both have in common is in none', () => {
    const short = { instructions: 1_000_100, server: 400_050, charge: 70_000 };
    const long = { instructions: 1_000_100 + 20_000, server: 400_050 + 5_000, charge: 70_000 + 3_442 };
    expect(difference(short, long, 10)).to.deep.equal({
      ...{ instructions: 2000, server: 500, client: 1500, charge: 344.2 },
    });
  });

  it('are shared out as a window is', () => {
    const cost = { instructions: 1000, server: 600, client: 400, charge: 50 };
    const { program, libos, switcher, charge } = sharesOf(get, cost, { program: 5, libos: 4, switcher: 1 });
    expect([program, libos, switcher, charge]).to.deep.equal([500, 400, 100, 50]);
    const map = [
      { owner: 'libos', region: { base: 100, sizeBytes: 10 } },
      { owner: 'program', region: { base: 110, sizeBytes: 10 } },
    ] as const;
    expect([99, 100, 109, 110, 119, 120].map((pc) => ownerOf(pc, map))).to.deep.equal([
      ...['switcher', 'libos', 'libos', 'program', 'program', 'switcher'],
    ]);
  });

  it('of Linux are those that were counted, each once', () => {
    const keys = LINUX_ROWS.map((row) => JSON.stringify({ ...row, instructions: 0 }));
    expect(new Set(keys).size).to.equal(keys.length);
    for (const { where, operation, charge, instructions } of LINUX_ROWS) {
      expect([where, charge]).to.deep.equal(['linux', null]);
      expect(OPERATIONS).to.include(operation);
      expect(instructions).to.be.within(9_400, 192_000);
    }
    const of = (path: string): number[] =>
      LINUX_ROWS.filter((row) => row.path === path && row.operation === 'redis-get').map((row) => row.instructions);
    expect(of('tcp')).to.deep.equal([67_000, 58_500, 9_400, 83_500]);
    expect(of('unix')).to.deep.equal([48_500, 50_000]);
  });

  it('are named, and stand beside Linux’s of the same operation only', () => {
    expect(nameOf({ ...get, valueBytes: 4096, clients: 10 })).to.equal('GET, 4,096 bytes, 10 clients');
    expect(nameOf({ ...get, operation: 'redis-set', pipeline: 16 })).to.equal('SET, 3 bytes, x16');
    const [, line, other] = operationTable([get, { ...get, valueBytes: 5 }, ...LINUX_ROWS]);
    expect(line.split(/ {2,}/)).to.deep.equal([
      'GET, 3 bytes',
      '10,001',
      '6,000',
      '16,001',
      '67,000',
      '48,500',
      '4.2x',
    ]);
    expect(other.split(/ {2,}/).slice(-3)).to.deep.equal(['-', '-', '-']);
  });

  it('are bars: one for each place of an operation, the charge at the end of it', () => {
    const svg = toSvg([get, ...LINUX_ROWS]);
    expect(svg.match(/<rect class="capvm"/g)).to.have.length(1);
    expect(svg.match(/<rect class="charge"/g)).to.have.length(1);
    expect(svg.match(/<rect class="linux"/g)).to.have.length(2);
    expect(svg).to.include('Linux, TCP: 67,000');
  });

  it('come of what redis-benchmark is told', () => {
    expect(commandOf({ ...get, pipeline: 16 }, 160).join(' ')).to.equal('-t get -n 160 -d 3 -c 1 -P 16');
  });
});

describe('capvm bench services', () => {
  const refusal = (args: readonly string[]): Promise<CapvmError> =>
    main(['services', ...args]).then(
      () => expect.fail('it did not refuse'),
      (error: CapvmError) => error,
    );

  it('refuses what it does not know', async () => {
    for (const args of [['--json', '--tsv'], ['redis'], ['--bytes', '1'], ['--svg', 'a', '--html', 'a']])
      expect((await refusal(args)).exitCode, args.join(' ')).to.equal(64);
    expect((await refusal(['--svg', '/nowhere/a.svg'])).exitCode).to.equal(73);
  });

  it('says what to pull', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'capvm-bench-'));
    const { XDG_CACHE_HOME } = process.env;
    process.env.XDG_CACHE_HOME = directory;
    try {
      const { exitCode, message } = await refusal([]);
      expect([exitCode, message]).to.deep.equal([
        ...[65, 'there is no image redis-server; `capvm pull redis-server` fetches it'],
      ]);
    } finally {
      if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
      rmSync(directory, { recursive: true });
    }
  });

  it('measures GET and SET between two cVMs', async function () {
    const image = await debianImage(this, 'redis-server');
    const switcher = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
    const { rows, shares, startUp, memory } = await measureServices({ image, switcher, quick: true });
    expect(rows.map(({ operation }) => operation)).to.deep.equal(['redis-get', 'redis-set']);
    rows.forEach(({ instructions, charge }, index) => {
      expect(instructions).to.be.within(5_000, 40_000);
      expect(charge).to.be.within(3_000, 12_000); // there and back is a switch at least
      const { server, client, program, libos, switcher } = shares[index];
      expect(program + libos + switcher).to.be.closeTo(instructions, 0.3);
      expect(Math.min(program, libos)).to.be.above(2_000);
      expect(switcher).to.be.within(20, 2_000);
      expect(server + client).to.be.closeTo(instructions, 0.3);
      expect(Math.min(server, client)).to.be.above(1_000);
    });
    expect(startUp.instructions).to.be.within(20e6, 100e6);
    expect(memory.own).to.be.within(80 * 2 ** 20, 90 * 2 ** 20);
    expect(memory.shared).to.be.above(15 * 2 ** 20);
  });
});
