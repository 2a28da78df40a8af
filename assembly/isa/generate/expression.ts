// Parses the table's semantic expressions (Wasm instructions in functional notation) and prints them as AssemblyScript.

export interface Call {
  readonly name: string;
  readonly operands: readonly Expression[];
}
export type Expression = string | Call;

/** `i64.add(rs1, imm)` → a tree; throws on anything that is not names, parentheses and commas. */
export function parseExpression(text: string): Expression {
  const tokens = text.match(/[A-Za-z0-9_.-]+|[(),]/g) ?? [];
  let position = 0;
  const parse = (): Expression => {
    const name = tokens[position++];
    if (name === undefined || /[(),]/.test(name)) throw new Error(`bad expression: ${text}`);
    if (tokens[position] !== "(") return name;
    const operands: Expression[] = [];
    do {
      position++;
      operands.push(parse());
    } while (tokens[position] === ",");
    if (tokens[position++] !== ")") throw new Error(`unclosed call in: ${text}`);
    return { name, operands };
  };
  const tree = parse();
  if (position !== tokens.length) throw new Error(`trailing text in: ${text}`);
  return tree;
}

type Printer = (...operands: string[]) => string;

const infix = (operator: string): Printer => (a, b) => `(${a} ${operator} ${b})`;
const signed = (operator: string): Printer => (a, b) => `(<i64>${a} ${operator} <i64>${b})`;
const infix32 = (operator: string): Printer => (a, b) => `(<u32>${a} ${operator} <u32>${b})`;

/** Wasm instruction → AssemblyScript over u64 operands. */
const WASM: Record<string, Printer> = {
  "i64.add": infix("+"),
  "i64.sub": infix("-"),
  "i64.mul": infix("*"),
  // Emitted code would trap for a divisor of 0 or an overflow: expressions see to it that neither comes here.
  "i64.div_u": infix("/"),
  "i64.rem_u": infix("%"),
  "i64.div_s": (a, b) => `<u64>(<i64>${a} / <i64>${b})`,
  "i64.rem_s": (a, b) => `<u64>(<i64>${a} % <i64>${b})`,
  "i64.eqz": (a) => `(${a} == 0)`,
  "i64.and": infix("&"),
  "i64.or": infix("|"),
  "i64.xor": infix("^"),
  "i64.shl": infix("<<"),
  "i64.shr_u": infix(">>"),
  "i64.shr_s": (a, b) => `<u64>(<i64>${a} >> <i64>${b})`,
  "i64.eq": infix("=="),
  "i64.ne": infix("!="),
  "i64.lt_s": signed("<"),
  "i64.gt_s": signed(">"),
  "i64.ge_s": signed(">="),
  "i64.lt_u": infix("<"),
  "i64.gt_u": infix(">"),
  "i64.ge_u": infix(">="),
  "i64.extend32_s": (a) => `<u64><i64><i32>(${a})`,
  "i64.extend_i32_s": (a) => `<u64><i64><i32>(${a})`,
  "i64.extend_i32_u": (a) => `<u64><u32>(${a})`,
  "i32.wrap_i64": (a) => `<u32>(${a})`,
  "i32.add": infix32("+"),
  "i32.sub": infix32("-"),
  "i32.mul": infix32("*"),
  "i32.shl": infix32("<<"),
  "i32.shr_u": infix32(">>"),
  "i32.shr_s": (a, b) => `<u32>(<i32>${a} >> <i32>${b})`,
  "i64.rotl": (a, b) => `rotl<u64>(${a}, ${b})`,
  "i64.rotr": (a, b) => `rotr<u64>(${a}, ${b})`,
  "i32.rotl": (a, b) => `rotl<u32>(${a}, ${b})`,
  "i32.rotr": (a, b) => `rotr<u32>(${a}, ${b})`,
  "i64.clz": (a) => `clz<u64>(${a})`,
  "i64.ctz": (a) => `ctz<u64>(${a})`,
  "i64.popcnt": (a) => `popcnt<u64>(${a})`,
  "i32.clz": (a) => `clz<u32>(${a})`,
  "i32.ctz": (a) => `ctz<u32>(${a})`,
  "i32.popcnt": (a) => `popcnt<u32>(${a})`,
  "i64.extend8_s": (a) => `<u64><i64><i8>(${a})`,
  "i64.extend16_s": (a) => `<u64><i64><i16>(${a})`,
  "i64.const": (a) => `(<u64>${a})`,
  select: (a, b, c) => `select<u64>(${a}, ${b}, ${c})`,
};

/** AssemblyScript source of the expression; `functions` collects the names it calls that are not Wasm instructions. */
export function printExpression(expression: Expression, functions: Set<string>): string {
  if (typeof expression === "string") return expression;
  const operands = expression.operands.map((operand) => printExpression(operand, functions));
  const print = WASM[expression.name];
  if (print) return print(...operands);
  if (expression.name.includes(".")) throw new Error(`unknown Wasm instruction ${expression.name}`);
  functions.add(expression.name);
  return `${expression.name}(${operands.join(", ")})`;
}

/** Names of operands (leaves) that the expression reads. */
export function operandsOf(expression: Expression, into = new Set<string>()): Set<string> {
  if (typeof expression === "string") into.add(expression);
  else for (const operand of expression.operands) operandsOf(operand, into);
  return into;
}
