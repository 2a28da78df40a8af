// Capabilities in the text of test cases, encoded by the tests' own model of CHERI Concentrate:
//
//   0x80002010[rwRW,0x80002000-0x80002100]          tagged, unsealed
//   !0x10[*,0x0-0x100]      untagged                0x10[*,...]:7   sealed with otype 7     :sentry
//   0x80001000[*,...]^      capability mode         -               the null capability
//
// Permissions: G global, x r w, R W (LoadCap, StoreCap), L (StoreLocalCap), S (Seal), I (CInvoke), U (Unseal),
// A (AccessSystemRegisters), C (SetCID), 0-3 user-defined, * all of them.
import { capability } from '../cheri/capability.ts';
import { bounds } from '../cheri/model.ts';
import type { RawCapability } from '../../src/host/index.ts';

// prettier-ignore
const PERMISSION_LETTERS: Readonly<Record<string, number>> = {
  G: 0, x: 1, r: 2, w: 3, R: 4, W: 5, L: 6, S: 7, I: 8, U: 9, A: 10, C: 11, 0: 15, 1: 16, 2: 17, 3: 18,
};
const ALL_PERMISSIONS = 0x78fff;
const OTYPES: Readonly<Record<string, number>> = { sentry: 0x3fffe, reserved3: 0x3fffd, reserved4: 0x3fffc };
const UNSEALED = 0x3ffff;
const TEXT = /^(!?)(0x[\da-f]+|\d+)?\[([\w*]*),(0x[\da-f]+|\d+)-(0x[\da-f]+|\d+)\](?::(\w+))?(\^?)$/i;

export function permissionBits(letters: string): number {
  if (letters === '*') return ALL_PERMISSIONS;
  return [...letters].reduce((bits, letter) => {
    const bit = PERMISSION_LETTERS[letter];
    if (bit === undefined) throw new Error(`no permission '${letter}'`);
    return bits | (1 << bit);
  }, 0);
}

function otypeNumber(text: string | undefined): number {
  if (text === undefined) return UNSEALED;
  return OTYPES[text] ?? Number(text);
}

export const isCapabilityText = (text: string): boolean => text === '-' || text.includes('[');

/** The raw capability; throws if its bounds cannot be represented exactly at its address. */
export function parseCapability(text: string): RawCapability {
  if (text === '-') return { tag: false, high: 0n, address: 0n };
  const match = TEXT.exec(text);
  if (match === null) throw new Error(`not a capability: '${text}'`);
  const [, untagged, address, letters = '', low = '0', high = '0', otype, flag] = match;
  const base = BigInt(low);
  const top = BigInt(high);
  const raw = capability({
    base,
    length: top - base,
    address: address === undefined ? base : BigInt(address),
    perms: permissionBits(letters),
    otype: otypeNumber(otype),
    flag: flag === '^' ? 1 : 0,
    tag: untagged === '!' ? 0 : 1,
  });
  const decoded = bounds(raw);
  if (decoded.base !== base || decoded.top !== top)
    throw new Error(`'${text}': bounds or address cannot be represented`);
  return { tag: raw.tag === 1, high: raw.high, address: raw.address };
}
