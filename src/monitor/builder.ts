// Makes a cVM out of memory and authority, and takes it apart again.
// Invariants: what a cVM gets, it gets here, all of it recorded in its resources; a failure half-way gives everything
// back; memory is zero, tags included, before it can belong to somebody else.
import { InternalError } from '../host/index.ts';
import { BOOT_PAGE_SIZE, PROGRAMS, SLOT_HOSTCALL_CODE, SLOT_PROGRAM, SLOT_RETURN_CODE } from './abi.ts';
import { bootPage } from './boot-page.ts';
import type { Region } from './carve.ts';
import { Cvm } from './cvm.ts';
import type { Entropy } from './entropy.ts';
import type { Image } from './image.ts';
import type { Kernel } from './kernel.ts';
import type { CvmSpec, ProgramCode } from './options.ts';

type Code = Image | ProgramCode;

const codesOf = ({ image, program }: CvmSpec): readonly Code[] => [image, ...(program?.codes ?? [])];

export class Builder {
  readonly #kernel: Kernel;
  /** Text in memory, shared by the cVMs of one image, or of programs. */
  readonly #texts = new Map<Code, { region: Region; users: number }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Takes nothing if it cannot be: its data and code do not go together, or there is no room. */
  build(id: number, spec: CvmSpec, entropy: Entropy): Cvm | 'ERR_CVM_SPEC' | 'ERR_CVM_NO_ROOM' {
    const { image } = spec;
    const codes = codesOf(spec);
    // checkSpec refused these, in words; here they would reach beyond what the cVM owns.
    if (image.data.length > spec.memory || image.entry >= image.text.length || codes.length > 1 + PROGRAMS)
      throw new InternalError('unchecked spec');
    const { carver, sealer, switcher } = this.#kernel;
    const data = this.#kernel.carve(spec.memory, BOOT_PAGE_SIZE);
    const places = codes.map((code) => this.#placeText(code));
    const [text, ...programs] = places.every((place) => place !== undefined) ? places : [];
    const origin = data === undefined ? 0 : data.base - image.dataStart;
    const ddc = data === undefined ? undefined : sealer.data(data, origin);
    const pcc = text === undefined ? undefined : sealer.code(text, spec.program !== undefined);
    const gate = pcc === undefined || ddc === undefined ? undefined : switcher.openGate(pcc, ddc);
    if (data !== undefined && text !== undefined && pcc !== undefined && ddc !== undefined && gate !== undefined) {
      const cvm = new Cvm(id, spec, { data, origin, text, programs, pcc, ddc, gate, entropy });
      this.#fill(cvm);
      return cvm;
    }
    codes.forEach((code, index) => places[index] !== undefined && this.#dropText(code));
    if (data !== undefined) carver.release(data);
    return data !== undefined && ddc === undefined ? 'ERR_CVM_SPEC' : 'ERR_CVM_NO_ROOM';
  }

  /** Its memory as it was when it was created; no thread of the cVM exists any more. */
  refill(cvm: Cvm): void {
    this.#kernel.machine.memory.fill(cvm.data.base, cvm.data.sizeBytes);
    this.#fill(cvm);
  }

  /** Clears and gives back everything; no thread of the cVM exists any more and its streams are closed. */
  demolish(cvm: Cvm): void {
    const { data, gate } = cvm.resources;
    this.#kernel.release(data);
    this.#kernel.switcher.closeGate(gate);
    for (const code of codesOf(cvm.spec)) this.#dropText(code);
  }

  /** The first thread's stack: its top, in the cVM's addresses. */
  stackTop(cvm: Cvm): number {
    return cvm.data.base + cvm.data.sizeBytes - cvm.origin;
  }

  #placeText(code: Code): Region | undefined {
    const placed = this.#texts.get(code);
    if (placed !== undefined) {
      placed.users++;
      return placed.region;
    }
    const bytes = 'text' in code ? code.text : code.bytes;
    const region = this.#kernel.carve(bytes.length, BOOT_PAGE_SIZE);
    if (region === undefined) return undefined;
    this.#kernel.machine.memory.write(region.base, bytes);
    this.#texts.set(code, { region, users: 1 });
    return region;
  }

  #dropText(code: Code): void {
    const placed = this.#texts.get(code);
    if (placed === undefined || --placed.users > 0) return;
    this.#texts.delete(code);
    this.#kernel.release(placed.region);
  }

  /** Initial data, then the boot page over its first page, then the c-list. */
  #fill(cvm: Cvm): void {
    const { machine, sealer, windows } = this.#kernel;
    const { data, image, spec, resources } = cvm;
    machine.memory.write(data.base, image.data);
    machine.memory.write(data.base, bootPage(cvm, spec, this.stackTop(cvm)).subarray(0, BOOT_PAGE_SIZE));
    windows.grantPair(cvm, SLOT_HOSTCALL_CODE, resources.gate.hostcall);
    windows.grantPair(cvm, SLOT_RETURN_CODE, resources.gate.return);
    resources.programs.forEach((code, index) => windows.grant(cvm, SLOT_PROGRAM + index, sealer.program(code)));
  }
}
