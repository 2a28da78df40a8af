import { expect } from 'chai';
import { linuxRows } from '../../perf/ipc/linux-baseline.ts';
import { median, sampleRounds } from '../../perf/ipc/median.ts';
import {
  findRow,
  KINDS,
  MECHANISMS,
  roundRow,
  SIZES,
  sortRows,
  toJson,
  totalInstructions,
  toTsv,
  type Row,
} from '../../perf/ipc/rows.ts';
import { roundsFor } from '../../perf/ipc/workload.ts';

const call: Row = {
  where: 'capvm',
  mechanism: 'cp_call',
  kind: 'roundtrip',
  bytes: 64,
  instructions: 262,
  charge: 0,
  nanoseconds: 4210,
};
const pipe: Row = { ...call, where: 'host', mechanism: 'pipe', instructions: null, charge: null, nanoseconds: 5200 };

describe('Rows of the IPC comparison', () => {
  it('are JSON of schema 1 with exactly the published fields, null where they do not apply', () => {
    expect(toJson([call, pipe])).to.equal(
      '{"schema":1,"rows":[' +
        '{"where":"capvm","mechanism":"cp_call","kind":"roundtrip","bytes":64,"instructions":262,"charge":0,"nanoseconds":4210},' +
        '{"where":"host","mechanism":"pipe","kind":"roundtrip","bytes":64,"instructions":null,"charge":null,"nanoseconds":5200}' +
        ']}\n',
    );
  });

  it('are tab-separated lines under a line of names, empty where null', () => {
    expect(toTsv([call, pipe])).to.equal(
      'where\tmechanism\tkind\tbytes\tinstructions\tcharge\tnanoseconds\n' +
        'capvm\tcp_call\troundtrip\t64\t262\t0\t4210\n' +
        'host\tpipe\troundtrip\t64\t\t\t5200\n',
    );
  });

  it('come by place, mechanism, kind and size', () => {
    const large = { ...call, bytes: 4096 };
    const stream = { ...call, kind: 'stream' as const };
    const file = { ...call, mechanism: 'cp_file' as const };
    expect(sortRows([pipe, file, stream, large, call])).to.deep.equal([call, large, stream, file, pipe]);
  });

  it('are compared with their charge', () => {
    expect(totalInstructions({ ...call, charge: 3442 })).to.equal(3704);
    expect(totalInstructions({ ...call, charge: null })).to.equal(262);
    expect(totalInstructions(pipe)).to.equal(null);
  });

  it('are rounded to what is known', () => {
    const row = { ...call, instructions: 378.004, charge: 8651.96, nanoseconds: 132765.72 };
    expect(roundRow(row)).to.deep.equal({ ...row, instructions: 378, charge: 8652, nanoseconds: 133000 });
    expect(roundRow(pipe)).to.deep.equal(pipe);
  });
});

describe('Linux’s figures', () => {
  for (const configuration of ['default', 'best-case'] as const) {
    it(`of the ${configuration} are well-formed rows, each once`, () => {
      const rows = linuxRows(configuration);
      const keys = rows.map(({ mechanism, kind, bytes }) => `${mechanism} ${kind} ${bytes}`);
      expect(new Set(keys).size).to.equal(keys.length);
      for (const row of rows) {
        expect(row.where).to.equal('linux');
        expect(MECHANISMS).to.include(row.mechanism);
        expect(KINDS).to.include(row.kind);
        expect(SIZES).to.include(row.bytes);
        expect(row.instructions).to.be.greaterThan(0);
        expect([row.charge, row.nanoseconds]).to.deep.equal([null, null]);
      }
    });
  }

  it('are there at every size for a round trip, and from 64 bytes on for a stream', () => {
    const rows = linuxRows('default');
    expect(rows.filter(({ kind }) => kind === 'roundtrip')).to.have.length(4 * SIZES.length);
    expect(rows.filter(({ kind }) => kind === 'stream')).to.have.length(4 * (SIZES.length - 1));
    const at = (mechanism: Row['mechanism'], kind: Row['kind'], bytes: number): number | null | undefined =>
      findRow(rows, { where: 'linux', mechanism }, kind, bytes)?.instructions;
    expect(at('pipe', 'roundtrip', 1)).to.equal(14160);
    expect(at('shm_futex', 'roundtrip', 64)).to.equal(12612);
    expect(at('tcp', 'roundtrip', 1048576)).to.equal(2611300);
    expect(at('unix', 'stream', 65536)).to.equal(85444);
    expect(at('shm_futex', 'stream', 64)).to.equal(412);
  });

  it('are lower in the best case, in every cell', () => {
    const usual = linuxRows('default');
    for (const best of linuxRows('best-case')) {
      const other = findRow(usual, best, best.kind, best.bytes)!;
      expect(best.instructions, `${best.mechanism} ${best.kind} ${best.bytes}`).to.be.at.most(
        other.instructions! * 1.005,
      );
    }
  });
});

describe('Sampling', () => {
  it('takes the middle of what it measured', () => {
    expect(median([5, 1, 9])).to.equal(5);
    expect(median([4, 1, 9, 6])).to.equal(5);
  });

  it('repeats short work often, long work seldom, and always some times', () => {
    const rounds: number[] = [];
    const samples = sampleRounds((count) => (rounds.push(count), count * 1000), 15);
    expect(samples.length).to.be.within(14, 17);
    expect(samples.every((sample) => sample === 1000)).to.equal(true);
    expect(rounds.at(-1)).to.equal(1000);
    expect(sampleRounds((count) => count * 1e9, 15)).to.have.length(3);
  });

  it('ends where the clock stands still', () => {
    expect(sampleRounds(() => 0, 5).length).to.be.within(3, 30);
  });

  it('does the same rounds everywhere, by size alone, whole turns of eight', () => {
    expect(SIZES.map((bytes) => roundsFor(bytes, false))).to.deep.equal([512, 512, 512, 512, 512, 128, 32, 8, 8]);
    for (const bytes of [...SIZES, 3, 1000, 777_777])
      for (const quick of [true, false]) expect(roundsFor(bytes, quick) % 8).to.equal(0);
  });
});
