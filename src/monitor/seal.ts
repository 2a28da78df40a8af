// The one place where capabilities are derived and sealed.
// Trust: everything a cVM will ever be able to reach is decided here; callers pass regions that the carver gave them.
// Invariants: bounds are exact or there is no capability; no capability for a cVM carries StoreCap, StoreLocalCap,
// Seal, Unseal or Global, nor Execute together with Store, nor AccessSystemRegisters but a library OS's PCC (in user mode
// those are its thread's own trap registers) and never with User0; each is decoded by the machine and compared with
// what was asked before anybody gets it; an otype belongs to one cVM and entry at a time.
import { InternalError, OTYPE_UNSEALED, PERMISSION } from '../host/index.ts';
import type { Capability, RawCapability } from '../host/index.ts';
import { FILE_READ, FILE_WRITE } from './abi.ts';
import type { Region } from './carve.ts';
import { encodeHigh } from './concentrate.ts';
import type { CapabilityRequest, SealedPair } from './types.ts';

/** What the machine makes of 128 bits: Registers.decode. */
export type Decode = (value: RawCapability) => Capability;

const CODE = PERMISSION.Execute;
const DATA = PERMISSION.Load | PERMISSION.Store | PERMISSION.LoadCap;
const RECORD = PERMISSION.Load | PERMISSION.LoadCap;
const CELLS = RECORD | PERMISSION.Store;
const STACK = CELLS | PERMISSION.StoreCap | PERMISSION.StoreLocalCap;

/** Otypes handed out; 0 is never used, the last four of the 18 bits are reserved by the architecture. */
const OTYPE_FIRST = 1;
const OTYPE_LAST = 0x3fffb;

export class Sealer {
  readonly #decode: Decode;
  readonly #freeOtypes: number[] = [];
  #nextOtype = OTYPE_FIRST;

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  /** A cVM's PCC: execute its text, nothing else; offset 0 is the image's address 0. A library OS has its trap registers. */
  code(text: Region, isLibraryOs: boolean): RawCapability {
    const permissions = CODE | (isLibraryOs ? PERMISSION.AccessSystemRegisters : 0);
    return this.#must({ ...text, address: text.base, permissions });
  }

  /** Code of programs, whose traps the library OS answers. */
  program(code: Region): RawCapability {
    return this.#must({ ...code, address: code.base, permissions: CODE | PERMISSION.User0 });
  }

  /** A cVM's DDC: its data, with the address that the image calls 0. Undefined: not representable. */
  data(data: Region, origin: number): RawCapability | undefined {
    return deriveCapability(this.#decode, { ...data, address: origin, permissions: DATA });
  }

  /** Memory shared between cVMs, for data only; rights: FILE_READ, FILE_WRITE. Undefined: not representable. */
  shared(region: Region, rights: number): RawCapability | undefined {
    const read = (rights & FILE_READ) !== 0 ? PERMISSION.Load : 0;
    const permissions = read | ((rights & FILE_WRITE) !== 0 ? PERMISSION.Store : 0);
    return deriveCapability(this.#decode, { ...region, address: region.base, permissions });
  }

  /** Read-only, for the switcher's eyes; as CInvoke of its gate unseals it, if so wished. */
  record(record: Region, isUnsealed = false): RawCapability {
    const permissions = RECORD | (isUnsealed ? PERMISSION.CInvoke : 0);
    return this.#must({ ...record, address: record.base, permissions });
  }

  /** Numbers that the switcher changes. */
  cells(record: Region): RawCapability {
    return this.#must({ ...record, address: record.base, permissions: CELLS });
  }

  /** The switcher's own stack: the only memory that capabilities are ever stored to by instructions. */
  stack(record: Region): RawCapability {
    return this.#must({ ...record, address: record.base, permissions: STACK });
  }

  /** A gate: sealed code of the switcher and sealed record, read-only unless `isChanged`, with one otype. */
  gate(text: Region, entry: number, record: Region, otype: number, isChanged = false): SealedPair {
    const permissions = PERMISSION.CInvoke;
    const data = (isChanged ? CELLS : RECORD) | permissions;
    return {
      code: this.#must({ ...text, address: entry, permissions: CODE | permissions, flag: 1, otype }),
      data: this.#must({ ...record, address: record.base, permissions: data, otype }),
    };
  }

  /** An otype that nobody holds anything of; undefined when all are in use. */
  allocateOtype(): number | undefined {
    return this.#nextOtype <= OTYPE_LAST ? this.#nextOtype++ : this.#freeOtypes.shift();
  }

  /** Only when no register and no memory holds a capability of this otype any more. */
  releaseOtype(otype: number): void {
    this.#freeOtypes.push(otype);
  }

  #must(request: CapabilityRequest): RawCapability {
    const made = deriveCapability(this.#decode, request);
    if (made === undefined)
      throw new InternalError(
        `no exact capability for 0x${request.base.toString(16)}+0x${request.sizeBytes.toString(16)}`,
      );
    return made;
  }
}

/** Exactly these bounds, address, permissions, flag and otype, or undefined where the format cannot express them. */
export function deriveCapability(decode: Decode, request: CapabilityRequest): RawCapability | undefined {
  const { base, sizeBytes, address, permissions, flag = 0, otype = OTYPE_UNSEALED } = request;
  const made = { tag: true, high: encodeHigh(request), address: BigInt(address) };
  const seen = decode(made);
  const exact =
    seen.tag &&
    seen.base === BigInt(base) &&
    seen.top === BigInt(base + sizeBytes) &&
    seen.permissions === permissions &&
    seen.otype === otype &&
    seen.flag === flag;
  return exact ? made : undefined;
}
