// CP_File: shared buffers that several cVMs read and write through capabilities in their c-lists, each with the rights
// that its manifest gives it. The memory is the monitor's, or an owner's own that it advertises.
// Invariants: a capability to a file has Load and Store at most, exact bounds, and is in the holders' slots and registers
// only; after revoke() it is in none, and whoever waited on a word of the file was told.
import * as abi from '../abi.ts';
import type { Region } from '../carve.ts';
import { regionEnd } from '../carve.ts';
import type { Cvm } from '../cvm.ts';
import type { Kernel } from '../kernel.ts';
import type { SharedFile } from '../types.ts';

export class Files {
  readonly #kernel: Kernel;
  readonly #files = new Map<string, SharedFile>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get all(): readonly SharedFile[] {
    return [...this.#files.values()];
  }

  get(name: string): SharedFile | undefined {
    return this.#files.get(name);
  }

  /** Either of an owner, who will advertise it, or in a region of the monitor's. */
  add(name: string, memory: { readonly owner?: Cvm; readonly region?: Region }): SharedFile {
    const file = { name, owner: memory.owner, region: memory.region, rights: new Map(), holders: new Map() };
    this.#files.set(name, file);
    return file;
  }

  /** It is nobody's any more, and nowhere: asked again, nothing happens. */
  remove(file: SharedFile): void {
    this.revoke(file);
    file.region = undefined;
    if (this.#files.get(file.name) === file) this.#files.delete(file.name);
  }

  /** Owner: this memory is the file now. */
  advertise(owner: Cvm, name: string, region: Region): number {
    const file = this.#files.get(name);
    if (file === undefined) return -abi.ENOENT;
    if (file.owner !== owner) return -abi.EPERM;
    if (file.region !== undefined) return -abi.EBUSY;
    if (this.#kernel.sealer.shared(region, abi.FILE_READ) === undefined) return -abi.EINVAL;
    file.region = region;
    return 0;
  }

  /** A handle whose capability is in the c-list; asked again with no more rights, the same. */
  open(cvm: Cvm, name: string, rights: number): number {
    const file = this.#files.get(name);
    if (file === undefined) return -abi.ENOENT;
    if ((rights & ~(file.rights.get(cvm) ?? 0)) !== 0) return -abi.EPERM;
    if (file.region === undefined) return file.owner?.alive === false ? -abi.EPIPE : -abi.EAGAIN;
    const known = file.holders.get(cvm);
    if (known !== undefined) return (rights & ~known.rights) === 0 ? known.handle : -abi.EBUSY;
    return this.grant(file, cvm, rights);
  }

  /** A handle for somebody who has none. */
  grant(file: SharedFile, cvm: Cvm, rights: number): number {
    let handle = cvm.files.indexOf(file);
    if (handle < 0) handle = Array.from({ length: abi.FILE_HANDLES }, (_, at) => cvm.files[at]).indexOf(undefined);
    if (handle < 0) return -abi.ENOMEM;
    this.#kernel.windows.grant(cvm, abi.SLOT_FILE + handle, this.#kernel.sealer.shared(file.region!, rights)!);
    cvm.files[handle] = file;
    file.holders.set(cvm, { handle, rights });
    return handle;
  }

  close(cvm: Cvm, handle: number): void {
    const file = cvm.files[handle]!;
    this.revokeFrom(file, cvm);
    cvm.files[handle] = undefined;
  }

  /** Takes the file from everybody; an owner may advertise it again. */
  revoke(file: SharedFile): void {
    for (const holder of file.holders.keys()) this.revokeFrom(file, holder);
    if (file.owner !== undefined) file.region = undefined;
  }

  revokeFrom(file: SharedFile, holder: Cvm): void {
    const held = file.holders.get(holder);
    if (held === undefined || file.region === undefined) return;
    file.holders.delete(holder);
    this.#kernel.windows.revoke(holder, abi.SLOT_FILE + held.handle, file.region);
    const { base } = file.region;
    const end = regionEnd(file.region);
    for (const thread of this.#kernel.threadsIn(holder))
      if (thread.conditions.some(({ key }) => key >= base && key < end))
        this.#kernel.scheduler.wake(thread, -abi.EREVOKED);
    file.onReturn?.();
  }

  /** A cVM has ended. */
  end(cvm: Cvm): void {
    for (const file of this.#files.values()) {
      if (file.owner === cvm) this.revoke(file);
      else this.revokeFrom(file, cvm);
    }
    cvm.files.length = 0;
  }

  /** A cVM is destroyed: its rights, and the names of its own files. */
  forget(cvm: Cvm): void {
    for (const file of this.#files.values()) {
      file.rights.delete(cvm);
      if (file.owner === cvm) this.remove(file);
    }
  }
}
