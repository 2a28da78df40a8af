// Random programs that cross between compartments: by CInvoke, by sentries with and without a link, with DDC replaced on the way; which
// one is next is computed by the program, and some pairs are no good. They never end.
import type { Random } from '../helpers/random.ts';

const COMPARTMENTS = 4;
const PAGE = 4096n;
/** The program's first page; then a page for each compartment, one for what they share, one for where they come back to. */
const RAM = 0x8000_0000n;
const HELPER = RAM + PAGE * BigInt(COMPARTMENTS + 1);
const BACK = HELPER + PAGE;
/** Permissions of data: all of memory's and CInvoke, not Execute. */
const DATA_PERMISSIONS = 0x17d;
const FIRST_OTYPE = 5;

const pick = (random: Random, ...texts: string[]): string => random.pick(texts);

/** Pairs lie behind the data, 32 bytes each; behind them is a sentry. */
function placesFor(data: bigint): { table: bigint; sentry: bigint; dataOf(index: number): bigint } {
  const table = data + PAGE * BigInt(COMPARTMENTS);
  const sentry = table + 32n * BigInt(COMPARTMENTS);
  return { table, sentry, dataOf: (index) => data + PAGE * BigInt(index) };
}

/** c0 of \`t1\`: the pair of a compartment that s2 says. */
const nextPair = (table: bigint, shift: number): string[] => [
  'li t0, 1103515245',
  'mul s2, s2, t0',
  'addi s2, s2, 1235',
  `srli t1, s2, ${shift}`,
  'andi t1, t1, 3',
  'slli t1, t1, 5',
  `li t0, ${table}`, // prettier-ignore
  'add t1, t1, t0',
  'csetaddr ct1, cs6, t1',
  'lc.cap ca0, (ct1)',
  'cincoffsetimm ct1, ct1, 16',
  'lc.cap ca1, (ct1)', // prettier-ignore
];

/** Sometimes the pair is spoilt. */
function spoil(random: Random, label: string): string[] {
  const how = pick(random, 'cmove ca1, ca0', 'cmove ca0, ca1', 'ccleartag ca1, ca1', 'ccleartag ca0, ca0', 'csetaddr ca0, cs6, t1', 'li a1, 5'); // prettier-ignore
  return [`andi t2, s2, ${random.pick([31, 63])}`, `bne t2, zero, ${label}`, how, `${label}:`];
}

function step(random: Random, isCapability: boolean): string {
  const offset = random.below(12) * 8;
  const load = isCapability ? `ld t2, ${offset}(ct6)` : 'ld.cap t2, (ct6)';
  const save = isCapability ? `sd a3, ${offset}(ct6)` : 'sd.cap a3, (ct6)';
  return random.pick([
    load,
    save,
    'add a3, a3, t2',
    'addi a3, a3, 7',
    'slli t2, a3, 1',
    'ld.ddc t2, (a6)',
    'sd.ddc a3, (a6)', // prettier-ignore
    'cgetaddr a6, ct6',
    'addi a6, zero, 16',
    'csrrw zero, fcsr, zero',
    'csrrw zero, fcsr, t2',
    'fadd.d ft0, ft1, ft2', // prettier-ignore
    'cspecialrw c0, ddc, ct6',
    'cspecialrw ct4, ddc, ct6',
    'cspecialrw c0, ddc, c0',
    'cspecialrw c0, ddc, cs6',
    'cgetlen t2, ct6', // prettier-ignore
    'cmove ct4, ct6',
    'csetboundsimm ct4, ct6, 64',
    'cspecialrw c0, ddc, ct4',
    'cclear 3, 0x30',
    'cgetperm t2, ct6',
    'cincoffsetimm ct6, ct6, 8', // prettier-ignore
  ]);
}

/** By way of another compartment, but no deeper. */
function nested(random: Random, name: string, table: bigint): string[] {
  return [
    `bne s7, zero, ${name}_over`,
    'addi s7, s7, 1',
    'cmove cs9, c1',
    ...nextPair(table, 33),
    ...spoil(random, `${name}_fine`),
    'cspecialrw c1, pcc, c0',
    'cincoffsetimm c1, c1, 16',
    'csealentry c1, c1',
    'cinvoke ca0, ca1',
    'addi s7, s7, -1',
    'cmove c1, cs9',
    `${name}_over:`, // prettier-ignore
  ];
}

