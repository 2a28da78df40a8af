// Lines of cc128 and insn files: capability arithmetic and register-to-register instructions. Every line runs as
// instructions in the machine's RAM: operands go to c10 and c11, run() executes, results are read from registers.
import { CAP_STATE, PC, STATE_TAG, X } from '../../../assembly/layout.ts';
import { INSTRUCTIONS } from '../../../assembly/isa/instructions.ts';
import type { Instruction } from '../../../assembly/isa/instructions.ts';
import { parseRaw } from '../capability.ts';
import type { Capability, RawCapability } from '../capability.ts';
import { VectorError } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { RAM_BASE } from '../memory.ts';
import { Comparison } from './difference.ts';
import { hexField, textField } from './vector-file.ts';

type Fields = Readonly<Record<string, unknown>>;

const SOURCE1 = 10;
const SOURCE2 = 11;
/** Results go to c12, c13, ... in program order. */
const RESULT = 12;
const IMMEDIATES = 4096;
const INSPECTIONS = [
  'cgetbase', 'cgettop', 'cgetlen', 'cgetoffset', 'cgetperm', 'cgettype', 'cgetsealed', 'cgetflags', 'cgettag', 'cgethigh',
] as const; // prettier-ignore

/** Which instructions a cc128 operation runs. */
const CC128_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  decode: INSPECTIONS,
  setbounds: ['csetbounds', 'csetboundsexact'],
  setaddr: ['csetaddr'],
  incoffset: ['cincoffset'],
  setoffset: ['csetoffset'],
  crrl: ['crrl', 'cram'],
};

interface Code {
  readonly address: bigint;
  readonly count: bigint;
}

/** The programs of all operations, placed once in a machine's RAM. */
export class CapabilityLines {
  readonly #machine: Machine;
  readonly #code = new Map<string, Code>();
  #next = RAM_BASE;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Runs one line; what differs is in the result. */
  run(fields: Fields): Comparison {
    return 'c1' in fields || 'rs1' in fields ? this.#runInstruction(fields) : this.#runOperation(fields);
  }

  /** insn: one instruction, `r` is the whole destination register. */
  #runInstruction(fields: Fields): Comparison {
    const comparison = new Comparison(this.#machine);
    const name = textField(fields, 'op');
    if ('c1' in fields) this.#setSource(SOURCE1, capabilityField(fields, 'c1'));
    else this.#machine.registers.setX(SOURCE1, hexField(fields, 'rs1'));
    if ('c2' in fields) this.#setSource(SOURCE2, capabilityField(fields, 'c2'));
    const code = 'imm' in fields ? this.#immediateForm(name, Number(fields.imm)) : this.#place(name, [name]);
    if (!this.#execute(code, comparison)) return comparison;
    comparison.capability(name, capabilityField(fields, 'r'), this.#result(0));
    return comparison;
  }

  /** cc128: the instructions that compute what the line states. */
  #runOperation(fields: Fields): Comparison {
    const comparison = new Comparison(this.#machine);
    const name = textField(fields, 'op');
    const names = CC128_PROGRAMS[name];
    if (names === undefined) throw new VectorError(`unknown operation ${JSON.stringify(name)}`);
    if (name === 'crrl') this.#machine.registers.setX(SOURCE1, hexField(fields, 'len'));
    else
      this.#setSource(SOURCE1, {
        tag: fields.tag === 1,
        high: hexField(fields, 'hi'),
        address: hexField(fields, 'lo'),
      });
    const operand = ['len', 'addr', 'inc', 'off'].find((key) => key in fields);
    if (operand !== undefined) this.#machine.registers.setX(SOURCE2, hexField(fields, operand));
    if (!this.#execute(this.#place(`cc128 ${name}`, names), comparison)) return comparison;
    if (name === 'decode') this.#compareDecoded(fields, comparison);
    else if (name === 'crrl') this.#compareNumbers(fields, ['crrl', 'cram'], comparison);
    else this.#compareDerived(fields, comparison);
    return comparison;
  }

  /** `ie`, `E`, `B` and `T` are the format's own fields; the machine shows what follows from them. */
  #compareDecoded(fields: Fields, comparison: Comparison): void {
    const capability = this.#machine.registers.capability('c10');
    const value = (name: (typeof INSPECTIONS)[number]): bigint => this.#result(INSPECTIONS.indexOf(name)).address;
    comparison.number('base', hexField(fields, 'base'), value('cgetbase'));
    comparison.number('top', hexField(fields, 'top'), capability.top);
    comparison.number('length', hexField(fields, 'length'), lengthOf(capability));
    comparison.number('cgettop', hexField(fields, 'cgettop'), value('cgettop'));
    comparison.number('cgetlen', hexField(fields, 'cgetlen'), value('cgetlen'));
    comparison.number('offset', hexField(fields, 'offset'), value('cgetoffset'));
    comparison.number('perms', hexField(fields, 'perms'), value('cgetperm'));
    comparison.number('otype', hexField(fields, 'otype'), BigInt(capability.otype));
    comparison.number('cgettype', hexField(fields, 'cgettype'), value('cgettype'));
    comparison.number('sealed', BigInt(Number(fields.sealed)), value('cgetsealed'));
    comparison.number('flag', BigInt(Number(fields.flag)), value('cgetflags'));
    comparison.number('tag', BigInt(Number(fields.tag)), value('cgettag'));
    comparison.number('hi', hexField(fields, 'hi'), value('cgethigh'));
  }

