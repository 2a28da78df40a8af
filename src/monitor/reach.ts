// What a cVM can reach: every tagged capability in its memory and in its threads' registers, each compared with what
// the monitor gave it. An observer for tests, reports and the suspicious; nothing depends on it.
import { CONTEXT_DDC, CONTEXT_PCC, CONTEXT_UTCC, OTYPE_SENTRY, OTYPE_UNSEALED, PERMISSION } from '../host/index.ts';
import type { Capability } from '../host/index.ts';
import { FILE_READ, FILE_WRITE } from './abi.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Kernel } from './kernel.ts';
import type { Pair } from './types.ts';

/** Of a context, from CONTEXT_DDC on. */
const SPECIAL = ['ddc', 'pcc', 'utcc', 'utdc', 'uscratchc', 'uepcc'];

export interface Holding {
  /** `thread 3 c10`, `thread 3 utcc`, `0x80002000`. */
  readonly where: string;
  readonly capability: Capability;
  /** What entitles the cVM to it; undefined: nothing does. */
  readonly title: 'code' | 'program' | 'data' | 'gate' | 'file' | 'loan' | 'argument' | 'crossing' | undefined;
}

/** What a cVM was given beyond its code and data. */
export interface Given {
  readonly pairs: readonly Pair[];
  /** Files that it holds, with its rights, and what it was lent. */
  readonly files: readonly { readonly region: Region; readonly rights: number }[];
  readonly loans: readonly Region[];
  /** Memory of those who call it just now. */
  readonly callers: readonly Region[];
}

/**
 * All capabilities that `cvm` holds while nothing runs. A thread in the switcher holds the switcher's; in the hostcall
 * gate its DDC apart, in the others DDC too may still be that of the cVM it comes from.
 */
export function holdingsOf(kernel: Kernel, cvm: Cvm): Holding[] {
  const { machine, switcher } = kernel;
  const given = givenTo(kernel, cvm);
  const holdings: Holding[] = [];
  const add = (where: string, capability: Capability, crossing: boolean): void => {
    if (capability.tag)
      holdings.push({ where, capability, title: crossing ? 'crossing' : titleOf(capability, cvm, given) });
  };
  for (const { thread, from, to } of kernel.registersOf(cvm)) {
    const { id, context } = thread;
    const { address } = context.capability(CONTEXT_PCC);
    const crossing = switcher.contains(address);
    const between = crossing && address >= BigInt(switcher.place('gate_call'));
    for (let index = from; index < to; index++) {
      const capability = machine.registers.decode(context.capability(index));
      const isSwitchers = crossing && index < CONTEXT_UTCC && (between || index !== CONTEXT_DDC);
      add(`thread ${id} ${SPECIAL[index - CONTEXT_DDC] ?? `c${index}`}`, capability, isSwitchers);
    }
  }
  const { memory } = machine;
  for (const at of memory.taggedGranules(cvm.data.base, cvm.data.sizeBytes)) {
    add(`0x${at.toString(16)}`, memory.readCapability(at), false);
  }
  return holdings;
}

function givenTo(kernel: Kernel, cvm: Cvm): Given {
  const { gate } = cvm.resources;
  const streams = [...kernel.streams.values()];
  const sending = streams.flatMap(({ sender, gate: held }) => (sender.cvm === cvm && held !== undefined ? [held] : []));
  const calls = kernel
    .threadsIn(cvm)
    .map((thread) => kernel.crossings.path(thread).at(-1))
    .filter((binding) => binding !== undefined);
  return {
    pairs: [
      gate.hostcall,
      gate.return,
      ...kernel.calls.heldBy(cvm).map((binding) => binding.gate.pair),
      ...sending.map(({ pair }) => pair),
    ],
    files: kernel.files.all.flatMap(({ region, holders }) => {
      const held = holders.get(cvm);
      return region === undefined || held === undefined ? [] : [{ region, rights: held.rights }];
    }),
    loans: streams
      .filter(({ receiver }) => receiver.cvm === cvm)
      .flatMap(({ loans }) => loans.out.map(({ region }) => region!)),
    callers: calls.map(({ caller }) => caller.data),
  };
}

function titleOf(capability: Capability, cvm: Cvm, { pairs, files, loans, callers }: Given): Holding['title'] {
  const { text, programs, data } = cvm.resources;
  const { otype } = capability;
  const pair = pairs.find((candidate) => candidate.otype === otype);
  if (pair !== undefined) return isHalf(capability, pair) ? 'gate' : undefined;
  if (otype !== OTYPE_UNSEALED && otype !== OTYPE_SENTRY) return undefined;
  const own = cvm.spec.program === undefined ? 0 : PERMISSION.AccessSystemRegisters;
  if (within(capability, text, PERMISSION.Execute | own)) return 'code';
  if (programs.some((code) => within(capability, code, PERMISSION.Execute | PERMISSION.User0))) return 'program';
  if (within(capability, data, PERMISSION.Load | PERMISSION.Store | PERMISSION.LoadCap)) return 'data';
  if (files.some(({ region, rights }) => within(capability, region, permissionsOf(rights)))) return 'file';
  if (loans.some((region) => within(capability, region, PERMISSION.Load))) return 'loan';
  return callers.some((memory) => within(capability, memory, PERMISSION.Load | PERMISSION.Store))
    ? 'argument'
    : undefined;
}

const permissionsOf = (rights: number): number =>
  ((rights & FILE_READ) !== 0 ? PERMISSION.Load : 0) | ((rights & FILE_WRITE) !== 0 ? PERMISSION.Store : 0);

/** Sealed capabilities cannot be changed and keep their tag: it is one of the two, bit for bit. */
const isHalf = ({ high, address }: Capability, { code, data }: Pair): boolean =>
  [code, data].some((half) => half.high === high && half.address === address);

/** No bound and no permission beyond. */
function within({ base, top, permissions }: Capability, region: Region, allowed: number): boolean {
  return base >= BigInt(region.base) && top <= BigInt(regionEnd(region)) && (permissions & ~allowed) === 0;
}
