import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseElf } from '../../src/host/elf.ts';
import type { CapvmError } from '../../src/host/errors.ts';
import { ElfError } from '../../src/host/errors.ts';
import { Machine } from '../../src/host/machine.ts';
import { SymbolTable } from '../../src/host/symbols.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { hello, RAM } from './programs.ts';

type Patch = (view: DataView, bytes: Uint8Array) => void;

const codeOf = (bytes: Uint8Array): string => {
  try {
    parseElf(bytes);
  } catch (error) {
    if (error instanceof ElfError) return error.code;
    throw error;
  }
  return 'accepted';
};

const patched = (patch: Patch): Uint8Array => {
  const bytes = hello('x').slice();
  patch(new DataView(bytes.buffer), bytes);
  return bytes;
};

const PROGRAM_HEADER = 64;

describe('ELF reader', () => {
  it('reads entry, segments and symbols of an executable', () => {
    const elf = parseElf(
      writeElf({
        entry: RAM,
        segments: [{ address: RAM, bytes: Uint8Array.of(1, 2), memorySize: 8n }],
        symbols: { tohost: 5n },
      }),
    );
    expect(elf.type).to.equal('exec');
    expect(elf.entry).to.equal(RAM);
    expect(elf.segments).to.have.length(1);
    expect([...elf.segments[0].data]).to.deep.equal([1, 2]);
    expect(elf.segments[0].memorySize).to.equal(8n);
    expect(elf.symbols.map(({ name, address }) => [name, address])).to.deep.equal([['tohost', 5n]]);
  });

  const refusals: [string, string, Patch][] = [
    ['a wrong magic', 'ERR_CVM_ELF_NOT_ELF', (view) => view.setUint8(1, 0)],
    ['a 32-bit file', 'ERR_CVM_ELF_CLASS', (view) => view.setUint8(4, 1)],
    ['a big-endian file', 'ERR_CVM_ELF_ENDIAN', (view) => view.setUint8(5, 2)],
    ['another machine', 'ERR_CVM_ELF_MACHINE', (view) => view.setUint16(18, 62, true)],
    ['an object file', 'ERR_CVM_ELF_TYPE', (view) => view.setUint16(16, 1, true)],
    ['a core dump', 'ERR_CVM_ELF_TYPE', (view) => view.setUint16(16, 4, true)],
    ['no program headers', 'ERR_CVM_ELF_NO_SEGMENTS', (view) => view.setUint16(56, 0, true)],
    ['program headers of another size', 'ERR_CVM_ELF_HEADER', (view) => view.setUint16(54, 32, true)],
    ['a program header table past the end', 'ERR_CVM_ELF_TRUNCATED', (view) => view.setBigUint64(32, 1n << 40n, true)],
    [
      'segment data past the end',
      'ERR_CVM_ELF_TRUNCATED',
      (view) => view.setBigUint64(PROGRAM_HEADER + 8, 1n << 63n, true),
    ],
    ['more file than memory', 'ERR_CVM_ELF_SEGMENT', (view) => view.setBigUint64(PROGRAM_HEADER + 40, 1n, true)],
    [
      'a segment past 2^64',
      'ERR_CVM_ELF_SEGMENT',
      (view) => view.setBigUint64(PROGRAM_HEADER + 24, (1n << 64n) - 1n, true),
    ],
    [
      'overlapping segments',
      'ERR_CVM_ELF_OVERLAP',
      (view) => view.setBigUint64(PROGRAM_HEADER + 56 + 24, RAM + 4n, true),
    ],
    ['a section header table past the end', 'ERR_CVM_ELF_TRUNCATED', (view) => view.setBigUint64(40, 1n << 62n, true)],
    ['section headers of another size', 'ERR_CVM_ELF_HEADER', (view) => view.setUint16(58, 40, true)],
  ];
  for (const [what, code, patch] of refusals) {
    it(`refuses ${what}`, () => expect(codeOf(patched(patch))).to.equal(code));
  }

  it('refuses every truncation of a valid file without any other error', () => {
    const whole = hello('truncate me');
    for (let length = 0; length < whole.length - 1; length += 3) {
      expect(codeOf(whole.subarray(0, length)), `${length} bytes`).to.match(/^ERR_CVM_ELF_/);
    }
  });

  it('throws nothing but ElfError for random bytes and random damage', () => {
    const valid = hello('damage me');
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => codeOf(bytes) !== 'accepted'));
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        codeOf(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses programs that do not fit the machine, and any damage gives a CapvmError', async () => {
    const machine = await Machine.create({ memory: '1M' });
    const load = (image: Parameters<typeof writeElf>[0]): string => {
      try {
        machine.load(writeElf(image));
        return 'loaded';
      } catch (error) {
        return (error as CapvmError).code;
      }
    };
    const bytes = new Uint8Array(16);
    expect(load({ entry: 0x10000n, segments: [{ address: 0x10000n, bytes }] })).to.equal('ERR_CVM_ELF_RANGE');
    expect(load({ entry: RAM, segments: [{ address: RAM, bytes, memorySize: 1n << 21n }] })).to.equal(
      'ERR_CVM_ELF_RANGE',
    );
    expect(load({ entry: 4n, segments: [{ address: RAM, bytes }] })).to.equal('ERR_CVM_ELF_ENTRY');
    expect(load({ entry: RAM + 1n, segments: [{ address: RAM, bytes }] })).to.equal('ERR_CVM_ELF_ENTRY');
    expect(load({ entry: RAM, segments: [{ address: RAM, bytes, memorySize: 1n << 20n }] })).to.equal('loaded');
    machine.dispose();
  });
});

describe('Symbol table', () => {
  const symbol = (name: string, address: bigint, size: bigint, global = true) => ({
    name,
    address,
    size,
    kind: 'function' as const,
    global,
  });
  const table = new SymbolTable([symbol('low', 16n, 8n), symbol('high', 32n, 0n), symbol('.L1', 18n, 0n)]);

  it('finds a symbol by address inside its size', () => {
    expect(table.at(15n)).to.equal(undefined);
    expect(table.at(16n)).to.deep.equal({ name: 'low', offset: 0n });
    expect(table.at(23n)).to.deep.equal({ name: 'low', offset: 7n });
    expect(table.at(24n)).to.equal(undefined);
  });

  it('lets a symbol of unknown size reach on', () => {
    expect(table.describe(0x30n)).to.equal('<high+0x10>');
    expect(table.describe(32n)).to.equal('<high>');
    expect(table.describe(0n)).to.equal('');
  });

  it('finds addresses by name, the global one first', () => {
    const both = new SymbolTable([symbol('a', 1n, 0n, false), symbol('a', 2n, 0n), symbol('a', 3n, 0n, false)]);
    expect(both.address('a')).to.equal(2n);
    expect(both.address('b')).to.equal(undefined);
  });
});
