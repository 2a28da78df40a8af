import { build } from 'esbuild';
import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Host from '../../src/host/index.ts';
import { hello } from './programs.ts';

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

async function bundle(entry = 'host/index.ts'): Promise<string> {
  const result = await build({
    entryPoints: [source(entry)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return result.outputFiles[0].text;
}

describe('Browser bundle', () => {
  it('contains no import from Node', async () => {
    const code = await bundle();
    expect(code).to.not.match(/(from|import\(|require\()\s*["'](node:|fs|path|process)/);
    expect(code).to.contain('new URL("./core.wasm", import.meta.url)');
  });

  it('contains none with monitor and peers either', async () => {
    expect(await bundle('peer/index.ts')).to.not.match(/(from|import\(|require\()\s*["'](node:|fs|path|process)/);
  });

  it('runs a program, with the core handed over', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'capvm-'));
    try {
      const file = join(directory, 'bundle.mjs');
      writeFileSync(file, await bundle());
      const { Machine } = (await import(pathToFileURL(file).href)) as typeof Host;
      const core = readFileSync(new URL('../../build/core.wasm', import.meta.url));
      const machine = await Machine.create({ memory: '1M', core });
      let output = '';
      machine.console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
      machine.load(hello('from a bundle', 4));
      expect((await machine.run()).exitCode).to.equal(4);
      expect(output).to.equal('from a bundle');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('Imports of src', () => {
  const files = (directory: string): string[] =>
    readdirSync(source(directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${directory}/${name}`);
  const importsOf = (file: string): string[] =>
    [...readFileSync(source(file), 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)].map((match) => match[1]);

  it('go one way: cli, monitor, host, shared leaf files', () => {
    const wrong = [
      ...files('host').flatMap((file) =>
        importsOf(file)
          .filter((name) => /monitor\/|cli\//.test(name))
          .map((name) => `${file}: ${name}`),
      ),
      ...files('monitor').flatMap((file) =>
        importsOf(file)
          .filter((name) => /cli\//.test(name))
          .map((name) => `${file}: ${name}`),
      ),
    ];
    expect(wrong).to.deep.equal([]);
  });

  it('of host name no module of Node, but for the file that reads the core', () => {
    const wrong = files('host').filter((file) => importsOf(file).some((name) => name.startsWith('node:')));
    expect(wrong).to.deep.equal(['host/core-bytes-node.ts']);
  });

  it('instantiate Wasm in few files: the core, what it emits, and what leads there', () => {
    const wrong = [...files('host'), ...files('monitor'), ...files('cli')].filter((file) =>
      /WebAssembly\.(instantiate|Instance)|@assemblyscript\/loader/.test(readFileSync(source(file), 'utf8')),
    );
    expect(wrong).to.deep.equal(['host/core.ts', 'host/function-table.ts', 'host/fused.ts', 'host/translator.ts']);
  });
});
