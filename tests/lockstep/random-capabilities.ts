// Random programs in capability mode: loads, stores and copies through capabilities, of data and of capabilities, good
// and bad, and what is derived from them, in loops. They never end. `wide` programs derive in more ways, and from more:
// capabilities that are sealed, not of RAM, up to 2^64, for code alone.
import type { Random } from '../helpers/random.ts';

const INTEGERS = ['t0', 't1', 't2', 'a4', 'a5'];
const CAPABILITIES = ['a0', 'a1', 'a2', 'a3'];
const SOURCES = ['s0', 's3', 's5', 's6', 's7', '0', ...CAPABILITIES];
const LOADS = [['lb', 1], ['lhu', 2], ['lw', 4], ['lwu', 4], ['ld', 8]] as const; // prettier-ignore
const STORES = [['sb', 1], ['sh', 2], ['sw', 4], ['sd', 8]] as const; // prettier-ignore

class Writer {
  readonly lines: string[] = [];
  #labels = 0;
  readonly #random: Random;
  readonly #wide: boolean;

  constructor(random: Random, wide: boolean) {
    this.#random = random;
    this.#wide = wide;
  }

  #integer = (): string => this.#random.pick(INTEGERS);
  #capability = (): string => this.#random.pick(CAPABILITIES);
  #pointer = (): string => (this.#random.chance(0.8) ? 's0' : this.#capability());
  #offset(size: number): number {
    return this.#random.below(160 / size) * size + (this.#random.chance(0.03) ? 1 : 0);
  }

  #access(): string {
    const random = this.#random;
    const pointer = this.#pointer();
    switch (random.below(5)) {
      case 0: {
        const [name, size] = random.pick(LOADS);
        return `${name} ${this.#integer()}, ${this.#offset(size)}(c${pointer})`;
      }
      case 1: {
        const [name, size] = random.pick(STORES);
        return `${name} ${this.#integer()}, ${this.#offset(size)}(c${pointer})`;
      }
      case 2: return `lc c${this.#capability()}, ${this.#offset(16)}(c${pointer})`; // prettier-ignore
      case 3: return `sc c${this.#capability()}, ${this.#offset(16)}(c${pointer})`; // prettier-ignore
      default:
        return random.pick([`ld.ddc t0, (s1)`, `sd.ddc t1, (s1)`, `lc.ddc ca0, (s1)`, `sc.ddc ca1, (s1)`, `sc.ddc cs6, (s1)`, `fld ft0, 8(cs0)`, `fsd ft0, 24(cs0)`]); // prettier-ignore
    }
  }

  #wideDerivation(): string {
    const random = this.#random;
    const [to, from, other, integer] = [
      this.#capability(),
      random.pick(SOURCES),
      random.pick(SOURCES),
      this.#integer(),
    ];
    switch (random.below(15)) {
      case 0: return `csetoffset c${to}, c${from}, ${integer}`; // prettier-ignore
      case 1: return `csetaddr c${to}, c${from}, ${random.pick(['s1', integer, 's9'])}`; // prettier-ignore
      case 2: return `${random.pick(['cgetbase', 'cgetlen', 'cgettop', 'cgetoffset'])} ${integer}, c${from}`; // prettier-ignore
      case 3: return `csub ${integer}, c${from}, c${other}`; // prettier-ignore
      case 4: return `cmove c${to}, c${from}`; // prettier-ignore
      case 5: return `${random.pick(['csetbounds', 'csetboundsexact'])} c${to}, c${from}, ${integer}`; // prettier-ignore
      case 6: return `csetboundsimm c${to}, c${from}, ${random.pick([0, 1, 8, 16, 40, 512, 4095])}`; // prettier-ignore
      case 7: return `candperm c${to}, c${from}, ${random.pick(['a4', integer])}`; // prettier-ignore
      case 8: return `${random.pick(['cgetperm', 'cgettype', 'cgetsealed', 'cgethigh', 'cgettag'])} ${integer}, c${from}`; // prettier-ignore
      case 9: return `cincoffset c${to}, c${from}, ${integer}`; // prettier-ignore
      case 10: return `cincoffsetimm c${to}, c${from}, ${random.pick([1, 8, 16, 512, 511, -1, -16, 2047])}`; // prettier-ignore
      case 11: return `${random.pick(['cseal', 'cunseal', 'ccseal', 'cbuildcap'])} c${to}, c${from}, c${other}`; // prettier-ignore
      case 12: return random.pick([`cspecialrw c${to}, pcc, c0`, `cspecialrw c${to}, ddc, c0`, `csrrs ${integer}, time, zero`, 'csrrw zero, fcsr, zero']); // prettier-ignore
      case 13: return `csetflags c${to}, c${from}, ${integer}`; // prettier-ignore
      default: return random.pick([`cclear 1, ${random.below(256) & 0xfc}`, 'csrrw zero, fcsr, zero', `csrrw zero, fcsr, ${integer}`, 'fadd.d ft0, ft1, ft2']); // prettier-ignore
    }
  }

  #derivation(): string {
    const random = this.#random;
    const [to, from] = [this.#capability(), random.chance(0.5) ? 's0' : this.#capability()];
    switch (random.below(12)) {
      case 0: return `cincoffsetimm cs0, cs0, ${random.pick([8, 16, -8, -16, 1])}`; // prettier-ignore
      case 1: return `cincoffsetimm c${to}, c${from}, ${random.between(-64, 64)}`; // prettier-ignore
      case 2: return `cincoffset c${to}, c${from}, ${this.#integer()}`; // prettier-ignore
      case 3: return `cmove c${to}, c${from}`; // prettier-ignore
      case 4: return `cgettag ${this.#integer()}, c${from}`; // prettier-ignore
      case 5: return `cgetaddr ${this.#integer()}, c${from}`; // prettier-ignore
      case 6: return `candperm c${to}, c${from}, a4`; // prettier-ignore
      case 7: return `csetboundsimm c${to}, c${from}, ${random.below(100)}`; // prettier-ignore
      case 8: return `addi ${to}, ${to}, 1`; // prettier-ignore
      case 9: return `cmove c${to}, cs6`; // prettier-ignore
      case 10: return `amoadd.d t0, t1, (cs0)`; // prettier-ignore
      default: return `csealentry c${to}, c${from}`; // prettier-ignore
    }
  }

  #simple(): void {
    const random = this.#random;
    if (this.#wide && random.chance(0.6)) {
      this.lines.push(this.#wideDerivation());
      const seen = this.#capability();
      if (random.chance(0.7)) this.lines.push(`cgettag s11, c${seen}`, 'add s8, s8, s11', `cgethigh s11, c${seen}`, 'add s8, s8, s11'); // prettier-ignore
      return;
    }
    const kind = random.below(12);
    if (kind < 6) this.lines.push(this.#access());
    else if (kind < 9) this.lines.push(this.#derivation());
    else if (kind === 9) this.lines.push('csetaddr cs0, cs6, s1', 'csetboundsimm cs0, cs0, 512');
    else if (kind === 10) this.lines.push(`li a4, ${random.pick([0xfff, 0xc, 0x4, 0x3c, 0xff, 8, 16])}`);
    else this.lines.push(`add ${this.#integer()}, ${this.#integer()}, ${this.#integer()}`, `andi t1, t1, 255`);
  }

  /** Bytes from one place to another, sixteen at a time. */
  #copy(): void {
    const label = `c${this.#labels++}`;
    this.lines.push('cincoffsetimm ca2, cs0, 0', 'cincoffsetimm ca3, cs0, 256', 'li s9, 3', `${label}:`);
    for (let place = 0; place < 4; place++) {
      this.lines.push(`lc ca0, ${place * 16}(ca2)`, `sc ca0, ${place * 16}(ca3)`);
    }
    this.lines.push('cincoffsetimm ca2, ca2, 64', 'cincoffsetimm ca3, ca3, 64', 'addi s9, s9, -1');
    this.lines.push(`bne s9, zero, ${label}`);
  }

  body(length: number, depth: number): void {
    for (let i = 0; i < length; i++) {
      const kind = this.#random.below(12);
      if (kind === 0 && depth > 0) this.#loop(depth);
      else if (kind === 1 && depth > 0) this.#copy();
      else this.#simple();
    }
  }

  #loop(depth: number): void {
    const label = `l${this.#labels++}`;
    this.lines.push(`li s10, ${this.#random.between(2, 30)}`, `${label}:`);
    this.body(this.#random.between(2, 8), depth - 1);
    this.lines.push('addi s10, s10, -1', `bne s10, zero, ${label}`);
  }
}

