// Random programs in capability mode at the edges: capabilities around bounds, the ends of RAM and 2^64 are loaded, with
// nothing decoded, again and again from one table, and numbers of the same kind from another, so that the same code
// meets very different ones. They never end, unless one stores to `tohost`.
import type { Random } from '../helpers/random.ts';

const RAM = 0x8000_0000n;
const RAM_END = RAM + 0x10_0000n;
/** Where the tables are, in bytes from the data; the numbers of entries are powers of two. */
const TABLE = { at: -0x2000n, entries: 32 };
const NUMBERS = { at: -0x1000n, entries: 64 };
/** In bytes from the data: around its first page, and 32 and 64 KB on. */
const PLACES = [0n, 1n, 8n, 0x7ff8n, 0xfff0n, 0x1_0000n];
const FAR = [RAM - 16n, RAM, RAM + 0x1000n, RAM_END - 64n, RAM_END - 16n, RAM_END, 0n, -4096n, -16n];
/** Some need no rounding of bounds, some do, one is longer than RAM, one reaches beyond 2^63. */
const LENGTHS = [
  ...[0n, 1n, 8n, 16n, 24n, 40n, 64n, 256n, 4095n, 4096n, 4097n, 8192n, 0x5000n, 0x1_0000n, 0x1_2345n],
  ...[0x8_0000n, 0x10_0001n, 1n << 40n, (1n << 63n) - 1n],
];
const PERMISSIONS = [0xfff, 0xffff, 0x7ffff, 4, 8, 0xc, 0x14, 0x28, 0x2c, 0x3c, 0x6c, 0x7c, 0xfe, 0x1000f];
/** What offsets, addresses, lengths and permissions are taken from. */
const INTEGERS = [
  ...[0n, 1n, -1n, 4n, 8n, 15n, 16n, -16n, 0x14n, 24n, 40n, 0x2cn, 64n, 4095n, 4096n, 4097n, 0x8000n, 0x1_0000n],
  ...[0x7_ffffn, 0x100_0000n, 1n << 63n, -(1n << 63n), RAM, RAM_END - 16n],
];
const IMMEDIATES = [0, 1, 2, 7, 8, 15, 16, 24, 31, 32, 63, 64, 100, 256, 511, 1000, 2047];
const OFFSETS = [0, 8, 16, 24, 32, 48, 64];
const SIZES = ['b', 'h', 'w', 'd'];
const GETTERS = ['cgetlen', 'cgettop', 'cgetbase', 'cgetoffset', 'cgettag', 'cgethigh', 'cgetperm'];
const BY_INTEGER = ['cincoffset', 'csetaddr', 'csetoffset', 'csetbounds', 'csetboundsexact', 'candperm', 'csetflags'];
const CAPABILITIES = ['a1', 'a2', 'a3'];
const NUMBER_REGISTERS = ['t0', 't1', 't2'];
/** Adds to s8 what s9 got: what is seen of a capability changes all that follows. */
const NOTE = 'add s8, s8, s9';

class Edges {
  readonly lines: string[] = [];
  readonly #random: Random;
  readonly #data: bigint;

  constructor(random: Random, data: bigint) {
    this.#random = random;
    this.#data = data;
  }

