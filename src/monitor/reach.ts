// What a cVM can reach: every tagged capability in its memory and in its threads' registers, each compared with what
// the monitor gave it. An observer for tests, reports and the suspicious; nothing depends on it.
import { CONTEXT_CAPABILITIES, CONTEXT_PCC, OTYPE_SENTRY, OTYPE_UNSEALED, PERMISSION } from '../host/index.ts';
import type { Capability, Machine } from '../host/index.ts';
import { regionEnd } from './carve.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Switcher } from './switcher.ts';
import type { Thread } from './thread.ts';

export interface Holding {
  /** `thread 3 c10`, `0x80002000`. */
  readonly where: string;
  readonly capability: Capability;
  /** What entitles the cVM to it; undefined: nothing does. */
  readonly title: 'code' | 'data' | 'gate' | 'window' | 'crossing' | undefined;
}

const SWITCHER_REGISTERS = new Set([6, 31, CONTEXT_PCC]);

/** All capabilities that `cvm` holds. `windows`: what its streams let it write just now. Its threads must not run. */
export function holdingsOf(machine: Machine, switcher: Switcher, cvm: Cvm, windows: readonly Region[]): Holding[] {
  const holdings: Holding[] = [];
  const add = (where: string, capability: Capability, crossing: boolean): void => {
    if (!capability.tag) return;
    const title = crossing ? 'crossing' : titleOf(capability, cvm, switcher, windows);
    holdings.push({ where, capability, title });
  };
  for (const thread of cvm.threads) {
    const crossing = inSwitcher(thread, switcher);
    for (let index = 1; index < CONTEXT_CAPABILITIES; index++) {
      const capability = machine.registers.decode(thread.context.capability(index));
      add(`thread ${thread.id} c${index}`, capability, crossing && SWITCHER_REGISTERS.has(index));
    }
  }
  const { memory } = machine;
  for (const at of memory.taggedGranules(cvm.data.base, cvm.data.sizeBytes)) {
    add(`0x${at.toString(16)}`, memory.readCapability(at), false);
  }
  return holdings;
}

function inSwitcher({ context }: Thread, { text }: Switcher): boolean {
  const { address } = context.capability(CONTEXT_PCC);
  return address >= BigInt(text.base) && address < BigInt(regionEnd(text));
}

function titleOf(capability: Capability, cvm: Cvm, switcher: Switcher, windows: readonly Region[]): Holding['title'] {
  const { text, data, gateRecord, gateOtype } = cvm.resources;
  const { otype } = capability;
  if (otype === gateOtype) {
    const isCode = within(capability, switcher.text, PERMISSION.Execute | PERMISSION.CInvoke);
    const isData = within(capability, gateRecord, PERMISSION.Load | PERMISSION.LoadCap | PERMISSION.CInvoke);
    return isCode || isData ? 'gate' : undefined;
  }
  if (otype !== OTYPE_UNSEALED && otype !== OTYPE_SENTRY) return undefined;
  if (within(capability, text, PERMISSION.Execute)) return 'code';
  if (within(capability, data, PERMISSION.Load | PERMISSION.Store | PERMISSION.LoadCap)) return 'data';
  return windows.some((window) => within(capability, window, PERMISSION.Store)) ? 'window' : undefined;
}

/** No bound and no permission beyond. */
function within({ base, top, permissions }: Capability, region: Region, allowed: number): boolean {
  return base >= BigInt(region.base) && top <= BigInt(regionEnd(region)) && (permissions & ~allowed) === 0;
}
