// Stores to `tohost` that HTIF did not see: atomics, and stores that reach it across a page's border.
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';

const ENTRY = 0x8000_0000n;
const PAGE = 0x8000_2000n;
const EXIT_21 = (21n << 1n) | 1n;
const PUTCHAR = 0x0101n << 48n;
/** Often enough that emitted code gets the core's help for the atomic in place. */
const TIMES = 300;

const ATOMIC = `
  li a0, ${PAGE}
  li a1, ${PUTCHAR | 0x61n}
  li a2, ${TIMES}
  again:
  amoswap.d a3, a1, (a0)
  addi a2, a2, -1
  bne a2, zero, again
  li a1, ${EXIT_21}
  amoor.w a3, a1, (a0)
  stop:
  jal zero, stop`;

/** The second half of the dword stored four bytes before the border is all that reaches tohost. */
const CROSSING_INTO = `
  li a0, ${PAGE - 4n}
  li a1, ${EXIT_21 << 32n}
  sd a1, 0(a0)
  stop:
  jal zero, stop`;

/** tohost is the page's last dword; its upper half becomes a putchar of NUL. */
const CROSSING_OUT_OF = `
  li a0, ${PAGE - 4n}
  li a1, ${PUTCHAR >> 32n}
  sd a1, 0(a0)
  li a1, ${EXIT_21}
  sd a1, -4(a0)
  stop:
  jal zero, stop`;

describe('stores to tohost', () => {
  for (const engine of ['interp', 'translate', 'lockstep'] as const) {
    async function run(program: string, tohost: bigint): Promise<{ output: string; exitCode: number | undefined }> {
      const machine = await Machine.create({ memory: '1M', engine, translateAfter: 0, tohost });
      let output = '';
      machine.console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
      const { bytes } = assemble(program, { base: ENTRY });
      machine.load(writeElf({ entry: ENTRY, segments: [{ address: ENTRY, bytes }] }));
      const { exitCode } = machine.runSync({ budget: 10_000n });
      machine.console.flush();
      return { output, exitCode };
    }

    it(`by atomics are commands (${engine})`, async () => {
      expect(await run(ATOMIC, PAGE)).to.deep.equal({ output: 'a'.repeat(TIMES), exitCode: 21 });
    });

    it(`across pages are commands (${engine})`, async () => {
      expect(await run(CROSSING_INTO, PAGE)).to.deep.equal({ output: '', exitCode: 21 });
      expect(await run(CROSSING_OUT_OF, PAGE - 8n)).to.deep.equal({ output: '\0', exitCode: 21 });
    });
  }
});
