// What programs/ cannot compare with Linux: costs, exec, protection of the library OS, and Debian's shell.
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { debianImage } from '../helpers/packages.ts';
import { compileProgram, hasCompiler, imageOf, runImage, runOnLibraryOs } from './linux-program.ts';

const SPECIAL = fileURLToPath(new URL('special/', import.meta.url));
/** Instructions of the cheapest system call, there and back, with the loop around it. */
const NULL_CALL = 100;
/** Cases of special/abuse.c. */
const ABUSES = [
  'exec-during-vfork',
  'exec-during-stop',
  'alarm-storm',
  'alarm-of-the-dead',
  'restart-in-register',
  'pending-before-poll',
  'closed-while-locking',
  'closed-while-connecting',
  'connected-twice',
  'rights-in-flight',
  'epoll-chain',
  'epoll-levels',
  'deep-proc',
  'strange-exit-signal',
  'failing-exec',
  'odd-arguments',
  'inherited-exit-signal',
];
/** Seeds of special/fuzz.c, and instructions of a turn; SEED in the environment: another one. */
const FUZZ: readonly (readonly [seed: number, slice?: number])[] =
  process.env['SEED'] === undefined ? [[1], [2], [3], [4], [30, 211]] : [[Number(process.env['SEED'])]];

describe('the library OS', function () {
  this.timeout(120_000);
  before(function () {
    if (hasCompiler()) return;
    console.log('      skipped: gcc-riscv64-linux-gnu and libc6-dev-riscv64-cross are needed');
    this.skip();
  });

  it(`answers a system call in at most ${NULL_CALL} instructions`, async () => {
    const elf = compileProgram('null-call', SPECIAL, ['-static', '-nostdlib', '-O1']);
    const { output, exitCode } = await runOnLibraryOs('null-call', elf);
    expect(exitCode).to.equal(0);
    expect(Number(output)).to.be.within(40, NULL_CALL);
  });

  it('copies what goes through a pipe sixteen bytes at a time', async () => {
    const { output } = await runOnLibraryOs('pipe-cost', compileProgram('pipe-cost', SPECIAL));
    expect(Number(output)).to.be.within((2 * 65536) / 16, 0.5 * 65536);
  });

  it('starts programs and scripts in place of others', async () => {
    const { output } = await runOnLibraryOs('exec', compileProgram('exec', SPECIAL));
    expect(output.split('\n')).to.deep.equal([
      'renamed argument KEY=value',
      'status 9',
      'status 1',
      '/usr/bin/exec with words /tmp/script argument KEY=value',
      'status 9',
      'Permission denied',
      '',
    ]);
  });

  it('starts programs beside a directory and of a descriptor (qemu-riscv64 has no execveat)', async () => {
    const { output } = await runOnLibraryOs('exec-at', compileProgram('exec-at', SPECIAL));
    const refused = (why: string): string[] => [`execveat -1 ${why}`, 'status = 2304'];
    expect(output.split('\n')).to.deep.equal([
      ...['1 again from exec', 'status = 768', '1 again from exec', 'status = 768'],
      ...['ENOENT', 'ENOENT', 'EACCES', 'EBADF', 'ENOTDIR', 'EINVAL'].flatMap(refused),
      '',
    ]);
  });

  it('answers what qemu-riscv64 does not', async () => {
    const { output } = await runOnLibraryOs('calls', compileProgram('calls', SPECIAL));
    const results = output.split('\n').map((line) => line.replace(/^.* = /, ''));
    expect(results).to.deep.equal([
      ...['0', '-1 EINVAL', '0', '24', '-1 ESRCH', '-1 EFAULT', '0', '-1 EINVAL'],
      ...['0', '1', '3', '1', '-1 EINVAL', '-1 EFAULT', ''],
    ]);
  });

  it('is not harmed by what programs do', async () => {
    const { output, exitCode } = await runOnLibraryOs('hostile', compileProgram('hostile', SPECIAL));
    const lines = output.split('\n');
    expect(lines.filter((line) => line.startsWith('nothing'))).to.deep.equal([]);
    expect(lines).to.include.members(['still here', 'nonsense in registers: 5', 'sigreturn: signal 11']);
    expect(lines).to.include('without the mark: signal 4');
    expect(exitCode).to.equal(0);
  });

  it('outlives what programs have found against it', async () => {
    const elf = compileProgram('abuse', SPECIAL);
    const spec = { processes: 12, processMemory: 4 * 1024 ** 2 };
    for (const name of ABUSES) {
      const said = await runImage(imageOf('abuse', elf), ['/usr/bin/abuse', name], spec);
      expect(said).to.deep.equal({ output: `${name}: survived\n`, exitCode: 0 });
    }
  });

  for (const [seed, slice] of FUZZ)
    it(`answers whatever is called, seed ${seed}${slice === undefined ? '' : `, turns of ${slice} instructions`}`, async () => {
      const spec = { processes: 12, processMemory: 4 * 1024 ** 2 };
      const image = imageOf('fuzz', compileProgram('fuzz', SPECIAL));
      const said = await runImage(image, ['/usr/bin/fuzz', `${seed}`], spec, slice);
      expect(said).to.deep.equal({ output: 'still here\n', exitCode: 0 });
    });

  for (const name of ['threads', 'signals', 'processes'])
    it(`does the same for ${name} when turns are short`, async () => {
      const elf = compileProgram(name);
      const usual = await runOnLibraryOs(name, elf);
      for (const slice of [97, 1009]) expect(await runOnLibraryOs(name, elf, {}, slice)).to.deep.equal(usual);
    });

  it('traces system calls', async () => {
    const elf = compileProgram('null-call', SPECIAL, ['-static', '-nostdlib', '-O1']);
    const { output, trace = [] } = await runOnLibraryOs('null-call', elf, { strace: true });
    expect(output).to.match(/^.{3}\n$/);
    expect(trace.slice(0, 1000)).to.deep.equal(Array(1000).fill('[1] getpid() = 1'));
    expect(trace[1000]).to.equal(`[1] write(1, ${JSON.stringify(output)}, 4) = 4`);
    expect(trace.slice(1001)).to.deep.equal(['[1] exit_group(0) = ?']);
  });

  it("runs Debian's shell", async function () {
    const image = await debianImage(this, 'busybox-static');
    const script = `echo a b | tr a-z A-Z | cat; for i in 1 2 3; do echo $i; done | sort -r; echo $(uname -m)
      (exit 3); echo status $?; kill -TERM $$; echo not here`;
    const { output, exitCode } = await runImage(image, ['busybox', 'sh', '-c', script], { processes: 6 });
    expect(output.split('\n')).to.deep.equal(['A B', '3', '2', '1', 'riscv64', 'status 3', '']);
    expect(exitCode).to.equal(143);
  });
});
