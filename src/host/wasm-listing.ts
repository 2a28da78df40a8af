// Wasm code as text, one instruction per line, indented by nesting: for --dump-wasm and for tests of what is emitted.
// Reads what the translator writes (WebAssembly 2.0 chapter 5, tail calls), not any module there is.

const CONTROL: Readonly<Record<number, string>> = {
  0x00: 'unreachable',
  0x01: 'nop',
  0x02: 'block',
  0x03: 'loop',
  0x04: 'if',
  0x05: 'else',
  0x0b: 'end',
  0x0c: 'br',
  0x0d: 'br_if',
  0x0e: 'br_table',
  0x0f: 'return',
  0x10: 'call',
  0x11: 'call_indirect',
  0x12: 'return_call',
  0x13: 'return_call_indirect',
  0x1a: 'drop',
  0x1b: 'select',
  0x20: 'local.get',
  0x21: 'local.set',
  0x22: 'local.tee',
  0x23: 'global.get',
  0x24: 'global.set',
};

const FIRST_ACCESS = 0x28;
const ACCESSES = (
  'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u ' +
  'i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8 i32.store16 ' +
  'i64.store8 i64.store16 i64.store32'
).split(' ');

const FIRST_NUMERIC = 0x45;
const integer = (type: string): string[] =>
  'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.split(' ').map((name) => `${type}.${name}`);
const float = (type: string): string[] => 'eq ne lt gt le ge'.split(' ').map((name) => `${type}.${name}`);
const arithmetic = (type: string): string[] =>
  'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'
    .split(' ')
    .map((name) => `${type}.${name}`);
const floatArithmetic = (type: string): string[] =>
  'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'.split(' ').map((name) => `${type}.${name}`);
const NUMERIC = [
  ...[...integer('i32'), ...integer('i64'), ...float('f32'), ...float('f64')],
  ...[...arithmetic('i32'), ...arithmetic('i64'), ...floatArithmetic('f32'), ...floatArithmetic('f64')],
  ...'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s'.split(' '),
  ...'i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s'.split(' '),
  ...'f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s'.split(' '),
  ...'f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32'.split(' '),
  ...'i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s i32.extend16_s'.split(' '),
  ...'i64.extend8_s i64.extend16_s i64.extend32_s'.split(' '),
];
const SATURATING = 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'
  .split(' ')
  .concat('i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'.split(' '));
/** Those that the translator writes. */
const VECTOR: Readonly<Record<number, string>> = {
  0x14: 'f64x2.splat',
  0x21: 'f64x2.extract_lane',
  0x107: 'f64x2.relaxed_madd',
};
const TYPES: Readonly<Record<number, string>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x40: '' };

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(bits: 32 | 64): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(bits, BigInt.asIntN(Number(shift) + 7, value));
    }
  }

  double(): number {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.at);
    this.at += 8;
    return view.getFloat64(0, true);
  }
}

/** Names of called functions, by index. */
export type FunctionNames = (index: number) => string;

const access = (reader: Reader, name: string): string => {
  reader.unsigned(); // alignment: a hint
  const offset = reader.unsigned();
  return offset === 0 ? name : `${name} 0x${offset.toString(16)}`;
};

function control(reader: Reader, opcode: number, names: FunctionNames): string | undefined {
  const name = CONTROL[opcode];
  if (name === undefined) return undefined;
  if (opcode >= 0x02 && opcode <= 0x04) return `${name} ${TYPES[reader.byte()] ?? 'type'}`.trim();
  if (opcode === 0x0c || opcode === 0x0d) return `${name} ${reader.unsigned()}`;
  if (opcode === 0x0e)
    return `${name} ${Array.from({ length: reader.unsigned() + 1 }, () => reader.unsigned()).join(' ')}`;
  if (opcode === 0x10 || opcode === 0x12) return `${name} ${names(reader.unsigned())}`;
  if (opcode === 0x11 || opcode === 0x13)
    return `${name} type ${reader.unsigned()}${reader.unsigned() === 0 ? '' : ' ?'}`;
  return opcode >= 0x20 ? `${name} ${reader.unsigned()}` : name;
}

function vector(reader: Reader): string {
  const opcode = reader.unsigned();
  const name = VECTOR[opcode] ?? `unknown 0xfd ${opcode}`;
  return name.endsWith('lane') ? `${name} ${reader.byte()}` : name;
}

function readInstruction(reader: Reader, names: FunctionNames): string {
  const opcode = reader.byte();
  const simple = control(reader, opcode, names);
  if (simple !== undefined) return simple;
  if (opcode === 0x41) return `i32.const ${reader.signed(32)}`;
  if (opcode === 0x42) return `i64.const ${reader.signed(64)}`;
  if (opcode === 0x44) return `f64.const ${reader.double()}`;
  if (opcode === 0xfc) return SATURATING[reader.unsigned()] ?? 'unknown 0xfc';
  if (opcode === 0xfd) return vector(reader);
  const access_ = ACCESSES[opcode - FIRST_ACCESS];
  if (access_ !== undefined) return access(reader, access_);
  return NUMERIC[opcode - FIRST_NUMERIC] ?? `unknown 0x${opcode.toString(16)}`;
}

/** The body of a function: a line for its locals, then one per instruction. */
export function listFunction(body: Uint8Array, names: FunctionNames = (index) => `function ${index}`): string {
  const reader = new Reader(body);
  const groups = Array.from({ length: reader.unsigned() }, () => `${reader.unsigned()} ${TYPES[reader.byte()]}`);
  const lines = [`locals: ${groups.filter((group) => !group.startsWith('0 ')).join(', ')}`];
  let depth = 1;
  while (!reader.done) {
    const text = readInstruction(reader, names);
    const word = text.split(' ')[0];
    if (word === 'end' || word === 'else') depth--;
    lines.push('  '.repeat(Math.max(depth, 0)) + text);
    if (word === 'block' || word === 'loop' || word === 'if' || word === 'else') depth++;
  }
  return lines.join('\n');
}
