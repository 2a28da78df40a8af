// The mask ROM of QEMU's virt board at 0x1000: empty here, since programs start at their own entry. It reads as
// zero and ignores stores, as a ROM does; without it such an access would fault.
import type { Device } from './bus.ts';

export class BootRom implements Device {
  readonly name = 'boot-rom';
  readonly base = 0x1000;
  readonly sizeBytes = 0xf000;

  reset(): void {}

  load(): number {
    return 0;
  }

  store(): boolean {
    return true;
  }
}
