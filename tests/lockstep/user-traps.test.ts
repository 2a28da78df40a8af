// System calls that software in U-mode answers: the way there and back stays in translated code.
import { expect } from 'chai';
import type { EngineStatistics } from '../../src/host/index.ts';
import { libraryOs, PROGRAM, programWord } from '../monitor/library-os-stub.ts';
import { World } from '../monitor/world.ts';

/** Answers as briefly as can be: the pc goes on, a0 counts. The page ends inside PCC, as that of a long text would. */
const VECTOR = `
  .align 4
  vector: cspecialrw csp, utdc, csp
          cspecialrw csp, ddc, csp
          cspecialrw csp, uscratchc, csp
          sd t0, 0(sp)
          csrr t0, uepc
          addi t0, t0, 4
          csrw uepc, t0
          li t0, 93
          bne a7, t0, back
          li a7, 0
          j hostcall
  back:   addi a0, a0, 1
          ld t0, 0(sp)
          cspecialrw csp, uscratchc, csp
          cspecialrw csp, ddc, csp
          cspecialrw csp, utdc, csp
          uret
  .align 4096
          .dword 0
`;

const program = (calls: number): string => `
  li s0, ${calls}
  li a0, 0
  li a7, 1
  again:
  ecall
  addi s0, s0, -1
  bnez s0, again
  li t0, ${PROGRAM + 256}
  sd a0, 0(t0)
  li a7, 93
  ecall`;

async function run(engine: 'translate' | 'lockstep', calls: number): Promise<EngineStatistics> {
  const world = await World.create({ memory: '16M', slice: 1_000_000, engine, translateAfter: 200 });
  const cvm = libraryOs(world, 'os', { vector: VECTOR, program: program(calls) });
  world.start(cvm);
  const { reason } = await world.monitor.run();
  expect([reason, programWord(world, cvm, PROGRAM + 256)]).to.deep.equal(['ended', BigInt(calls)]);
  return world.monitor.machine.statistics!;
}

const sum = (exits: EngineStatistics['exits']): number => Object.values(exits).reduce((all, count) => all + count, 0);

describe('System calls answered in U-mode', () => {
  it('stay in translated code, there and back', async () => {
    const [few, many] = [await run('translate', 2_000), await run('translate', 22_000)];
    const exits = sum(many.exits) - sum(few.exits);
    const interpreted = many.interpretedInstructions - few.interpretedInstructions;
    expect(exits / 20_000, 'exits per call').to.be.lessThan(0.01);
    expect(interpreted / 20_000, 'interpreted instructions per call').to.be.lessThan(0.1);
  });

  it('leave what the interpreter leaves', () => run('lockstep', 2_000));
});