  #compareDerived(fields: Fields, comparison: Comparison): void {
    const expected = { high: hexField(fields, 'rhi'), address: hexField(fields, 'rlo') };
    const tags = 'rtag' in fields ? ['rtag'] : ['rtag_csetbounds', 'rtag_csetboundsexact'];
    tags.forEach((tag, index) =>
      comparison.capability(tag, { ...expected, tag: fields[tag] === 1 }, this.#result(index)),
    );
    if (!('rbase' in fields)) return;
    const result = this.#machine.registers.capability(`c${RESULT}`);
    comparison.number('rbase', hexField(fields, 'rbase'), result.base);
    comparison.number('rtop', hexField(fields, 'rtop'), result.top);
  }

  #compareNumbers(fields: Fields, names: readonly string[], comparison: Comparison): void {
    names.forEach((name, index) => {
      const expected = { tag: false, high: 0n, address: hexField(fields, name) };
      comparison.capability(name, expected, this.#result(index));
    });
  }

  #setSource(register: number, value: RawCapability): void {
    this.#machine.core.exports.capSet(X + register * 64, value.high, value.address, value.tag ? 1 : 0);
  }

  /** Runs to the end of `code`; false if it trapped. */
  #execute(code: Code, comparison: Comparison): boolean {
    const { core, registers } = this.#machine;
    for (let index = 0; index < Number(code.count); index++) registers.setX(RESULT + index, 0xdeadn);
    core.writeU64(PC, code.address);
    const stop = this.#machine.runSync({ budget: code.count });
    if (stop.reason === 'budget') return true;
    comparison.text('end', 'no trap', stop.explain());
    return false;
  }

  #result(index: number): RawCapability {
    const { core } = this.#machine;
    const pointer = X + (RESULT + index) * 64;
    return {
      tag: (core.readU32(pointer + CAP_STATE) & STATE_TAG) !== 0,
      high: BigInt.asUintN(64, core.exports.capHigh(pointer)),
      address: core.readU64(pointer),
    };
  }

  /** Code of an instruction with a 12-bit immediate: all of them lie in RAM, one after the other. */
  #immediateForm(name: string, immediate: number): Code {
    const all = this.#place(`${name} imm`, [name], IMMEDIATES);
    return { address: all.address + BigInt(immediate & (IMMEDIATES - 1)) * 4n, count: 1n };
  }

  /** Writes the instructions, each with its own result register, and remembers them under `key`. */
  #place(key: string, names: readonly string[], immediates = 1): Code {
    const known = this.#code.get(key);
    if (known !== undefined) return known;
    const words = new DataView(new ArrayBuffer(names.length * immediates * 4));
    names.forEach((name, index) => {
      for (let immediate = 0; immediate < immediates; immediate++) {
        words.setUint32((index * immediates + immediate) * 4, encode(name, RESULT + index, immediate), true);
      }
    });
    const code = { address: this.#next, count: BigInt(names.length) };
    this.#machine.memory.write(code.address, new Uint8Array(words.buffer));
    this.#next += BigInt(words.byteLength);
    this.#code.set(key, code);
    return code;
  }
}

/** 65 bits: a malformed untagged capability may have its top below its base. */
const lengthOf = (capability: Capability): bigint => BigInt.asUintN(65, capability.top - capability.base);

function capabilityField(fields: Fields, name: string): RawCapability {
  const text = textField(fields, name);
  try {
    return parseRaw(text);
  } catch {
    throw new VectorError(`field ${JSON.stringify(name)} is not a capability: ${text}`);
  }
}

/** The word of `name` on the registers used here. */
function encode(name: string, destination: number, immediate: number): number {
  const row = INSTRUCTIONS.find((candidate) => candidate.name === name && candidate.mode !== 'cap');
  if (row === undefined || !/^c/.test(name)) throw new VectorError(`unknown instruction ${JSON.stringify(name)}`);
  return (
    (row.match | (destination << 7) | (SOURCE1 << 15) | (usesSecondSource(row) ? SOURCE2 << 20 : immediate << 20)) >>> 0
  );
}

const usesSecondSource = ({ syntax, immediate }: Instruction): boolean => immediate === 'none' && /[rc]s2/.test(syntax);
