// The examples of embedding run, and what docs/embedding.md shows is part of them.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { main as embedding } from '../../examples/12-embedding.ts';
import { main as hostService } from '../../examples/13-host-service.ts';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

async function linesOf(main: (print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await main((line) => lines.push(...line.split('\n')));
  return lines;
}

describe('Examples of embedding', () => {
  it('12: calls and streams of a peer', async () => {
    const lines = await linesOf(embedding);
    expect(lines.filter((line) => !line.startsWith('['))).to.deep.equal([
      'kept: hello, store',
      'letters l: 2',
      'crash: ECANCELED',
      'squares: 1 4 144',
      'run: ended',
    ]);
    expect(lines).to.include('[squares] end of file');
  });

  it('13: a service at the host for cVMs of a manifest', async () => {
    const lines = await linesOf(hostService);
    expect(lines.slice(0, 3)).to.deep.equal([
      '[client] kept 30 bytes: capabilities all the way down',
      '[client] it has 4 letters a',
      '[client] too large: E2BIG',
    ]);
    expect(lines.slice(-2)).to.deep.equal(['run: ended', 'calls: 0 1 0 99 3 2 1 1']);
  });

  it('have every snippet of docs/embedding.md', () => {
    const sources = read('examples/12-embedding.ts') + read('examples/13-host-service.ts');
    const snippets = [...read('docs/embedding.md').matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]);
    expect(snippets.length).to.be.greaterThan(5);
    for (const snippet of snippets) expect(sources).to.contain(snippet);
  });
});

describe('docs/programming-cvms.md', () => {
  const page = read('docs/programming-cvms.md');

  it('says how the images are built', () => {
    const script = read('scripts/build-guests.ts');
    const flags = [.../const FLAGS = \[(.*?)\];/s.exec(script)![1].matchAll(/'(-[^']+)'/g)].map((match) => match[1]);
    const known = flags.filter((flag) => !/^-(W(all|extra|error)|std=|fno-ident)/.test(flag));
    expect(known.filter((flag) => !page.includes(flag))).to.deep.equal([]);
  });

  it('names examples that exist', () => {
    for (const [, path] of page.matchAll(/\]\(\.\.\/([^)]+)\)/g)) expect(read(path)).to.not.equal('');
  });
});
