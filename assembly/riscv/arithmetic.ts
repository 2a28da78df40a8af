// M: products wider than 64 bits (Unprivileged 7.1); Zbb's bytes.

// @ts-ignore: decorator
@inline
export function mulhu(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const carry = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (carry >> 32);
}

export function mulh(a: u64, b: u64): u64 {
  // Signed from unsigned: subtract the other operand for each negative one.
  return mulhu(a, b) - (select<u64>(b, 0, <i64>a < 0)) - (select<u64>(a, 0, <i64>b < 0));
}

export function mulhsu(a: u64, b: u64): u64 {
  return mulhu(a, b) - select<u64>(b, 0, <i64>a < 0);
}

/** Zbb rev8. */
export function reverseBytes(a: u64): u64 {
  return bswap<u64>(a);
}

/** Zbb orc.b: every byte that has a bit set becomes 0xff. */
export function orCombineBytes(a: u64): u64 {
  // Bit 7 of each byte: some bit below is set, or bit 7 itself is.
  const set = (((a & 0x7f7f7f7f7f7f7f7f) + 0x7f7f7f7f7f7f7f7f) | a) & 0x8080808080808080;
  return (set >> 7) * 0xff;
}