  /** Makes a capability in ca0, from all of memory in cs6; some are sealed, or lose their tags. */
  #make(): void {
    const random = this.#random;
    const length = random.pick(LENGTHS);
    this.lines.push(`li t0, ${random.pick([...PLACES.map((place) => this.#data + place), ...FAR])}`);
    this.lines.push('csetaddr ca0, cs6, t0');
    if (random.chance(0.85)) this.lines.push(`li t0, ${length}`, 'csetbounds ca0, ca0, t0');
    if (random.chance(0.5)) this.lines.push(`li t0, ${random.pick(PERMISSIONS)}`, 'candperm ca0, ca0, t0');
    const moves = [1n, 16n, 100n, -1n, -16n, length - 1n, length, length + 1n, length / 2n, length + length / 8n];
    if (random.chance(0.4)) this.lines.push(`li t0, ${random.pick(moves)}`, 'cincoffset ca0, ca0, t0');
    if (random.chance(0.15)) this.lines.push('csealentry ca0, ca0');
    else if (random.chance(0.15)) this.lines.push('cseal ca0, ca0, cs5');
    if (random.chance(0.15)) this.lines.push('ccleartag ca0, ca0');
    if (random.chance(0.3)) this.lines.push('li t0, 1', 'csetflags ca0, ca0, t0');
  }

  fillTables(): void {
    const numbers = [...INTEGERS, this.#data, this.#data + 8n, this.#data + 4096n, -this.#data];
    for (let entry = 0; entry < TABLE.entries; entry++) {
      this.#make();
      this.lines.push(`li t0, ${this.#data + TABLE.at + BigInt(16 * entry)}`, 'sc.ddc ca0, (t0)');
    }
    for (let entry = 0; entry < NUMBERS.entries; entry++) {
      this.lines.push(`li t0, ${this.#random.pick(numbers)}`);
      this.lines.push(`li t1, ${this.#data + NUMBERS.at + BigInt(8 * entry)}`, 'sd.ddc t0, (t1)');
    }
  }

  /** Other entries at each turn: the program has random numbers of its own, in s2. */
  #load(): void {
    this.lines.push('li s1, 1103515245', 'mul s2, s2, s1', 'addi s2, s2, 1235');
    for (const [place, register] of CAPABILITIES.entries()) {
      this.lines.push(`srli s1, s2, ${13 + 7 * place}`, `andi s1, s1, ${TABLE.entries - 1}`, 'slli s1, s1, 4');
      this.lines.push('cincoffset ct3, cs11, s1', `lc c${register}, 0(ct3)`);
    }
    for (const [place, register] of NUMBER_REGISTERS.entries()) {
      this.lines.push(`srli s1, s2, ${17 + 6 * place}`, `andi s1, s1, ${NUMBERS.entries - 1}`, 'slli s1, s1, 3');
      this.lines.push('cincoffset ct3, cs10, s1', `ld ${register}, 0(ct3)`);
    }
  }

  #access(to: string, from: string): string {
    const random = this.#random;
    const usual = random.pick(OFFSETS) * (random.chance(0.2) ? -1 : 1);
    const offset = random.chance(0.7) ? usual : random.between(-40, 80);
    const granule = offset & ~15;
    return random.pick([
      `l${random.pick(SIZES)} s9, ${offset}(c${from})\n${NOTE}`,
      `s${random.pick(SIZES)} t1, ${offset}(c${from})`,
      ...[from, 's7'].flatMap((base) => [`lc c${to}, ${granule}(c${base})`, `sc c${to}, ${granule}(c${base})`]),
      ...[`lc c${to}, 0(c${from})\nsc c${to}, 0(cs7)`, `lc c${to}, 16(cs7)\nsc c${to}, 32(cs7)`],
      ...[`amoadd.d s9, t1, (c${from})\n${NOTE}`, `amoswap.w t2, t1, (c${from})`],
      ...['sd.ddc t1, (s3)', `lc.ddc c${to}, (s3)`, `sc.ddc c${to}, (s3)`],
    ]);
  }

  #derivation(to: string, from: string): string {
    const random = this.#random;
    const immediate = random.pick(IMMEDIATES);
    const byInteger = `${random.pick(BY_INTEGER)} c${to}, c${from}, ${random.pick(NUMBER_REGISTERS)}`;
    const moved = `cincoffsetimm c${to}, c${from}, ${random.pick([immediate, -immediate, -immediate - 1])}`;
    return random.pick([
      ...[byInteger, byInteger, byInteger, moved, `csetboundsimm c${to}, c${from}, ${immediate}`],
      ...[`cmove c${to}, c${from}`, `addi ${to}, ${from}, 1`, `ccleartag c${to}, c${from}`],
      ...[`csealentry c${to}, c${from}`, `cseal c${to}, c${from}, cs5`, `cunseal c${to}, c${from}, cs5`],
      ...[`cspecialrw c${to}, pcc, c0`, `cspecialrw c${to}, ddc, c0`, `cbuildcap c${to}, cs6, c${from}`],
      `auipcc c${to}, ${random.pick([0, 1, 8, 16])}`,
    ]);
  }

  #operation(): string {
    const random = this.#random;
    const [to, from, kind] = [random.pick(CAPABILITIES), random.pick(CAPABILITIES), random.below(40)];
    if (kind === 0) return `beq t0, t1, s${this.lines.length}\nadd s8, s8, t1\ns${this.lines.length}:`;
    if (kind <= 7) return `${random.pick(GETTERS)} s9, c${from}\n${NOTE}`;
    return kind <= 20 ? this.#access(to, from) : this.#derivation(to, from);
  }

  body(): void {
    const loop = this.#random.chance(0.5) ? `l${this.lines.length}` : null;
    if (loop !== null) this.lines.push(`li s0, ${this.#random.between(2, 9)}`, `${loop}:`);
    this.#load();
    for (let left = this.#random.between(2, 10); left > 0; left--) this.lines.push(this.#operation());
    for (const seen of CAPABILITIES)
      this.lines.push(`cgettag s9, c${seen}`, NOTE, `cgethigh s9, c${seen}`, NOTE, `add s8, s8, ${seen}`);
    if (loop !== null) this.lines.push('addi s0, s0, -1', `bne s0, zero, ${loop}`);
  }
}

/** Assembler text for 1 MB of RAM; data begins at `data`, the tables are in the two pages below. */
export function randomEdges(random: Random, data: bigint): string {
  const edges = new Edges(random, data);
  const { lines } = edges;
  lines.push(
    'jal t0, begin',
    'addi s8, s8, 1',
    'csrrs s4, mepc, zero',
    'addi s4, s4, 4',
    'csrrw zero, mepc, s4',
    'mret',
  );
  lines.push('begin: csrrw zero, mtvec, t0', 'cspecialrw cs6, ddc, c0', 'li t0, 5', 'csetaddr cs5, cs6, t0');
  edges.fillTables();
  lines.push(`li s2, ${random.below(1 << 30)}`, `li s3, ${data}`, 'csetaddr cs7, cs6, s3', 'li t0, 4096');
  lines.push('csetbounds cs7, cs7, t0', `li s10, ${data + TABLE.at}`, 'csetaddr cs11, cs6, s10');
  lines.push(`li s10, ${data + NUMBERS.at}`, 'csetaddr cs10, cs6, s10', 'jal t2, enter', '.mode cap', 'main:');
  for (let bodies = random.between(1, 4); bodies > 0; bodies--) edges.body();
  lines.push('cjal c0, main', '.mode int', 'enter: cspecialrw ct0, pcc, c0', 'csetaddr ct0, ct0, t2');
  lines.push('li t1, 1', 'csetflags ct0, ct0, t1', 'jalr.cap c0, ct0');
  return lines.join('\n');
}
