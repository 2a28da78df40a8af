// The library OS stays small: `npm run -s libos-size` says how small.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SCRIPT = fileURLToPath(new URL('../../scripts/count-libos.ts', import.meta.url));

describe('the size of the library OS', function () {
  this.timeout(20_000);
  it('is within its limit', () => {
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT], { encoding: 'utf8' });
    expect(Number(/(\d+) +of/.exec(stdout)?.[1])).to.be.above(5000);
    expect(status, stdout).to.equal(0);
  });
});
