// Bytes of the Wasm core everywhere but under Node: fetched from beside this module. Bundlers see the URL and
// ship the file; where one does not (esbuild), copy capvm/core.wasm beside the bundle or pass `core` to create().

export async function loadCoreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL('./core.wasm', import.meta.url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
