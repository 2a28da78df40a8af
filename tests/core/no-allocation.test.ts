// The core allocates nothing: no runtime library of AssemblyScript is linked, and memory grows in `initialize` only.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { JUMP_MAP } from '../../assembly/translate/map.ts';

/** asconfig.json's memoryBase. */
const MEMORY_BASE = 0x20000;
const text = readFileSync(new URL('../../build/core.wat', import.meta.url), 'utf8');

/** Names of the functions whose body contains `instruction`. */
function functionsWith(instruction: string): string[] {
  return text
    .split('\n (func ')
    .slice(1)
    .filter((body) => body.includes(instruction))
    .map((body) => body.split(/\s/, 1)[0] as string);
}

describe('the emitted core', () => {
  it('contains nothing of the AssemblyScript runtime', () => {
    expect(
      text.match(/\$~lib\/(rt|array|string|staticarray|typedarray|map|set|arraybuffer|object)[^\s)]*/g) ?? [],
    ).to.deep.equal([]);
  });

  it('grows its memory in initialize only', () => {
    expect(functionsWith('memory.grow')).to.deep.equal(['$assembly/index/initialize']);
  });

  it('keeps its constant tables where the memory map has room for them', () => {
    const places = [...text.matchAll(/\n \(data [^(]*\(i32\.const (\d+)\)/g)].map(([, at]) => Number(at));
    expect(places.filter((at) => at < MEMORY_BASE || at >= JUMP_MAP)).to.deep.equal([]);
  });

  it('imports only memory and the host functions', () => {
    const modules = [...text.matchAll(/\(import "([^"]+)" "([^"]+)"/g)].map(([, module]) => module);
    expect(new Set(modules)).to.deep.equal(new Set(['env']));
  });
});
