// Boot information and arguments: the first page of a cVM's data without its capabilities. Layout: abi.ts. Not trusted:
// numbers and text that only this cVM reads.
import * as abi from './abi.ts';
import { CvmError } from './errors.ts';
import type { GuestSpace } from './guest-buffer.ts';
import type { CvmSpec } from './options.ts';

const STACK_DEFAULT = 32 * 1024;

/** Bytes of the first thread's stack. */
export const stackOf = ({ stack = STACK_DEFAULT }: CvmSpec): number => Math.ceil(stack / 16) * 16;

/** One page, of a cVM whose first stack begins at `top`, in its own addresses. Throws CvmError: the arguments are too long. */
export function bootPage(space: GuestSpace, spec: CvmSpec, top: number): Uint8Array {
  const { name, image, arguments: parameters = [] } = spec;
  const heap = { begin: image.dataStart + Math.ceil(image.dataBytes / 16) * 16, end: top - stackOf(spec) };
  const bytes = new Uint8Array(abi.BOOT_PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  const start = space.data.base - space.origin;
  const word = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  word(abi.BOOT_VERSION, abi.ABI_VERSION);
  word(abi.BOOT_HEAP_BEGIN, heap.begin);
  word(abi.BOOT_HEAP_END, heap.end);
  word(abi.BOOT_PROGRAMS, spec.program?.codes.length ?? 0);
  word(abi.BOOT_ARGC, parameters.length);
  word(abi.BOOT_ARGV, start + abi.BOOT_ARGUMENTS);
  let at = abi.BOOT_ARGUMENTS + 8 * (parameters.length + 1);
  for (const [index, parameter] of parameters.entries()) {
    const text = new TextEncoder().encode(parameter);
    if (at + text.length + 1 > abi.BOOT_PAGE_SIZE) {
      throw new CvmError(
        'ERR_CVM_ARGUMENTS',
        `cVM ${name}: its arguments are too long: ${abi.BOOT_PAGE_SIZE - abi.BOOT_ARGUMENTS} bytes have to hold them`,
      );
    }
    word(abi.BOOT_ARGUMENTS + 8 * index, start + at);
    bytes.set(text, at);
    at += text.length + 1;
  }
  return bytes;
}
