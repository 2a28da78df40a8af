// Makes a cVM out of memory and authority, and takes it apart again.
// Invariants: what a cVM gets, it gets here, all of it recorded in its resources; a failure half-way gives everything
// back; memory is zero, tags included, before it can belong to somebody else.
import { BOOT_PAGE_SIZE } from './abi.ts';
import { writeFirstSlots } from './boot.ts';
import { bootPage } from './boot-page.ts';
import type { Region } from './carve.ts';
import { Cvm } from './cvm.ts';
import { CvmError } from './errors.ts';
import type { Entropy } from './entropy.ts';
import type { Image } from './image.ts';
import type { Kernel } from './kernel.ts';
import type { CvmSpec } from './options.ts';
import { alignmentFor } from './concentrate.ts';

const STACK_DEFAULT = 32 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

export class Builder {
  readonly #kernel: Kernel;
  /** Text in memory, shared by the cVMs of one image. */
  readonly #texts = new Map<Image, { region: Region; users: number }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Throws CvmError, having taken nothing, for a cVM that cannot be. */
  build(id: number, spec: CvmSpec, entropy: Entropy): Cvm {
    checkSpec(spec);
    const { image } = spec;
    const data = this.#carveData(spec);
    const text = this.#placeText(image);
    const origin = data === undefined ? 0 : data.base - image.dataStart;
    const ddc = data === undefined ? undefined : this.#kernel.sealer.data(data, origin);
    const pcc = text === undefined ? undefined : this.#kernel.sealer.code(text);
    const gate = pcc === undefined || ddc === undefined ? undefined : this.#kernel.switcher.openGate(id, pcc, ddc);
    if (data === undefined || text === undefined || pcc === undefined || ddc === undefined || gate === undefined) {
      if (text !== undefined) this.#dropText(image);
      if (data !== undefined) this.#kernel.carver.release(data);
      if (data !== undefined && ddc === undefined) {
        throw new CvmError(
          'ERR_CVM_SPEC',
          `cVM ${spec.name}: its code is too large for so little memory; give it ${4 * image.dataStart} bytes or more`,
        );
      }
      throw new CvmError(
        'ERR_CVM_NO_ROOM',
        `cVM ${spec.name}: the machine has no room for ${spec.memory} bytes more; give it more memory`,
      );
    }
    const cvm = new Cvm(id, spec, { data, origin, text, pcc, ddc, gate, entropy });
    this.#fill(cvm, spec);
    return cvm;
  }

  /** Its memory as it was when it was created; no thread of the cVM exists any more. */
  refill(cvm: Cvm): void {
    this.#kernel.machine.memory.fill(cvm.data.base, cvm.data.sizeBytes);
    this.#fill(cvm, cvm.spec);
  }

  /** Clears and gives back everything; no thread of the cVM exists any more and its streams are closed. */
  demolish(cvm: Cvm): void {
    const { data, gate } = cvm.resources;
    this.#kernel.machine.memory.fill(data.base, data.sizeBytes);
    this.#kernel.carver.release(data);
    this.#kernel.switcher.closeGate(gate);
    this.#dropText(cvm.image);
  }

  /** The first thread's stack: its top, in the cVM's addresses. */
  stackTop(cvm: Cvm): number {
    return cvm.data.base + cvm.data.sizeBytes - cvm.origin;
  }

  #carveData({ memory }: CvmSpec): Region | undefined {
    const unit = Math.max(alignmentFor(memory), BOOT_PAGE_SIZE);
    return this.#kernel.carver.allocate(Math.ceil(memory / unit) * unit, unit);
  }

  #placeText(image: Image): Region | undefined {
    const placed = this.#texts.get(image);
    if (placed !== undefined) {
      placed.users++;
      return placed.region;
    }
    const unit = Math.max(alignmentFor(image.text.length), BOOT_PAGE_SIZE);
    const region = this.#kernel.carver.allocate(Math.ceil(image.text.length / unit) * unit, unit);
    if (region === undefined) return undefined;
    this.#kernel.machine.memory.write(region.base, image.text);
    this.#texts.set(image, { region, users: 1 });
    return region;
  }

  #dropText(image: Image): void {
    const placed = this.#texts.get(image);
    if (placed === undefined || --placed.users > 0) return;
    this.#texts.delete(image);
    this.#kernel.machine.memory.fill(placed.region.base, placed.region.sizeBytes);
    this.#kernel.carver.release(placed.region);
  }

  /** Initial data, then the boot page over its first page, then the c-list. */
  #fill(cvm: Cvm, spec: CvmSpec): void {
    const { memory } = this.#kernel.machine;
    const top = this.stackTop(cvm);
    const heap = { begin: cvm.image.dataStart + Math.ceil(cvm.image.dataBytes / 16) * 16, end: top - stackOf(spec) };
    memory.write(cvm.data.base, cvm.image.data);
    memory.write(cvm.data.base, bootPage(cvm, heap, spec.arguments ?? [], cvm.name).subarray(0, BOOT_PAGE_SIZE));
    writeFirstSlots(memory, cvm, cvm.resources.gate);
  }
}

const stackOf = ({ stack = STACK_DEFAULT }: CvmSpec): number => Math.ceil(stack / 16) * 16;

function checkSpec(spec: CvmSpec): void {
  const { name, image, memory } = spec;
  const refuse = (why: string): never => {
    throw new CvmError('ERR_CVM_SPEC', `cVM ${name}: ${why}`);
  };
  if (!NAME.test(name)) refuse('a name is 1 to 32 letters, digits, dots, dashes or underscores');
  if (!Number.isSafeInteger(memory) || memory <= 0) refuse(`memory of ${memory} bytes`);
  // The first PC is made of this: beyond the text it would be a capability to something else.
  if (!(image.entry >= 0 && image.entry < image.text.length && image.entry % 2 === 0))
    refuse(`its entry point ${image.entry} is not in its code`);
  const least = image.dataBytes + stackOf(spec) + 16;
  if (memory < least) refuse(`${memory} bytes of memory, its data and stack need ${least}`);
  const parameters = spec.arguments ?? [];
  bootPage({ data: { base: 0, sizeBytes: 0 }, origin: 0 }, { begin: 0, end: 0 }, parameters, name);
  if (parameters.some((parameter) => parameter.includes('\0'))) refuse('an argument contains a NUL');
}
