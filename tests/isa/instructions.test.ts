// Every instruction, assembled, run and compared with the whole state before it: results, tags, pc, instret, memory, and
// everything that must not have changed. The cases are in cases/; their language is explained in case.ts.
import { expect } from 'chai';
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import type { Machine } from '../../src/host/index.ts';
import { ENGINES, type Engine } from '../helpers/engines.ts';
import { parseCases, type Case } from './case.ts';
import { ALL_CASES } from './cases/index.ts';
import { machineOptions, runCase } from './run-case.ts';

/** One machine per configuration and engine serves all cases. */
const machines = new Map<string, Promise<Machine>>();

function machineFor(engine: Engine, { flags }: Case): Promise<Machine> {
  const configuration = [...flags]
    .filter((flag) => flag !== 'cap')
    .sort()
    .join(' ');
  const key = `${engine.name}: ${configuration}`;
  const machine = machines.get(key) ?? engine.create(machineOptions(flags));
  machines.set(key, machine);
  return machine;
}

/** After a delegated trap only a step stops at the handler. */
const canRun = (engine: Engine, { expectation }: Case): boolean =>
  engine.name.includes('step') || expectation.kind === 'changes' || expectation.to === 'M';

const suites = Object.entries(ALL_CASES).map(([name, source]) => ({ name, groups: parseCases(source) }));

for (const engine of ENGINES) {
  describe(`instructions on the ${engine.name}`, () => {
    for (const { name, groups } of suites) {
      describe(name, () => {
        for (const { title, cases } of groups) {
          it(`${title} (${cases.length})`, async () => {
            const failures: string[] = [];
            for (const one of cases.filter((each) => canRun(engine, each))) {
              const found = runCase(await machineFor(engine, one), engine, one);
              if (found.length > 0) failures.push(`${one.text}\n    ${found.join('\n    ')}`);
            }
            if (failures.length > 0)
              throw new Error(`${failures.length} of ${cases.length} differ:\n${failures.slice(0, 5).join('\n')}`);
          });
        }
      });
    }
  });
}

describe('the instruction table', () => {
  it('has a case for every row', () => {
    const covered = new Set(
      suites
        .flatMap(({ groups }) => groups)
        .flatMap(({ cases }) => cases)
        .flatMap(({ rows }) => rows.slice(-1)),
    );
    const missing = [...INSTRUCTIONS, ...COMPRESSED_INSTRUCTIONS]
      .filter((row) => !covered.has(row))
      .map(({ name, mode }) => `${name} (${mode})`);
    expect(missing).to.deep.equal([]);
  });
});
