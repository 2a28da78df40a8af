// The language of the instruction tests. One case is one line:
//
//   [flags:] instruction | state before | changes                 add a0, a1, a2 | a1=5 a2=7 | a0=12
//   [flags:] instruction | state before | trap CAUSE [tval=N] [to=S]
//   [flags:] instruction | state before | capex NAME REGISTER     a CHERI exception (cause 28)
//
// flags: cap (capability mode), rel (relocated addressing), n (user traps), bits (Zba, Zbb, Zbs), nocheri.
// Keys: a1 (integer), ca1 (capability), fa0 (float-text.ts), CSR and special capability register names, pcc, priv,
// m8 m16 m32 m64 [address] (data), mc[address] (capability), pc (of changes; `+8` is relative to the instruction).
// `#` is a comment; `## title` opens a group. What a case does not name must not change.
import { assemble, type Row } from '../helpers/assembler.ts';

export type Assignment = { key: string; value: string };
export type Expectation =
  | { kind: 'changes'; changes: readonly Assignment[] }
  | { kind: 'trap'; cause: bigint; tval: bigint; to: 'M' | 'S' | 'U' };
export type Case = {
  text: string;
  instruction: string;
  flags: ReadonlySet<string>;
  given: readonly Assignment[];
  expectation: Expectation;
  rows: readonly Row[];
};
export type Group = { title: string; cases: readonly Case[] };

/** Where the instruction of a case lies. */
export const CODE = 0x8000_1000n;
// prettier-ignore
const CAP_CAUSES: Readonly<Record<string, number>> = {
  length: 1, tag: 2, seal: 3, type: 4, unalignedbase: 0x0b, global: 0x10, execute: 0x11, load: 0x12, store: 0x13, loadcap: 0x14, storecap: 0x15,
  storelocal: 0x16, asr: 0x18, cinvoke: 0x19,
};
const FLAGS = new Set(['cap', 'rel', 'n', 'bits', 'nocheri', 'software', 'wide', 'nos']);

function parseAssignments(text: string): Assignment[] {
  return text.trim() === ''
    ? []
    : text
        .trim()
        .split(/\s+/)
        .map((one) => {
          const at = one.indexOf('=');
          if (at < 0) throw new Error(`'${one}' is not key=value`);
          return { key: one.slice(0, at), value: one.slice(at + 1) };
        });
}

/** regnum of a CHERI exception: c0..c31, ca0 ..., pcc, ddc, or scr followed by its number. */
function capabilityRegister(text: string): number {
  if (text === 'pcc') return 32;
  if (text === 'ddc') return 33;
  if (text.startsWith('scr')) return 32 + Number(text.slice(3));
  return (
    ((assemble(`cmove ${text}, ca0`).bytes[0] as number) >> 7) |
    (((assemble(`cmove ${text}, ca0`).bytes[1] as number) & 15) << 1)
  );
}

function parseExpectation(text: string): Expectation {
  const words = text.trim().split(/\s+/);
  const options = new Map(
    words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
  );
  const to = (options.get('to') ?? 'M') as 'M' | 'S' | 'U';
  if (words[0] === 'trap')
    return { kind: 'trap', cause: BigInt(words[1] as string), tval: BigInt(options.get('tval') ?? '0'), to };
  if (words[0] === 'capex') {
    const cause = CAP_CAUSES[words[1] as string];
    if (cause === undefined) throw new Error(`no capability exception '${words[1]}'`);
    return { kind: 'trap', cause: 28n, tval: BigInt(cause | (capabilityRegister(words[2] as string) << 5)), to };
  }
  return { kind: 'changes', changes: parseAssignments(text) };
}

function parseCase(line: string): Case {
  const [left = '', given = '', expectation = ''] = line.split('|');
  const prefix = /^([\w ]+):\s/.exec(left.trim());
  const flags = new Set(prefix === null ? [] : (prefix[1] as string).split(' '));
  for (const flag of flags) if (!FLAGS.has(flag)) throw new Error(`no flag '${flag}'`);
  const instruction = left.trim().slice(prefix?.[0].length ?? 0);
  const mode = flags.has('cap') ? 'cap' : 'int';
  const { rows } = assemble(instruction.replaceAll(';', '\n'), { base: CODE, mode });
  return {
    text: line.trim(),
    instruction,
    flags,
    given: parseAssignments(given),
    expectation: parseExpectation(expectation),
    rows,
  };
}

/** Cases of a text in groups. */
export function parseCases(source: string): Group[] {
  const groups: { title: string; cases: Case[] }[] = [];
  for (const line of source.split('\n').map((one) => one.trim())) {
    if (line === '' || (line.startsWith('#') && !line.startsWith('##'))) continue;
    if (line.startsWith('##')) {
      groups.push({ title: line.slice(2).trim(), cases: [] });
      continue;
    }
    try {
      groups.at(-1)?.cases.push(parseCase(line.replace(/\s#.*$/, '')));
    } catch (error) {
      throw new Error(`case '${line}': ${(error as Error).message}`);
    }
  }
  return groups;
}
