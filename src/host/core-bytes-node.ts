// Bytes of the Wasm core under Node. The only file of src/host that imports from Node; package.json's "imports"
// picks it or core-bytes-browser.ts for "#core-bytes".
import { readFile } from 'node:fs/promises';

/** The core as built by `npm run build:core`, which copies it beside this module. */
export function loadCoreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL('./core.wasm', import.meta.url));
}
