// Why packages cannot be had.
import { CapvmError, EXIT } from '../../host/index.ts';

type Kind = 'CLIENT' | 'OFFLINE' | 'PACKAGE' | 'CACHE';

const EXIT_CODES: Readonly<Record<Kind, number>> = {
  CLIENT: EXIT.unavailable,
  OFFLINE: EXIT.unavailable,
  PACKAGE: EXIT.data,
  CACHE: EXIT.cannotCreate,
};

export class PullError extends CapvmError {
  constructor(message: string, kind: Kind) {
    super(`ERR_CVM_PULL_${kind}`, message, EXIT_CODES[kind]);
  }
}
