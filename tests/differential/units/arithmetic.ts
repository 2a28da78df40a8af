// Units of I, M, B and their compressed forms, hints included.
import { instruction, anyRegister, destination, type Context, type Unit } from '../snippet.ts';

const REGISTER =
  'add sub sll slt sltu xor srl sra or and addw subw sllw srlw sraw mul mulh mulhsu mulhu div divu rem remu mulw divw divuw remw remuw'.split(
    ' ',
  );
const IMMEDIATE = 'addi slti sltiu xori ori andi addiw'.split(' ');
const SHIFT_6 = 'slli srli srai'.split(' ');
const SHIFT_5 = 'slliw srliw sraiw'.split(' ');
const BITS = (
  'add.uw sh1add sh2add sh3add sh1add.uw sh2add.uw sh3add.uw slli.uw andn orn xnor min minu max maxu rol ror rolw rorw rori roriw clz ctz cpop ' +
  'sext.b sext.h clzw cpopw zext.h rev8 orc.b bclr bext binv bset bclri bexti binvi bseti'
).split(' ');
const COMPRESSED_PAIR = 'c.sub c.xor c.or c.and c.subw c.addw'.split(' ');

function immediate12(context: Context): number {
  return context.random.pick([
    0,
    1,
    -1,
    2047,
    -2048,
    context.random.between(-2048, 2047),
    context.random.between(-64, 64),
  ]);
}

export function base(context: Context): Unit {
  const { random } = context;
  const d = destination(context);
  const s = anyRegister(context);
  return [
    random.weighted([
      [10, () => instruction(random.pick(REGISTER), { d, s, t: random.chance(0.1) ? s : anyRegister(context) })],
      [4, () => instruction(random.pick(IMMEDIATE), { d, s, i: immediate12(context) })],
      [2, () => instruction(random.pick(SHIFT_6), { d, s, i: random.below(64) })],
      [2, () => instruction(random.pick(SHIFT_5), { d, s, i: random.below(32) })],
      [1, () => instruction('lui', { d, i: random.u32() & ~0xfff })],
      [1, () => instruction('auipc', { d, i: random.u32() & ~0xfff })],
    ])(),
  ];
}

/** Zba, Zbb, Zbs: illegal on both machines where they are off. */
export function bits(context: Context): Unit {
  const { random } = context;
  const fields = { d: destination(context), s: anyRegister(context), t: anyRegister(context), i: random.below(64) };
  return [instruction(random.pick(BITS), fields)];
}

export function compressed(context: Context): Unit {
  const { random, free } = context;
  const d = destination(context);
  const prime = free.filter((r) => r >= 8 && r <= 15);
  if (prime.length === 0) return base(context);
  const p = random.pick(prime);
  const imm6 = random.between(-32, 31);
  const nonzero = imm6 === 0 ? 1 : imm6;
  return [
    random.weighted([
      [2, () => instruction('c.addi', { d, i: imm6 })],
      [2, () => instruction('c.addiw', { d: d === 0 ? p : d, i: imm6 })], // rd = 0 is reserved: see words.ts
      [2, () => instruction('c.li', { d, i: imm6 })],
      [1, () => instruction('c.lui', { d: d === 2 ? p : d, i: nonzero << 12 })],
      [1, () => instruction('c.addi4spn', { d: p, i: 4 * random.between(1, 255) })],
      [
        1,
        () =>
          free.includes(2)
            ? instruction('c.addi16sp', { i: 16 * nonzero })
            : instruction('c.srli', { d: p, i: imm6 & 63 }),
      ],
      [1, () => instruction(random.pick(['c.srli', 'c.srai']), { d: p, i: random.below(64) })],
      [1, () => instruction('c.andi', { d: p, i: imm6 })],
      [1, () => instruction('c.slli', { d, i: random.below(64) })],
      [4, () => instruction(random.pick(COMPRESSED_PAIR), { d: p, t: random.between(8, 15) })],
      [2, () => instruction('c.mv', { d, t: random.between(1, 31) })],
      [2, () => instruction('c.add', { d, t: random.between(1, 31) })],
    ])(),
  ];
}
