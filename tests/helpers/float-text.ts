// Floating-point values in the text of test cases: d:1.5, s:-inf (boxed), d:nan (canonical), s:snan, or raw bits 0x...

const SPECIAL: Readonly<Record<string, readonly [single: bigint, double: bigint]>> = {
  nan: [0x7fc0_0000n, 0x7ff8_0000_0000_0000n],
  snan: [0x7f80_0001n, 0x7ff0_0000_0000_0001n],
  inf: [0x7f80_0000n, 0x7ff0_0000_0000_0000n],
  min: [0x0080_0000n, 0x0010_0000_0000_0000n],
  sub: [0x0000_0001n, 0x0000_0000_0000_0001n],
  max: [0x7f7f_ffffn, 0x7fef_ffff_ffff_ffffn],
};
const BOX = 0xffff_ffff_0000_0000n;

function bitsOf(text: string, isSingle: boolean): bigint {
  const negative = text.startsWith('-');
  const special = SPECIAL[negative ? text.slice(1) : text];
  if (special !== undefined) return special[isSingle ? 0 : 1] | (negative ? 1n << (isSingle ? 31n : 63n) : 0n);
  const view = new DataView(new ArrayBuffer(8));
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`not a number: '${text}'`);
  if (!isSingle) view.setFloat64(0, value);
  else view.setFloat32(0, value);
  if (isSingle && Math.fround(value) !== value) throw new Error(`'${text}' is not a single`);
  return isSingle ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}

/** Bits of an f register. */
export function parseFloatRegister(text: string): bigint {
  if (text.startsWith('s:')) return BOX | bitsOf(text.slice(2), true);
  if (text.startsWith('d:')) return bitsOf(text.slice(2), false);
  return BigInt(text);
}
