import { expect } from 'chai';
import { address, libraryOs, notesOf, PROGRAM, programWord, STACK } from './library-os-stub.ts';
import { World } from './world.ts';

const INTERRUPT = 1n << 63n;
const ENGINES = ['interp', 'translate', 'lockstep'] as const;

/** Each way a program can leave its code, then a word of its own memory. */
const TRAPS = `
  start:  li a0, 41
          li a7, 1
          ecall
          mv s0, a0
  null:   ld t2, 0(zero)
  bad:    .word 0xffffffff
  point:  ebreak
          li t2, ${PROGRAM + 64}
          sd s0, 0(t2)
  spin:   beqz s1, spin
          li a7, 93
          li a0, 7
          ecall
`;

/** A second thread runs the program; the first interrupts it when it is spinning. */
const WATCHED = `
  start:  ${address('a0', 'enter')}
          li a1, ${STACK}
          li a7, 8
          call hostcall
          mv s0, a0
          li a0, 5000
          li a7, 5
          call hostcall
          mv a0, s0
          li a7, 13
          call hostcall
          li a7, 5
          li a0, 1000000
          call hostcall
`;

for (const engine of ENGINES) {
  describe(`a library OS (${engine})`, () => {
    it('answers system calls, faults and interrupts of its program without the monitor', async () => {
      const world = await World.create({ engine, translateAfter: 0 });
      const cvm = libraryOs(world, 'os', { start: WATCHED, program: TRAPS });
      world.start(cvm);
      await world.monitor.run();
      expect([cvm.state, cvm.ending, cvm.exitCode]).to.deep.equal(['exited', 'exit with code 7', 7]);
      const place = (index: number): bigint => BigInt(PROGRAM + 4 * index);
      expect(notesOf(world, cvm)).to.deep.equal([
        [8n, 0n, place(2)],
        [28n, 1n | (33n << 5n), place(4)],
        [2n, 0n, place(5)],
        [3n, notesOf(world, cvm)[3][1], place(6)],
        [INTERRUPT, 0n, place(10)],
        [8n, 0n, place(13)],
      ]);
      expect(programWord(world, cvm, PROGRAM + 64)).to.equal(42n);
      expect([cvm.faults, cvm.refusals]).to.deep.equal([0, 0]);
    });
  });
}
