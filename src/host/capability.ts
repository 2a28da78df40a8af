// A capability as the host sees it, and its text form. Compression is the core's work: values here were decoded
// by the machine. Text form as CHERI GDB prints it: 0x1006e0 [rwRW,0x1006e0-0x1006ec] (sealed).

/** Permission bits in CGetPerm's numbering (CHERI ISAv9, table "hardware permissions"). */
export const PERMISSION = {
  Global: 1 << 0,
  Execute: 1 << 1,
  Load: 1 << 2,
  Store: 1 << 3,
  LoadCap: 1 << 4,
  StoreCap: 1 << 5,
  StoreLocalCap: 1 << 6,
  Seal: 1 << 7,
  CInvoke: 1 << 8,
  Unseal: 1 << 9,
  AccessSystemRegisters: 1 << 10,
  SetCID: 1 << 11,
  /** The first of four that software defines; see MachineOptions.userTraps. */
  User0: 1 << 15,
} as const;

/** Bit of the raw high word that holds the flag (capability mode). */
export const FLAG_BIT = 45n;
export const OTYPE_UNSEALED = 0x3ffff;
export const OTYPE_SENTRY = 0x3fffe;

/** The 128 bits and the tag, as in memory: `high` is what CGetHigh returns. */
export interface RawCapability {
  readonly tag: boolean;
  readonly high: bigint;
  readonly address: bigint;
}

export interface Capability extends RawCapability {
  readonly base: bigint;
  /** 65 bits. */
  readonly top: bigint;
  /** CGetPerm's numbering, see PERMISSION. */
  readonly permissions: number;
  readonly otype: number;
  readonly sealed: boolean;
  /** 1: code entered through it runs in capability mode. */
  readonly flag: number;
}

export const NULL_CAPABILITY: RawCapability = { tag: false, high: 0n, address: 0n };
/** All permissions over the whole address space, integer mode: the reset value of PCC, DDC and the trap vectors. */
export const ALMIGHTY_CAPABILITY: RawCapability = { tag: true, high: 0xffff_0000_0000_0000n, address: 0n };

const LETTERS: readonly (readonly [number, string])[] = [
  [PERMISSION.Load, 'r'],
  [PERMISSION.Store, 'w'],
  [PERMISSION.Execute, 'x'],
  [PERMISSION.LoadCap, 'R'],
  [PERMISSION.StoreCap, 'W'],
];

/** `rwxRW`: the permissions that the text form shows. */
export function formatPermissions(permissions: number): string {
  return LETTERS.map(([bit, letter]) => ((permissions & bit) !== 0 ? letter : '')).join('');
}

/** Text form; what an untagged value says beyond its address is meaningless unless it has a high word. */
export function formatCapability(capability: Capability): string {
  const address = hex(capability.address);
  if (!capability.tag && capability.high === 0n) return address;
  const bounds = `${hex(capability.base)}-${hex(capability.top)}`;
  const attributes = [
    capability.tag ? '' : 'invalid',
    capability.otype === OTYPE_SENTRY ? 'sentry' : capability.sealed ? 'sealed' : '',
    capability.flag !== 0 && (capability.permissions & PERMISSION.Execute) !== 0 ? 'capmode' : '',
  ].filter((word) => word !== '');
  const suffix = attributes.length === 0 ? '' : ` (${attributes.join(',')})`;
  return `${address} [${formatPermissions(capability.permissions)},${bounds}]${suffix}`;
}

/** `1 ffff000000000000 0000000080000000`: tag, high word, low word, as the golden vectors write it. */
export function formatRaw(capability: RawCapability): string {
  return `${capability.tag ? 1 : 0} ${hex16(capability.high)} ${hex16(capability.address)}`;
}

/** Inverse of formatRaw. */
export function parseRaw(text: string): RawCapability {
  const match = /^([01]) ([0-9a-f]{1,16}) ([0-9a-f]{1,16})$/i.exec(text);
  if (match === null) throw new TypeError(`not a capability: ${JSON.stringify(text)}`);
  return { tag: match[1] === '1', high: BigInt(`0x${match[2]}`), address: BigInt(`0x${match[3]}`) };
}

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
export const hex16 = (value: bigint): string => value.toString(16).padStart(16, '0');
