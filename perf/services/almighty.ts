// For measuring only: a cVM without isolation. The same code, of programs, library OS and switcher, holds capabilities to
// all of the machine: what bounds and permissions cost is the difference.
//   - DDC: all of the machine's addresses, with every permission;
//   - PCC, of the library OS and of programs: up to as far as the format can say with this base, which relocation needs;
//   - the library OS narrows its programs' DDC by one instruction, which becomes one that does nothing.
// Nothing of the product can make such a cVM: this reaches into one that was made, before it starts.
import { PERMISSION } from '../../src/host/index.ts';
import type { RawCapability } from '../../src/host/index.ts';
import { GATE_DDC, GATE_PCC, SLOT_PROGRAM, SLOT_SIZE } from '../../src/monitor/abi.ts';
import { readImage } from '../../src/monitor/index.ts';
import type { Cvm, Image, Monitor } from '../../src/monitor/index.ts';
import { deriveCapability } from '../../src/monitor/seal.ts';
import { libosFile } from '../../src/services/index.ts';

const { Global, Load, Store, LoadCap, StoreCap, StoreLocalCap, Execute, AccessSystemRegisters, User0 } = PERMISSION;
const DATA = Global | Load | Store | LoadCap | StoreCap | StoreLocalCap;
const CODE = Global | Load | Store | LoadCap | StoreCap | StoreLocalCap | Execute;
/** RAM and what is below it. */
const ALL = 2 ** 32;

/** csetboundsexact t0, t0, t1 in guests/libos/entry/trap.S; cmove t0, t0. */
const NARROW = 0x126282db;
const KEEP = 0xfea282db;

/** Of a cVM that was created and not started. */
export function makeAlmighty(monitor: Monitor, cvm: Cvm): void {
  const { memory, registers } = monitor.machine;
  const decode = (value: RawCapability) => registers.decode(value);
  const { text, programs, gate } = cvm.resources;
  const widest = ({ base, sizeBytes }: { base: number; sizeBytes: number }, permissions: number): RawCapability => {
    for (let size = ALL; ; size = Math.max(size / 2, sizeBytes)) {
      const made = deriveCapability(decode, { base, sizeBytes: size, address: base, permissions });
      if (made !== undefined) return made;
    }
  };
  const ddc = deriveCapability(decode, { base: 0, sizeBytes: ALL, address: cvm.origin, permissions: DATA })!;
  const pcc = widest(text, CODE | (programs.length > 0 ? AccessSystemRegisters : 0));
  Object.assign(cvm.resources, { ddc, pcc });
  memory.writeCapability(gate.record.base + GATE_PCC, pcc);
  memory.writeCapability(gate.record.base + GATE_DDC, ddc);
  programs.forEach((program, index) =>
    memory.writeCapability(cvm.data.base + (SLOT_PROGRAM + index) * SLOT_SIZE, widest(program, CODE | User0)),
  );
}

/** The library OS that does not narrow its programs. */
export function almightyLibos(): Image {
  const image = readImage(libosFile(), 'libos.elf');
  const text = image.text.slice();
  const view = new DataView(text.buffer);
  let found = 0;
  for (let at = 0; at + 4 <= text.length; at += 2) {
    if (view.getUint32(at, true) !== NARROW) continue;
    view.setUint32(at, KEEP, true);
    found++;
  }
  if (found !== 1) throw new Error(`the library OS narrows at ${found} places`);
  return { ...image, text };
}
