// Units of F and D: every instruction, static and dynamic rounding, reserved rounding modes, flags and rounding CSRs.
import {
  instruction,
  anyRegister,
  destination,
  loadConstant,
  target,
  type Context,
  type Instruction,
  type Unit,
} from '../snippet.ts';
import { patternOf } from '../../helpers/encoder.ts';
import { csrNumber } from '../memory-map.ts';
import { double, single, integer } from '../values.ts';

const FROM_X = 'fcvt.s.w fcvt.s.wu fcvt.s.l fcvt.s.lu fcvt.d.w fcvt.d.wu fcvt.d.l fcvt.d.lu fmv.w.x fmv.d.x'.split(' ');
const TO_X = (
  'fcvt.w.s fcvt.wu.s fcvt.l.s fcvt.lu.s fcvt.w.d fcvt.wu.d fcvt.l.d fcvt.lu.d fmv.x.w fmv.x.d fclass.s fclass.d ' +
  'fle.s flt.s feq.s fle.d flt.d feq.d'
).split(' ');
const BETWEEN = [
  'fmadd',
  'fmsub',
  'fnmsub',
  'fnmadd',
  'fadd',
  'fsub',
  'fmul',
  'fdiv',
  'fsqrt',
  'fsgnj',
  'fsgnjn',
  'fsgnjx',
  'fmin',
  'fmax',
]
  .flatMap((name) => [`${name}.s`, `${name}.d`])
  .concat('fcvt.s.d', 'fcvt.d.s');

function roundingMode(context: Context): number {
  return context.random.weighted([
    [6, 7],
    [2, 0],
    [2, 1],
    [2, 2],
    [2, 3],
    [2, 4],
    [1, 5],
    [1, 6],
  ]);
}

export function operation(context: Context): Unit {
  const { random } = context;
  const name = random.weighted([
    [3, random.pick(FROM_X)],
    [4, random.pick(TO_X)],
    [9, random.pick(BETWEEN)],
  ]);
  const fields = {
    d: TO_X.includes(name) ? destination(context) : random.below(32),
    s: random.below(32),
    t: random.below(32),
    u: random.below(32),
  };
  const rounded = patternOf(name).slices.some((slice) => slice.field === 'm');
  return [instruction(name, rounded ? { ...fields, m: roundingMode(context) } : fields)];
}

/** fflags, frm, fcsr: all six CSR instructions. Reads of them are compared through the destination register. */
export function control(context: Context): Unit {
  const { random } = context;
  const i = csrNumber(random.pick(['fflags', 'frm', 'fcsr']));
  const d = destination(context);
  const s = target(context);
  const immediate = (): Unit => [
    instruction(random.pick(['csrrwi', 'csrrsi', 'csrrci']), { d, z: random.below(32), i }),
  ];
  const register = (): Unit => [
    ...loadConstant(s, integer(random)),
    instruction(random.pick(['csrrw', 'csrrs', 'csrrc']), { d, s: random.chance(0.2) ? 0 : s, i }),
  ];
  return random.weighted<() => Unit>([
    [3, immediate],
    [2, register],
    [3, () => [instruction('csrrwi', { d, z: random.below(5), i: csrNumber('frm') })]],
  ])();
}

/** Fresh operands, then one operation on them. */
export function operands(context: Context): Unit {
  const { random } = context;
  const kind = random.pick(['s', 'd']);
  const registers = [0, 1, 2].map(() => random.below(32)) as [number, number, number];
  const x = target(context);
  const load = (f: number): Instruction[] => [
    ...loadConstant(x, kind === 's' ? single(random) : double(random)),
    instruction(kind === 's' ? 'fmv.w.x' : 'fmv.d.x', { d: f, s: x }),
  ];
  const name = `${random.pick(['fmadd', 'fmsub', 'fnmsub', 'fnmadd', 'fadd', 'fsub', 'fmul', 'fdiv', 'fsqrt', 'fadd', 'fmul', 'fdiv', 'fcvt.l', 'fcvt.wu', 'fcvt.w', 'fcvt.lu'])}.${kind}`;
  const [s, t, u] = registers;
  const d = TO_X.includes(name) ? destination(context) : random.below(32);
  return [
    ...registers.slice(0, random.between(1, 3)).flatMap(load),
    instruction(name, { d, s, t, u, m: roundingMode(context) }),
  ];
}

/** An integer at the edge of what a conversion can hold. */
export function conversion(context: Context): Unit {
  const { random } = context;
  const x = target(context);
  const name = random.pick(FROM_X);
  return [
    ...loadConstant(x, integer(random)),
    instruction(name, {
      d: random.below(32),
      s: random.chance(0.9) ? x : anyRegister(context),
      m: roundingMode(context),
    }),
  ];
}
