// Random programs for the engines' comparison: nested loops, calls, memory of all sizes (some misaligned), floating
// point, capabilities, traps and stores into the program's own code. They never end.
import type { Random } from '../helpers/random.ts';

const TEMPORARIES = ['t0', 't1', 't2', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 's2', 's3'];
const THREE = [
  'add',
  'sub',
  'xor',
  'and',
  'or',
  'sll',
  'srl',
  'sra',
  'slt',
  'sltu',
  'addw',
  'subw',
  'sllw',
  'srlw',
  'sraw',
  'mulw',
  'mul',
  'mulhu',
  'mulh',
  'div',
  'remu',
  'divw',
  'divu',
  'rem',
  'divuw',
  'remw',
  'remuw',
];
const LOADS = [['lb', 1], ['lbu', 1], ['lh', 2], ['lhu', 2], ['lw', 4], ['lwu', 4], ['ld', 8]] as const; // prettier-ignore
const STORES = [
  ['sb', 1],
  ['sh', 2],
  ['sw', 4],
  ['sd', 8],
] as const;
const FLOATS = ['fadd.d', 'fsub.d', 'fmul.d', 'fdiv.d', 'fadd.s', 'fmul.s', 'fsub.s', 'fsgnj.d', 'fmin.d'];
const FLOAT_REGISTERS = ['ft0', 'ft1', 'ft2', 'fa0', 'fa1'];
const BRANCHES = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'];

class Writer {
  readonly lines: string[] = [];
  #labels = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  #register(): string {
    return this.#random.pick(TEMPORARIES);
  }

  #offset(size: number): number {
    const offset = this.#random.below(200 / size) * size;
    return this.#random.chance(0.05) ? offset + 1 : offset;
  }

  #simple(): string {
    const random = this.#random;
    const [a, b, c] = [this.#register(), this.#register(), this.#register()];
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2: return `${random.pick(THREE)} ${a}, ${b}, ${c}`; // prettier-ignore
      case 3: return `addi ${a}, ${b}, ${random.between(-2048, 2047)}`; // prettier-ignore
      case 4:
        // prettier-ignore
        return random.chance(0.5)
          ? `${random.pick(['xori', 'andi', 'ori'])} ${a}, ${b}, ${random.between(-2048, 2047)}`
          : random.pick([`addiw ${a}, ${b}, 0`, `addiw ${a}, ${b}, ${random.between(-99, 99)}`, `srliw ${a}, ${b}, ${random.below(32)}`, `slliw ${a}, ${b}, 3`, `addi ${a}, ${b}, 0`]);
      case 5:
      case 6: {
        // prettier-ignore
        const [name, size] = random.pick(LOADS);
        return `${name} ${a}, ${this.#offset(size)}(s0)`;
      }
      case 7:
      case 8: {
        // prettier-ignore
        const [name, size] = random.pick(STORES);
        return `${name} ${a}, ${this.#offset(size)}(s0)`;
      }
      case 9: {
        // prettier-ignore
        const [d, e, f] = [random.pick(FLOAT_REGISTERS), random.pick(FLOAT_REGISTERS), random.pick(FLOAT_REGISTERS)];
        const form = random.below(4);
        if (form === 0) {
          return `${random.pick(['fmadd.d', 'fmsub.d', 'fnmadd.d', 'fnmsub.d', 'fmadd.s', 'fnmsub.s'])} ${d}, ${e}, ${f}, ${d}`;
        }
        if (form === 1) return `${random.pick(['fcvt.d.l', 'fcvt.d.l', 'fcvt.s.w', 'fmv.d.x'])} ${d}, ${a}`;
        if (form === 2) return `fmv.x.d ${a}, ${d}`;
        return `${random.pick(FLOATS)} ${d}, ${e}, ${f}`;
      }
      case 10: return random.chance(0.5) ? `fld ${random.pick(FLOAT_REGISTERS)}, ${random.below(24) * 8}(s0)` : `fsd ${random.pick(FLOAT_REGISTERS)}, ${random.below(24) * 8}(s0)`; // prettier-ignore
      default: return this.#rare(a, b); // prettier-ignore
    }
  }

  /** Accesses near each other through a pointer that may move in between, over granules that may hold a tag. */
  #run(): void {
    const random = this.#random;
    const size = random.pick([1, 2, 4, 8]);
    let offset = random.below(8) * 8 + (random.chance(0.1) ? random.below(8) : 0);
    this.lines.push(`addi s4, s0, ${random.below(8) * 8 + (random.chance(0.05) ? 1 : 0)}`);
    if (random.chance(0.2)) this.lines.push('addi s3, s0, 32', 'sc.ddc cs6, (s3)');
    for (let left = random.between(2, 8); left > 0; left--) {
      const [name, itsSize] = random.chance(0.5)
        ? random.pick(random.chance(0.7) ? STORES.filter((row) => row[1] === size) : STORES)
        : random.pick(LOADS);
      const register = this.#register();
      if (offset % itsSize !== 0 && random.chance(0.8)) offset += itsSize - (offset % itsSize);
      this.lines.push(`${name} ${register}, ${offset}(s4)`);
      offset += random.chance(0.8) ? itsSize : random.below(24);
      if (random.chance(0.15)) this.lines.push('addi s4, s4, 8');
    }
  }

  #rare(a: string, b: string): string {
    switch (this.#random.below(9)) {
      case 0: return 'ecall'; // prettier-ignore
      case 1: return 'csrr s4, minstret'; // prettier-ignore
      case 2:
        return `ld ${a}, 0(s5)`; // nothing answers there // prettier-ignore
      case 3:
        return `${this.#random.pick(['amoadd.d', 'amoadd.w', 'amoswap.d', 'amomin.w', 'amomaxu.w', 'amoxor.d', 'amomax.d'])} ${a}, ${b}, (s0)`;
      case 4: return `cincoffset c${a}, cs6, ${b}`; // prettier-ignore
      case 5: return `cmove c${a}, cs6`; // prettier-ignore
      case 6: return `lc.ddc c${a}, (s0)`; // prettier-ignore
      case 7:
        return `sw s8, 0(s7)`; // the program's own code // prettier-ignore
      default: return 'csrrci zero, fcsr, 1'; // prettier-ignore
    }
  }

  #label(): string {
    return `l${this.#labels++}`;
  }

  body(length: number, depth: number): void {
    for (let i = 0; i < length; i++) {
      const kind = this.#random.below(16);
      if (kind === 0 && depth > 0) this.#loop(depth);
      else if (kind === 1) this.#skip(depth);
      else if (kind === 2) this.#run();
      else if (kind === 3) this.#switch();
      else this.lines.push(this.#simple());
    }
  }

  #loop(depth: number): void {
    const label = this.#label();
    const counter = `s${8 + depth}`;
    this.lines.push(`li ${counter}, ${this.#random.between(2, 40)}`, `${label}:`);
    this.body(this.#random.between(1, 8), depth - 1);
    this.lines.push(`addi ${counter}, ${counter}, -1`, `bne ${counter}, zero, ${label}`);
  }

  /** A jump to one of four places of 16 bytes each. */
  #switch(): void {
    const [table, end] = [this.#label(), this.#label()];
    this.lines.push(`jal s3, ${table}`);
    for (let place = 0; place < 4; place++) {
      const register = this.#register();
      this.lines.push(`addi ${register}, ${this.#register()}, ${place}`, `xor ${register}, ${register}, a0`);
      this.lines.push('addi a1, a1, 1', `jal zero, ${end}`);
    }
    this.lines.push(`${table}:`, `andi t2, ${this.#register()}, 3`, 'slli t2, t2, 4', 'add t2, t2, s3');
    this.lines.push('jalr zero, 0(t2)', `${end}:`);
  }

  #skip(depth: number): void {
    const label = this.#label();
    this.lines.push(`${this.#random.pick(BRANCHES)} ${this.#register()}, ${this.#register()}, ${label}`);
    this.body(this.#random.between(1, 4), depth - 1);
    this.lines.push(`${label}:`);
  }
}

