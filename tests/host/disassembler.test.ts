import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import { disassemble, formatInstruction } from '../../src/host/disassembler.ts';
import { SymbolTable } from '../../src/host/symbols.ts';

const OBJDUMP = 'riscv64-linux-gnu-objdump';

describe('Disassembler', () => {
  const cases: [word: number, text: string][] = [
    [0x00000013, 'nop'],
    [0x00100513, 'li a0,1'],
    [0x00b50533, 'add a0,a0,a1'],
    [0xfff54513, 'not a0,a0'],
    [0x00b50023, 'sb a1,0(a0)'],
    [0xfe013c23, 'sd zero,-8(sp)'],
    [0x12345537, 'lui a0,0x12345'],
    [0x00008067, 'ret'],
    [0x30529073, 'csrw mtvec,t0'],
    [0xc0002573, 'rdcycle a0'],
    [0x02b57553, 'fadd.d fa0,fa0,fa1'],
    [0x02b51553, 'fadd.d fa0,fa0,fa1,rtz'],
    [0x1005a52f, 'lr.w a0,(a1)'],
    [0x1eb5252f, 'sc.w.aqrl a0,a1,(a0)'],
    [0x0ff0000f, 'fence'],
    [0x0330000f, 'fence rw,rw'],
    [0x4501, 'li a0,0'],
    [0x852e, 'mv a0,a1'],
    [0x8082, 'ret'],
    [0x6508, 'ld a0,8(a0)'],
    [0x1141, 'addi sp,sp,-16'],
    [0x0000, '.insn 2,0x0000'],
    [0xffffffff, '.insn 4,0xffffffff'],
    [0x22c5855b, 'cincoffset ca0,ca1,a2'],
    [0x1235a55b, 'csetboundsimm ca0,ca1,291'],
    [0xfcc580db, 'cinvoke ca1,ca2'],
    [0x0215855b, 'cspecialrw ca0,ddc,ca1'],
    [0x0210055b, 'cspecialr ca0,ddc'],
    [0x1205a50f, 'lc ca0,288(a1)'],
    [0xfbf5855b, 'lc.cap ca0,(ca1)'],
    [0xfeea855b, 'cclear 0x2,0xaa'],
  ];
  for (const [word, text] of cases) {
    it(`0x${word.toString(16)} is ${text}`, () => expect(formatInstruction(word)).to.equal(text));
  }

  it('shows the encoding itself without aliases', () => {
    expect(formatInstruction(0x852e, { aliases: false })).to.equal('c.mv a0,a1');
    expect(formatInstruction(0x00008067, { aliases: false })).to.equal('jalr zero,0(ra)');
    expect(formatInstruction(0x02b57553, { aliases: false })).to.equal('fadd.d fa0,fa0,fa1,dyn');
  });

  it('reads the same bits differently in capability mode', () => {
    expect(formatInstruction(0x1205a50f, { mode: 'cap' })).to.equal('lc ca0,288(ca1)');
    expect(formatInstruction(0x00008067, { mode: 'cap' })).to.equal('cret');
    expect(formatInstruction(0x6508, { mode: 'cap' })).to.equal('ld a0,8(ca0)');
    expect(formatInstruction(0x1141, { mode: 'cap' })).to.equal('addi sp,sp,-16');
    expect(formatInstruction(0x7139, { mode: 'cap' })).to.equal('cincoffsetimm csp,csp,-64');
  });

  it('prints branch targets with their symbols', () => {
    const symbols = new SymbolTable([{ name: 'main', address: 0x80000010n, size: 0n, kind: 'function', global: true }]);
    expect(formatInstruction(0x0100006f, { address: 0x80000000n, symbols })).to.equal('j 0x80000010 <main>');
    expect(disassemble(0xfe000ee3, { address: 0x80000010n }).target).to.equal(0x8000000cn);
  });

  it('gives every row of the table its name', () => {
    for (const mode of ['int', 'cap'] as const) {
      for (const row of INSTRUCTIONS.filter((candidate) => candidate.mode === 'any' || candidate.mode === mode)) {
        const found = disassemble(row.match, { mode, aliases: false });
        expect(found.mnemonic.replace(/\.(aq|rl|aqrl)$/, ''), `${row.name} in ${mode}`).to.equal(row.name);
        expect(found.operands, row.name).to.not.match(/undefined|NaN/);
      }
    }
  });

  it('decodes all 65536 parcels without failing', () => {
    const names = new Set(COMPRESSED_INSTRUCTIONS.map(({ name }) => name));
    const wrong: string[] = [];
    for (let parcel = 0; parcel < 65536; parcel++) {
      if ((parcel & 3) === 3) continue;
      const { mnemonic, valid, operands } = disassemble(parcel, { aliases: false });
      const named = valid ? names.has(mnemonic) : mnemonic === '.insn';
      if (!named || /undefined|NaN/.test(operands)) wrong.push(`${parcel.toString(16)}: ${mnemonic} ${operands}`);
    }
    expect(wrong).to.deep.equal([]);
  });

  it('agrees with objdump on random RV64GC words, where binutils is installed', function () {
    if (spawnSync(OBJDUMP, ['--version']).error !== undefined) return void this.skip();
    const rows = INSTRUCTIONS.filter(({ mode, section }) => mode !== 'cap' && !/CHERI|^Zb/.test(section));
    let seed = 0x2545f491;
    const random = (): number => {
      seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      return (seed ^ (seed >>> 13)) >>> 0;
    };
    const words = rows.flatMap(({ match, mask }) => [0, 1, 2, 3].map(() => ((random() & ~mask) | match) >>> 0));
    const theirs = objdump(words);
    words.forEach((word, index) => {
      const address = BigInt(index * 4);
      const expected = normalise(theirs[index]);
      // Reserved rounding modes and unknown CSRs are shown by number there; other extensions than ours are known.
      if (/unknown|^\.|0x[0-9a-f]{8}$/.test(expected) || /\bcsr/.test(expected)) return;
      expect(normalise(formatInstruction(word, { address, aliases: false })), `0x${word.toString(16)}`).to.equal(
        expected,
      );
    });
  });
});

function objdump(words: readonly number[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-'));
  try {
    const file = join(directory, 'words.bin');
    writeFileSync(file, Buffer.from(Uint32Array.from(words).buffer));
    const output = execFileSync(OBJDUMP, ['-D', '-M', 'no-aliases', '-b', 'binary', '-m', 'riscv:rv64', file], {
      encoding: 'utf8',
    });
    return output
      .split('\n')
      .filter((line) => /^ +[0-9a-f]+:\t/.test(line))
      .map((line) => line.split('\t').slice(2).join(' '));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Spaces, comments and number formats differ between versions of objdump. */
function normalise(line: string): string {
  return line
    .replace(/#.*$|<.*$/, '')
    .replace(
      /-?\b(0x[0-9a-f]+|\d+)\b(?!\()/g,
      (number) => `${Number.parseInt(number.replace('-', '')) * (number.startsWith('-') ? -1 : 1)}`,
    )
    .replace(/,dyn$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}
