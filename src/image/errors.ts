// What images and packages are refused with: one line that says which file or package, and what to do.
import { CapvmError, EXIT } from '../host/index.ts';

/** A tree, a file in it or an image file that cannot be used. */
export class ImageError extends CapvmError {
  constructor(message: string, code: `ERR_CVM_IMAGE_${string}` = 'ERR_CVM_IMAGE_TREE') {
    super(code, message, EXIT.data);
  }
}
