// What operations of a peer reject with: the errors that the same operation gives a program in a cVM.
import { CapvmError } from '../host/index.ts';
import { errorName } from '../monitor/index.ts';

/** `errno` is the error's name, as guests/include/cvm-abi.h has it: EAGAIN, ECANCELED, EPIPE, ... */
export class PeerError extends CapvmError {
  readonly errno: string;

  constructor(errno: string, what: string) {
    super('ERR_CVM_PEER', `${what}: ${errno}`);
    this.errno = errno;
  }
}

/** Results from here to -1 are errors, not values. */
const LEAST_ERROR = -4095n;

export const isError = (result: bigint): boolean => result < 0n && result >= LEAST_ERROR;

export const errorOf = (result: bigint, what: string): PeerError => new PeerError(errorName(Number(result)), what);
