// No sequence of instructions widens authority: whatever user code does with a few bounded capabilities, every tagged
// capability that exists afterwards grants no more than one of them. Random instruction words; the bounds are judged by
// the tests' own model.
import { expect } from 'chai';
import { INSTRUCTIONS } from '../../assembly/isa/instructions.ts';
import { formatRaw, Machine, type RawCapability } from '../../src/host/index.ts';
import { CAPABILITY_POINTERS, xPointer } from '../../src/host/register-names.ts';
import { bounds } from '../cheri/model.ts';
import { parseCapability } from '../helpers/capability-text.ts';
import { freshSeed, Random } from '../helpers/random.ts';
import { CODE } from './case.ts';
import { rawOf } from './state.ts';

const CODE_ROOT = '[GxrRI,0x80001000-0x80001100]';
const ROOTS = [
  `0x80001000${CODE_ROOT}`,
  '0x80002010[GrwRWL0,0x80002000-0x80002100]',
  '0x80002044[rwR,0x80002040-0x80002050]',
  '0x10[GSUI,0x10-0x20]',
];
/** Everything that can be in a register at the start: roots, sealed ones, and untagged bits that would be almighty. */
const INITIAL = [
  ...ROOTS,
  `0x80001000${CODE_ROOT}:17`,
  '0x80002010[GrwRWL0,0x80002000-0x80002100]:17',
  `0x80001010${CODE_ROOT}:sentry`,
  '!0x80002000[*,0x0-0x10000000000000000]',
  '!0x80002010[GrwRWL0,0x80002000-0x80002200]',
  '!0x11[*,0x0-0x10000000000000000]:17',
];
const INTEGERS = [
  0n,
  1n,
  8n,
  0x10n,
  0x11n,
  0x100n,
  0xfffn,
  0x80002000n,
  0x80002040n,
  0xffff_ffff_ffff_ffffn,
  0xffff_0000_0000_0000n,
  1n << 63n,
];
const MEMORY = 0x8000_2000n;
const MEMORY_BYTES = 0x100;

type Authority = { base: bigint; top: bigint; permissions: bigint };

/** Permission bits as they lie in the high word, 15:12 user-defined and 11:0 hardware. */
function authorityOf(raw: RawCapability): Authority {
  return { ...bounds({ high: raw.high, address: raw.address }), permissions: raw.high >> 48n };
}

const roots = ROOTS.map((text) => authorityOf(parseCapability(text)));

function isCovered(raw: RawCapability): boolean {
  if (!raw.tag) return true;
  const { base, top, permissions } = authorityOf(raw);
  return roots.some((root) => base >= root.base && top <= root.top && (permissions & ~root.permissions) === 0n);
}

/** CHERI instructions and capability accesses, twice as often as the rest; without system instructions. */
const rows = INSTRUCTIONS.filter(({ match }) => (match & 0x7f) !== 0x73);
const capabilityRows = rows.filter(
  ({ match, name }) => (match & 0x7f) === 0x5b || /^(lc|sc|lr\.c|sc\.c|amoswap\.c|auipcc|cjalr?)$/.test(name),
);

function randomWord(random: Random): number {
  const { match, mask } = random.pick(random.chance(0.7) ? capabilityRows : rows);
  return ((random.u32() & ~mask) | match) >>> 0;
}

function prepare(machine: Machine, random: Random): void {
  const { registers, memory } = machine;
  machine.reset();
  for (let r = 1; r < 32; r++) {
    if (random.chance(0.4)) registers.setX(r, random.pick(INTEGERS));
    else registers.setCapability(`c${r}`, parseCapability(random.pick(INITIAL)));
  }
  for (let at = MEMORY; at < MEMORY + BigInt(MEMORY_BYTES); at += 16n)
    memory.writeCapability(at, parseCapability(random.pick(INITIAL)));
  registers.setCapability('ddc', parseCapability(ROOTS[1] as string));
  registers.set('mstatus', 0x6000);
  registers.set('pmpaddr0', (1n << 54n) - 1n);
  registers.set('pmpcfg0', 0x1f);
}

/** One instruction in user mode, from a fresh PCC. */
function execute(machine: Machine, word: number, flag: bigint): 'retired' | 'trap' {
  machine.memory.writeU32(CODE, word);
  const pcc = parseCapability(`0x80001000${CODE_ROOT}`);
  machine.registers.setCapability('pcc', { ...pcc, high: pcc.high | (flag << 45n) });
  machine.registers.privilege = 'U';
  return machine.step().reason === 'trap' ? 'trap' : 'retired';
}

/** Names of capabilities that grant too much. */
function violations(machine: Machine, trapped: boolean): string[] {
  const found: [string, RawCapability][] = Array.from({ length: 31 }, (_, i) => [
    `c${i + 1}`,
    rawOf(machine, xPointer(i + 1)),
  ]);
  for (const name of trapped ? ['ddc'] : ['ddc', 'pcc'])
    found.push([name, rawOf(machine, CAPABILITY_POINTERS.get(name) as number)]);
  for (let at = MEMORY; at < MEMORY + BigInt(MEMORY_BYTES); at += 16n)
    found.push([`memory 0x${at.toString(16)}`, machine.memory.readRaw(at)]);
  return found.filter(([, raw]) => !isCovered(raw)).map(([name, raw]) => `${name} = ${formatRaw(raw)}`);
}

describe('authority', function () {
  this.timeout(60_000);
  const seed = freshSeed();

  for (const addressing of ['absolute', 'relocated'] as const) {
    it(`never grows (${addressing}, seed ${seed})`, async () => {
      const machine = await Machine.create({ memory: '1M', stopOnMachineTrap: true, addressing });
      const random = new Random(seed);
      let retired = 0;
      for (let round = 0; round < 60; round++) {
        prepare(machine, random);
        for (let step = 0; step < 40; step++) {
          const word = randomWord(random);
          const outcome = execute(machine, word, random.chance(0.5) ? 1n : 0n);
          if (outcome === 'retired') retired++;
          expect(
            violations(machine, outcome === 'trap'),
            `round ${round} step ${step}: .word 0x${word.toString(16)}`,
          ).to.deep.equal([]);
        }
      }
      expect(retired).to.be.greaterThan(500);
    });
  }
});
