// `capvm run --image`: what it says of command lines that cannot be.
import { expect } from 'chai';
import { capvm, compileIfStale } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';

const CASES: [options: string[], message: RegExp][] = [
  [['-p', 'abc'], /port to publish .*: "abc" is none/],
  [['-p', '80:0'], /port to publish/],
  [['--allow', '192.0.2.7'], /destination .*: "192\.0\.2\.7" is none/],
  [['--memory', '1K'], /has no room for them/],
  [['--kernel-memory', '1'], /needs 1048576 bytes/],
  [['--processes', '0'], /1 to 256 processes/],
  [['--name', 'a/b'], /a name is 1 to 32 letters/],
  [['--volume', 'x.disk:1:/data'], /a multiple of 4096/],
  [['--volume', 'x.disk:32M'], /FILE:SIZE:DIR/],
  [['-e', '=x'], /NAME=VALUE/],
];

describe('capvm run --image', () => {
  before(async function () {
    await debianImage(this, 'busybox-static');
    compileIfStale();
  });

  const run = (options: readonly string[], command: readonly string[] = ['sh', '-c', 'exit 3']) =>
    capvm(['run', '--image', 'busybox-static', ...options, '--', ...command]);

  it('answers command lines that cannot be with one line and exit code 64', async () => {
    for (const [options, message] of CASES) {
      const { code, stderr } = await run(options);
      expect([code, stderr.split('\n').length], options.join(' ')).to.deep.equal([64, 2]);
      expect(stderr).to.match(message);
    }
    expect((await run([])).code).to.equal(3);
  });

  it('says what is wrong with the program or the image', async () => {
    expect(await run([], ['nosuch'])).to.include({ code: 64 });
    expect(await run([], ['/etc/hosts'])).to.include({ code: 64 });
    expect(await capvm(['run', '--image', 'nosuch', '--', 'sh'])).to.include({ code: 65 });
  });
});
