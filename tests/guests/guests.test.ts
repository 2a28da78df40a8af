import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseElf } from '../../src/host/index.ts';
import { CvmError, readImage } from '../../src/monitor/index.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { imageBytes } from '../monitor/world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SUMS = Object.fromEntries(
  readFileSync(new URL('../../guests/images/SHA256SUMS', import.meta.url), 'utf8').trim().split('\n').map((line) => line.split('  ').reverse()),
) as Record<string, string>;
const NAMES = Object.keys(SUMS).map((file) => file.replace(/\.elf$/, ''));
const NO_COMPILER = 3;

describe('guest images', () => {
  it('are those of SHA256SUMS', () => {
    expect(NAMES).to.include.members(['switcher', 'hello', 'sender', 'receiver', 'worker', 'hostile']);
    for (const name of NAMES) expect(createHash('sha256').update(imageBytes(name)).digest('hex'), name).to.equal(SUMS[`${name}.elf`]);
  });

  it('are what their sources give, where the cross compiler is', function () {
    this.timeout(300_000);
    const { status, stderr, stdout } = spawnSync('npm', ['run', '-s', 'guests:check'], { cwd: ROOT, encoding: 'utf8' });
    if (status === NO_COMPILER) this.skip();
    expect(`${status} ${stderr}${stdout}`).to.match(/^0 .*\d images are what their sources give\n$/s);
  });

  it('hold neither paths nor dates nor build ids', () => {
    const searched = '/usr/local/bin:/usr/bin:/bin'; // by the library OS, for its first program
    for (const name of NAMES) expect(imageBytes(name).toString('latin1').replace(searched, ''), name).to.not.match(/\/(tmp|home|root|usr|work)\/|GCC: |\.note|20[0-9]{2}-[01][0-9]/);
  });

  it('keep code and data apart', () => {
    for (const name of NAMES) {
      for (const { executable, writable } of parseElf(imageBytes(name)).segments) expect(executable && writable, name).to.equal(false);
    }
  });

  it('use capability instructions in the switcher, the library and the attacker only', () => {
    const sources = ['hello/hello.c', 'sender/sender.c', 'receiver/receiver.c', 'receiver/sha256.c', 'lib/cvm.c', 'lib/string.c', 'lib/print.c'];
    for (const source of sources) {
      const text = readFileSync(new URL(`../../guests/${source}`, import.meta.url), 'utf8');
      expect(text, source).to.not.match(/\.insn|\.word|cheri\.inc/);
    }
  });
});

describe('readImage', () => {
  const RX = 5;
  const RW = 6;
  const code = { address: 0x1000n, bytes: new Uint8Array(64), flags: RX };
  const data = { address: 0x2000n, bytes: new Uint8Array(4096), flags: RW };
  const good = { entry: 0x1000n, segments: [code, data] };

  it('takes code from 0 and data from its first page', () => {
    const image = readImage(writeElf(good), 'x');
    expect([image.entry, image.text.length, image.dataStart, image.dataBytes]).to.deep.equal([0x1000, 0x2000, 0x2000, 4096]);
  });

  const BAD: readonly [string, Parameters<typeof writeElf>[0], RegExp][] = [
    ['no data', { ...good, segments: [code] }, /needs a segment of code and one of data/],
    ['no code', { ...good, segments: [data] }, /needs a segment of code and one of data/],
    ['writable code', { ...good, segments: [{ ...code, flags: 7 }, data] }, /both writable and executable/],
    ['data below the code', { entry: 0x3000n, segments: [data, { ...code, address: 0x3000n }] }, /data lies below the end of the code/],
    ['data off a page', { ...good, segments: [code, { ...data, address: 0x2010n }] }, /data starts at 0x2010, not at a page/],
    ['an entry in the data', { ...good, entry: 0x2000n }, /entry point 0x2000 is not in the code/],
    ['an entry nowhere', { ...good, entry: 0x100000n }, /entry point 0x100000 is not in the code/],
    ['a boot page with contents', { ...good, segments: [code, { ...data, bytes: new Uint8Array(4096).fill(1) }] }, /begin with an empty boot page/],
    ['too little data for a boot page', { ...good, segments: [code, { ...data, bytes: new Uint8Array(100) }] }, /boot page/],
    ['code at the end of the world', { ...good, segments: [{ ...code, address: 2n ** 63n }, data] }, /too large/],
    ['data at the end of the world', { ...good, segments: [code, { ...data, address: 2n ** 63n }] }, /too large/],
    ['data of a terabyte', { ...good, segments: [code, { ...data, memorySize: 2n ** 40n }] }, /too large/],
  ];
  for (const [what, elf, why] of BAD) {
    it(`refuses ${what}`, () => {
      expect(() => readImage(writeElf(elf), 'x')).to.throw(CvmError, why);
    });
  }

  it('refuses every truncation of a real image with an error of its own kind', () => {
    const bytes = imageBytes('hello');
    for (let length = 0; length < bytes.length; length += 97) {
      try {
        readImage(bytes.subarray(0, length), 'hello');
      } catch (error) {
        expect(error).to.have.property('code').that.matches(/^ERR_CVM_/);
      }
    }
  });
});
