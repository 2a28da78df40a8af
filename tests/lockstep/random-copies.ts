// Random programs in capability mode that copy granules in loops, as memcpy and streams do: with and without tags at either end,
// overlapping, up to the bounds and beyond, with and without the permissions, and with what looks at the copied values in
// between. They never end.
import type { Random } from '../helpers/random.ts';

const VALUES = ['a4', 'a5', 'a6', 'a7', 't3', 't4'];
/** Bytes of data at `data`. */
const ROOM = 1024;

class Copies {
  readonly lines: string[] = [];
  #labels = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A capability for part of the data in `register`, perhaps less than usual. */
  #pointer(register: string): void {
    const random = this.#random;
    const low = random.below(16) * 16 + (random.chance(0.1) ? random.below(16) : 0);
    const length = random.chance(0.7) ? 512 : 32 + random.below(256);
    this.lines.push(`cincoffsetimm c${register}, cs0, ${low}`, `li t0, ${length}`);
    if (random.chance(0.7)) this.lines.push(`csetbounds c${register}, c${register}, t0`);
    if (random.chance(0.5)) {
      this.lines.push(`li t0, ${random.pick([0x4, 0x8, 0xc, 0x14, 0x28, 0x3c, 0x7c, 0xff])}`);
      this.lines.push(`candperm c${register}, c${register}, t0`);
    }
    if (random.chance(0.2))
      this.lines.push(`cincoffsetimm c${register}, c${register}, ${random.pick([8, 16, 64, -16])}`);
    if (random.chance(0.1)) {
      const far = random.pick([0x3000, 0x100000, -0x4000]);
      this.lines.push(`li t0, ${far}`, `cincoffset c${register}, c${register}, t0`);
      if (random.chance(0.5)) this.lines.push(`li t0, ${-far}`, `cincoffset c${register}, c${register}, t0`);
    }
    // As a capability from memory comes: nothing decoded.
    if (random.chance(0.3)) this.lines.push(`sc c${register}, ${ROOM}(cs0)`, `lc c${register}, ${ROOM}(cs0)`);
  }

  #disturbance(value: string): string {
    const random = this.#random;
    return random.pick([
      `cgettag t0, c${value}`,
      `cmove ct1, c${value}`,
      `cgethigh t1, c${value}`,
      `cmove c${value}, cs6\nlc c${value}, ${random.below(8) * 16}(ca2)\ncmove ct1, c${value}`,
      `addi t0, ${value}, 1`,
      `addi ${value}, ${value}, 1`,
      `cincoffsetimm c${value}, c${value}, 16`,
      `candperm c${value}, c${value}, t2`,
      `sd ${value}, ${random.below(8) * 8}(ca3)`,
      `ld t0, ${random.below(8) * 8}(ca2)`,
      `sb t0, ${random.below(64)}(ca3)`,
      `sc cs6, ${random.below(8) * 16}(cs0)`,
      `sc.ddc c${value}, (s1)`,
      `lc.ddc c${value}, (s1)`,
      `cclear 3, 0x10`,
      `amoadd.d t0, t1, (ca3)`,
      `beq t0, zero, s${this.#labels}\naddi t1, t1, 1\ns${this.#labels++}:`,
      `cincoffsetimm ca2, ca2, 16`,
    ]);
  }

  /** The loads and stores of one turn. */
  #granules(count: number, isGathered: boolean): void {
    const random = this.#random;
    const values = isGathered ? VALUES.slice(0, count) : Array.from({ length: count }, () => VALUES[0]);
    const disturbed = random.chance(0.35) ? random.below(values.length) : -1;
    const stores = values.map((value, place) => `sc c${value}, ${place * 16}(ca3)`);
    for (const [place, value] of values.entries()) {
      this.lines.push(`lc c${value}, ${place * 16}(ca2)`);
      if (place === disturbed) this.lines.push(this.#disturbance(value));
      if (!isGathered) this.lines.push(stores[place]);
    }
    if (isGathered) this.lines.push(...stores);
  }

  #copy(): void {
    const random = this.#random;
    const label = `c${this.#labels++}`;
    const isGathered = random.chance(0.3);
    const count = 1 + random.below(isGathered ? VALUES.length : 8);
    this.#pointer('a2');
    this.#pointer('a3');
    this.lines.push(`li s9, ${random.between(1, 12)}`, `${label}:`);
    this.#granules(count, isGathered);
    this.lines.push(`cincoffsetimm ca2, ca2, ${count * 16}`, `cincoffsetimm ca3, ca3, ${count * 16}`);
    this.lines.push('addi s9, s9, -1', `bne s9, zero, ${label}`);
  }

  #plant(): void {
    const random = this.#random;
    const place = random.below(ROOM / 16) * 16;
    this.lines.push(`${random.chance(0.5) ? 'sc cs6' : 'sd zero'}, ${place}(cs0)`);
  }

  #restart(): void {
    for (let place = 0; place < ROOM; place += 128) this.lines.push(`sd s9, ${place}(cs0)`);
  }

  body(length: number): void {
    for (let i = 0; i < length; i++) {
      const kind = this.#random.below(8);
      if (kind === 0) this.#restart();
      else if (kind <= 2) this.#plant();
      else this.#copy();
    }
  }
}

/** Assembler text; data begins at `data`. */
export function randomCopyProgram(random: Random, data: bigint): string {
  const copies = new Copies(random);
  const { lines } = copies;
  lines.push('jal t0, begin', 'csrrs s4, mepc, zero', 'addi s4, s4, 4', 'csrrw zero, mepc, s4', 'mret');
  lines.push('begin: csrrw zero, mtvec, t0', `li s1, ${data}`);
  lines.push('cspecialrw cs6, ddc, c0', 'csetaddr cs0, cs6, s1', `li t0, ${ROOM + 16}`, 'csetbounds cs0, cs0, t0');
  lines.push('jal t2, enter', '.mode cap', 'main:');
  copies.body(12);
  lines.push('cjal c0, main', '.mode int', 'enter:', 'cspecialrw ct0, pcc, c0', 'csetaddr ct0, ct0, t2');
  lines.push('li t1, 1', 'csetflags ct0, ct0, t1', 'jalr.cap c0, ct0');
  return lines.join('\n');
}
