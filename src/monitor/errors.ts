// What the monitor throws at its own user, never at a guest: a manifest, an image or a request that cannot be used.
import { CapvmError, EXIT } from '../host/index.ts';
import * as abi from './abi.ts';

/** A manifest that cannot be used: `file:line:column: path: what is wrong`. */
export class ManifestError extends CapvmError {
  constructor(message: string) {
    super('ERR_CVM_MANIFEST', message, EXIT.data);
  }
}

/** An image, or a machine, that a cVM cannot be made of. */
export class CvmError extends CapvmError {
  constructor(code: `ERR_CVM_${string}`, message: string) {
    super(code, message, EXIT.data);
  }
}

const ERROR_NAMES = new Map(
  Object.entries(abi)
    .filter(([name]) => /^E[A-Z0-9]+$/.test(name))
    .map(([name, value]) => [value, name]),
);

/** EFAULT for -14. */
export const errorName = (result: number): string => ERROR_NAMES.get(-result) ?? `error ${-result}`;

/** "Not now", "too late", "nobody there any more": what any program that shares something is told now and then. */
const ORDINARY: readonly number[] = [abi.EAGAIN, abi.ETIMEDOUT, abi.EPIPE];

/** Did a hostcall ask for what it may not have? A thread too many is that too, whatever it is called. */
export const isRefusal = (hostcall: string, result: number): boolean =>
  !ORDINARY.includes(-result) || hostcall === 'thread_create';

/** 14 for EFAULT; undefined: not one that guests know. */
export const errorNumber = (name: string): number | undefined =>
  [...ERROR_NAMES].find(([, known]) => known === name)?.[0];