/** To the code behind the sentry and back by the link. */
const linked = (sentry: bigint): string[] => [`li t0, ${sentry}`, 'csetaddr ct1, cs6, t0', 'lc.cap cs10, (ct1)', 'jalr.cap cs11, cs10']; // prettier-ignore

function compartment(random: Random, index: number, data: bigint): string[] {
  const { table, sentry } = placesFor(data);
  const isCapability = index % 2 === 1;
  const lines = [`.mode ${isCapability ? 'cap' : 'int'}`, `compartment${index}:`];
  if (random.chance(0.8)) lines.push('cspecialrw c0, ddc, ct6');
  lines.push(random.chance(0.5) ? 'addi a6, zero, 8' : 'cgetaddr a6, ct6');
  for (let i = random.between(2, 10); i > 0; i--) lines.push(step(random, isCapability));
  if (random.chance(0.5)) lines.push(...nested(random, `nested${index}`, table));
  if (random.chance(0.5)) lines.push(...linked(sentry));
  for (let i = random.between(0, 4); i > 0; i--) lines.push(step(random, isCapability));
  return [...lines, 'jalr.cap c0, c1', '.align 4096'];
}

/** Makes the pairs of compartment \`index\`. */
function seal(random: Random, index: number, data: bigint): string[] {
  const { table, dataOf } = placesFor(data);
  const place = table + 32n * BigInt(index);
  return [
    `li t0, ${RAM + PAGE * BigInt(index + 1)}`,
    'csetaddr ca0, cs5, t0',
    'li t1, 4096',
    'csetbounds ca0, ca0, t1',
    `li t1, ${index % 2}`,
    'csetflags ca0, ca0, t1', // prettier-ignore
    `li t0, ${dataOf(index)}`,
    'csetaddr ca1, cs6, t0',
    `li t1, ${random.pick([4096, 512, 104])}`,
    'csetbounds ca1, ca1, t1', // prettier-ignore
    `li t1, ${random.chance(0.8) ? DATA_PERMISSIONS : DATA_PERMISSIONS & ~8}`,
    'candperm ca1, ca1, t1', // prettier-ignore
    `li t0, ${FIRST_OTYPE + index}`,
    'csetaddr ca2, cs6, t0',
    'cseal ca0, ca0, ca2',
    'cseal ca1, ca1, ca2', // prettier-ignore
    `li t0, ${place}`,
    'sc.ddc ca0, (t0)',
    'addi t0, t0, 16',
    'sc.ddc ca1, (t0)', // prettier-ignore
  ];
}

/** Assembler text for RAM's start; data begin at \`data\`, behind six pages of code. */
export function randomCrossings(random: Random, data: bigint): string {
  const { table, sentry } = placesFor(data);
  const all = Array.from({ length: COMPARTMENTS }, (_, index) => index);
  return [
    'jal t0, begin', 'csrrs s4, mepc, zero', 'addi s4, s4, 4', 'csrrw zero, mepc, s4', 'mret', // prettier-ignore
    'begin: csrrw zero, mtvec, t0', 'li t0, 0x6000', 'csrrs zero, mstatus, t0', 'cspecialrw cs6, ddc, c0', 'cspecialrw cs5, pcc, c0', // prettier-ignore
    ...all.flatMap((index) => seal(random, index, data)),
    `li t0, ${HELPER}`, 'csetaddr ca0, cs5, t0', 'csealentry ca0, ca0', `li t0, ${sentry}`, 'sc.ddc ca0, (t0)', // prettier-ignore
    `li s2, ${random.below(1 << 30)}`, 'cspecialrw cs8, pcc, c0', `li t0, ${BACK}`, 'csetaddr cs8, cs8, t0', 'csealentry cs8, cs8', // prettier-ignore
    'loop:', ...nextPair(table, 20), ...spoil(random, 'fine'), 'cmove c1, cs8', 'li s7, 0', 'cinvoke ca0, ca1',
    '.align 4096',
    ...all.flatMap((index) => compartment(random, index, data)),
    '.mode int', 'addi a3, a3, 1', 'cspecialrw ct4, ddc, c0', 'cgetlen t2, ct4', 'add a3, a3, t2', 'jalr.cap c0, cs11', '.align 4096', // prettier-ignore
    'cspecialrw c0, ddc, cs6', 'add s3, s3, a3', 'csrrs t0, fcsr, zero', 'add s3, s3, t0', 'jal zero, loop', // prettier-ignore
  ].join('\n'); // prettier-ignore
}
