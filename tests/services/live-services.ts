// `capvm up` of one manifest as often as a test likes, in a directory of its own, asked from this computer.
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Live, withFiles } from '../cli/capvm.ts';

const CLIENT_MILLISECONDS = 60_000;

/** Starts the manifest and waits until it has printed this. */
export type Start = (ready: RegExp) => Promise<Live>;

export async function withServices(manifest: string, action: (start: Start) => Promise<void>): Promise<void> {
  await withFiles({ 'services.yaml': manifest }, async (directory) => {
    const lives: Live[] = [];
    const start = async (ready: RegExp): Promise<Live> => {
      const live = new Live(['up', 'services.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
      lives.push(live);
      await live.until(ready);
      return live;
    };
    try {
      await action(start);
    } finally {
      for (const { child } of lives) child.kill('SIGKILL');
      await Promise.all(lives.map(({ done }) => done));
    }
  });
}

/** What a client of this computer prints, without the end of the line; rejects when it fails. */
export async function client(command: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, words, { timeout: CLIENT_MILLISECONDS });
  return stdout.trimEnd();
}

/** Skips the test, or all of a suite, without this command of the host. */
export function needs(test: Mocha.Context, command: string, packageName: string): void {
  if (spawnSync(command, ['--version']).status === 0) return;
  console.log(`      skipped: ${packageName} is needed`);
  test.skip();
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