/** Assembler text; data begins at `data`. */
export function randomCapabilityProgram(random: Random, data: bigint, wide = false): string {
  const writer = new Writer(random, wide);
  const { lines } = writer;
  lines.push('jal t0, begin', 'csrrs s4, mepc, zero', 'addi s4, s4, 4', 'csrrw zero, mepc, s4', 'mret');
  lines.push('begin: csrrw zero, mtvec, t0', 'li t0, 0x6000', 'csrrs zero, mstatus, t0', `li s1, ${data}`);
  lines.push('cspecialrw cs6, ddc, c0', 'csetaddr cs0, cs6, s1', 'csetboundsimm cs0, cs0, 512');
  if (wide) {
    lines.push('cspecialrw cs5, pcc, c0', 'csetboundsimm cs5, cs5, 100', 'li t0, -4096', 'csetaddr cs3, cs6, t0');
    lines.push('li t0, 4096', 'csetbounds cs3, cs3, t0', 'li t0, 5', 'csetaddr cs7, cs6, t0', 'cseal cs7, cs0, cs7');
  }
  CAPABILITIES.forEach((register) => lines.push(`csetaddr c${register}, cs0, s1`));
  INTEGERS.forEach((register) => lines.push(`li ${register}, ${random.below(256)}`));
  lines.push('jal t2, enter', '.mode cap', 'main:');
  writer.body(16, 2);
  lines.push('cjal c0, main', '.mode int', 'enter:', 'cspecialrw ct0, pcc, c0', 'csetaddr ct0, ct0, t2');
  lines.push('li t1, 1', 'csetflags ct0, ct0, t1', 'jalr.cap c0, ct0');
  return lines.join('\n');
}

/** As randomCapabilityProgram, \`wide\`. */
export function randomDerivations(random: Random, data: bigint): string {
  return randomCapabilityProgram(random, data, true);
}
