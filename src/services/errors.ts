// What services refuse: one line that says which cVM, and what to do.
import { CapvmError, EXIT } from '../host/index.ts';

export class ServiceError extends CapvmError {
  constructor(message: string, code: `ERR_CVM_${string}` = 'ERR_CVM_SERVICE', exitCode: number = EXIT.data) {
    super(code, message, exitCode);
  }
}
