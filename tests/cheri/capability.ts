// Capabilities for tests, said by what they mean.
import { OTYPE_UNSEALED, PERMS_ALL } from '../../assembly/cheri/names.ts';
import type { Bits } from './core.ts';
import { encode, withBounds } from './model.ts';

export interface Meaning {
  readonly tag?: number;
  readonly base?: bigint;
  readonly length?: bigint;
  /** The base if not given. */
  readonly address?: bigint;
  readonly perms?: number;
  readonly otype?: number;
  readonly flag?: number;
}

/** The capability; what is not said is as in the almighty one. Bounds are rounded as CSetBounds would. */
export function capability(meaning: Meaning): Bits {
  const {
    tag = 1,
    base = 0n,
    length = (1n << 64n) - base,
    perms = PERMS_ALL,
    otype = OTYPE_UNSEALED,
    flag = 0,
  } = meaning;
  const permissions = BigInt((perms & 0xfff) | ((perms >> 15) << 12));
  const fields = (permissions << 48n) | (BigInt(flag) << 45n) | (BigInt(otype ^ OTYPE_UNSEALED) << 27n);
  return { tag, high: withBounds(fields, encode(base, base + length)), address: meaning.address ?? base };
}

/** Untagged integer. */
export function integer(value: bigint): Bits {
  return { tag: 0, high: 0n, address: BigInt.asUintN(64, value) };
}
