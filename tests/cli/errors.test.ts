import { expect } from 'chai';
import * as fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeElf } from '../helpers/elf-writer.ts';
import { endless, hello, RAM } from '../host/programs.ts';
import { capvm, compileIfStale, withFiles } from './capvm.ts';

const valid = hello('x');
const patched = (patch: (view: DataView) => void): Uint8Array => {
  const bytes = valid.slice();
  patch(new DataView(bytes.buffer));
  return bytes;
};
const segment = (address: bigint, size = 16, memorySize?: bigint) => ({
  address,
  bytes: new Uint8Array(size),
  memorySize,
});

const FILES: Record<string, Uint8Array | string> = {
  'ok.elf': valid,
  'loop.elf': endless(),
  'empty.elf': '',
  'text.elf': 'Hello, I am no program\n',
  'rv32.elf': patched((view) => view.setUint8(4, 1)),
  'x86.elf': patched((view) => view.setUint16(18, 62, true)),
  'object.elf': patched((view) => view.setUint16(16, 1, true)),
  'short.elf': valid.subarray(0, 90),
  'overlap.elf': writeElf({ entry: RAM, segments: [segment(RAM), segment(RAM + 8n)] }),
  'low.elf': writeElf({ entry: 0x10000n, segments: [segment(0x10000n)] }),
  'huge.elf': writeElf({ entry: RAM, segments: [segment(RAM, 16, 1n << 40n)] }),
  'bad.jsonl': 'no json\n',
};

const CASES: [args: string[], code: number, message: RegExp][] = [
  [[], 64, /no verb given/],
  [['fly'], 64, /no verb called "fly"/],
  [['run', 'a\x1b[31m\x9b'], 66, /a\u241b\[31m\ufffd: no such file/],
  [['help', 'fly'], 64, /no verb called "fly"/],
  [['run'], 64, /no program given/],
  [['run', '--fly', 'ok.elf'], 64, /Unknown option '--fly'/],
  [['run', '--budget', 'ok.elf'], 64, /--budget|no program/],
  [['run', '--budget', 'many', 'ok.elf'], 64, /--budget: "many" is not a number/],
  [['run', '--max-time', '-1', 'ok.elf'], 64, /max-time/],
  [['run', '--memory', '4G', 'ok.elf'], 64, /4G is out of range, RAM can be 1 MiB to 3 GiB/],
  [['run', '--memory', '1K', 'ok.elf'], 64, /out of range/],
  [['run', '--memory', 'much', 'ok.elf'], 64, /not a size: "much"/],
  [['run', '--addressing', 'virtual', 'ok.elf'], 64, /"virtual" is none of absolute, relocated/],
  [['run', '--engine', 'jit', 'ok.elf'], 64, /"jit" is none of interp/],
  [['run', '--trace=colours', 'ok.elf'], 64, /"colours" is none of/],
  [['run', '--signature-granularity', '3', 'ok.elf'], 64, /"3" is none of 4, 8/],
  [['run', '--no-cheri', '--addressing', 'relocated', 'ok.elf'], 64, /relocated addressing needs cheri/],
  [['run', 'missing.elf'], 66, /cannot read missing.elf: no such file/],
  [['run', '.'], 66, /cannot read \.: is a directory/],
  [['run', 'empty.elf'], 65, /empty/],
  [['run', 'text.elf'], 65, /not an ELF file/],
  [['run', 'rv32.elf'], 65, /32-bit/],
  [['run', 'x86.elf'], 65, /built for x86-64/],
  [['run', 'object.elf'], 65, /object file/],
  [['run', 'short.elf'], 65, /truncated/],
  [['run', 'overlap.elf'], 65, /segments 0 and 1 overlap at 0x80000008/],
  [['run', 'low.elf'], 65, /segment 0 is at 0x10000-0x10010, RAM is 0x80000000-0x90000000; link/],
  [['run', 'huge.elf'], 65, /give the machine more memory/],
  [['run', '--signature', 'out', 'ok.elf'], 65, /begin_signature/],
  [['run', '--trace-file', 'no/such/dir', 'ok.elf'], 73, /cannot write no\/such\/dir/],
  [['disasm'], 64, /no file given/],
  [['disasm', 'text.elf'], 65, /not an ELF file/],
  [['disasm', '--words', 'xyz'], 64, /"xyz" is not a hexadecimal word/],
  [['conform'], 64, /no file given/],
  [['conform', 'missing.jsonl'], 66, /cannot read/],
  [['conform', 'bad.jsonl'], 65, /bad.jsonl: line 1 is not JSON/],
];

describe('capvm errors', () => {
  before(compileIfStale);

  for (const [args, code, message] of CASES) {
    it(`capvm ${args.join(' ')}: one line, exit code ${code}`, async () => {
      const outcome = await withFiles(FILES, (directory) => capvm(args, { directory }));
      const lines = outcome.stderr.split('\n').filter((line) => line.startsWith('capvm: ') && message.test(line));
      expect(lines, outcome.stderr).to.have.length(1);
      expect(outcome.code).to.equal(code);
      expect(outcome.stderr).to.not.match(/\n\s+at |internal error/);
    });
  }

  it('damaged programs never give a stack trace or an undocumented code', async function () {
    this.timeout(120_000);
    const documented = new Set([0, 65, 121, 122, 124]);
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await withFiles({}, async (directory) => {
      await fc.assert(
        fc.asyncProperty(damage, async (changes) => {
          const bytes = valid.slice();
          for (const [at, value] of changes) bytes[at] = value;
          writeFileSync(join(directory, 'd.elf'), bytes);
          const { code, stderr } = await capvm(['run', '--budget', '10000', 'd.elf'], { directory });
          expect(stderr).to.not.match(/\n\s+at \w|internal error/);
          expect(documented.has(code!), `${code}: ${stderr}`).to.equal(true);
        }),
        { numRuns: 12 },
      );
    });
  });
});

describe('capvm help', () => {
  before(compileIfStale);

  it('knows every verb, the exit codes and the version', async () => {
    for (const [args, pattern] of [
      [['help'], /usage: capvm VERB/],
      [['--help'], /usage: capvm VERB/],
      [['help', 'run'], /--signature FILE/],
      [['run', '--help'], /--signature FILE/],
      [['run', '--image', '--help'], /usage: capvm run --image NAME/],
      [['run', '--image', 'x', '-h'], /--kernel-memory SIZE/],
      [['help', 'disasm'], /--no-aliases/],
      [['help', 'conform'], /--limit N/],
      [
        ['help', 'exit-codes'],
        /124 {2}--budget[^]*126 {2}exec, [^]*127 {2}exec, run --image: there is no such program/,
      ],
      [['version'], /^capvm \d+\.\d+\.\d+\n$/],
    ] as const) {
      const { code, stdout, stderr } = await capvm(args);
      expect([code, stderr], args.join(' ')).to.deep.equal([0, '']);
      expect(stdout).to.match(pattern);
    }
  });
});