/** Physical page numbers of the tables that `pageTables` fills: root, below it, leaves. */
const TABLES = [0x800c0n, 0x800c1n, 0x800c2n] as const;

/** Sv39 tables: the first 16 pages of RAM where they are, but page 9, at page 21, and page 10, not at all. */
export function pageTables(random: Random): [address: bigint, entry: bigint][] {
  const [root, middle, leaves] = TABLES;
  const entries: [bigint, bigint][] = [
    [(root << 12n) + 16n, (middle << 10n) | 1n],
    [middle << 12n, (leaves << 10n) | 1n],
  ];
  for (let page = 0n; page < 16n; page++) {
    const rights = page === 9n && random.chance(0.3) ? 0x5fn : 0xdfn; // V R W X U A, D or not
    const capabilities = random.chance(0.7) ? 0x7n << 61n : 0n; // CW CR CD
    const to = page === 9n ? 21n : page;
    if (page !== 10n) entries.push([(leaves << 12n) + page * 8n, ((0x80000n + to) << 10n) | rights | capabilities]);
  }
  return entries;
}

/** Loads and stores through Sv39 with the rights of U or S mode, as MPP says; instructions and traps as ever. */
export function randomPagedProgram(random: Random, data: bigint): string {
  return randomProgram(random, data, [
    'li t1, -1',
    'csrrw zero, pmpaddr0, t1',
    'li t1, 0x1f',
    'csrrw zero, pmpcfg0, t1',
    `li t1, ${(8n << 60n) | TABLES[0]}`,
    'csrrw zero, satp, t1',
    'li t1, 0x60000',
    'csrrs zero, mstatus, t1',
  ]);
}

/** Assembler text; data begins at `data`. */
export function randomProgram(random: Random, data: bigint, prologue: readonly string[] = []): string {
  const writer = new Writer(random);
  const { lines } = writer;
  // A jal over a place leaves the place's address behind.
  lines.push(
    'start:',
    'jal t0, begin',
    'handler: csrrs s4, mepc, zero',
    'addi s4, s4, 4',
    'csrrw zero, mepc, s4',
    'mret',
  );
  lines.push('begin: csrrw zero, mtvec, t0', 'li t0, 0x6000', 'csrrs zero, mstatus, t0', ...prologue);
  lines.push('jal s7, behind', 'patched: addi a0, a0, 3', 'jalr zero, 0(ra)', 'behind:', 'jal t6, prepare', 'second:');
  writer.body(10, 1);
  lines.push(
    'jalr zero, 0(ra)',
    'prepare:',
    `li s0, ${data}`,
    'li s5, 0x1000',
    'li s8, 0x00150513',
    'cspecialrw cs6, ddc, c0',
  );
  TEMPORARIES.forEach((register) => lines.push(`li ${register}, ${random.u64() >> BigInt(random.below(60))}`));
  lines.push('main:');
  writer.body(12, 2);
  lines.push('jal ra, patched', 'jal ra, first', 'jalr ra, 0(t6)', 'jal zero, main', 'first:');
  writer.body(10, 1);
  lines.push('jalr zero, 0(ra)');
  return writer.lines.join('\n');
}
