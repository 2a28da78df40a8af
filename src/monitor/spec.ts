// What a cVM is asked to be, looked at before anything is taken for it: every refusal says what to change. Not trusted:
// what would hurt others, builder.ts refuses again, in one line.
import { MEMORY_MAXIMUM } from '../host/index.ts';
import { PROGRAMS } from './abi.ts';
import { bootPage, stackOf } from './boot-page.ts';
import { CvmError } from './errors.ts';
import type { CvmSpec } from './options.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** Throws CvmError. */
export function checkSpec(spec: CvmSpec): void {
  const { name, image, memory } = spec;
  const refuse = (why: string): never => {
    throw new CvmError('ERR_CVM_SPEC', `cVM ${name}: ${why}`);
  };
  if (!NAME.test(name)) refuse('a name is 1 to 32 letters, digits, dots, dashes or underscores');
  if (!Number.isSafeInteger(memory) || memory <= 0) refuse(`memory of ${memory} bytes`);
  if (!(image.entry >= 0 && image.entry < image.text.length && image.entry % 2 === 0))
    refuse(`its entry point ${image.entry} is not in its code`);
  const codes = spec.program?.codes ?? [];
  if (codes.length > PROGRAMS) refuse(`${codes.length} codes of programs, ${PROGRAMS} at most`);
  if (codes.some(({ bytes }) => bytes.length === 0)) refuse('a code of programs is empty');
  const least = image.dataBytes + stackOf(spec) + 16;
  if (memory < least) refuse(`${memory} bytes of memory, its data and stack need ${least}`);
  bootPage({ data: { base: 0, sizeBytes: 0 }, origin: 0 }, spec, memory);
  if ((spec.arguments ?? []).some((parameter) => parameter.includes('\0'))) refuse('an argument contains a NUL');
}

/** Why the builder could not make it. */
export function refusalOf({ name, memory, image }: CvmSpec, code: 'ERR_CVM_SPEC' | 'ERR_CVM_NO_ROOM'): CvmError {
  const needed = 4 * image.dataStart;
  const cure = needed <= MEMORY_MAXIMUM ? `give it ${needed} bytes or more` : 'link it with guests/lib/cvm.ld';
  const why =
    code === 'ERR_CVM_SPEC'
      ? `its data begins at 0x${image.dataStart.toString(16)}, too far behind 0 for so little memory; ${cure}`
      : `the machine has no room for ${memory} bytes more; give it more memory`;
  return new CvmError(code, `cVM ${name}: ${why}`);
}
