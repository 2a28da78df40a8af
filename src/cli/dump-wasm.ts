// `capvm run --dump-wasm`: the Wasm of one translated region, as text on stderr or as a module in a file.
import type { EmittedFunctions } from '../host/emitted-functions.ts';
import { ArgumentError } from '../host/errors.ts';
import type { Machine } from '../host/machine.ts';
import { writeFully, writeOutput } from './files.ts';

/** The address that the option names, by number or by symbol. */
export function resolvePlace(machine: Machine, place: string): bigint {
  if (/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(place)) return BigInt(place);
  const address = machine.symbols.address(place);
  if (address !== undefined) return address;
  throw new ArgumentError(`--dump-wasm: ${JSON.stringify(place)} is neither an address nor a symbol of the program`);
}

export function dumpWasm(emitted: EmittedFunctions, pc: bigint, path: string | undefined): void {
  const found = emitted.find(pc);
  if (found === undefined) {
    const why = `0x${pc.toString(16)} was never translated; ${emitted.all.length} regions were`;
    throw new ArgumentError(`--dump-wasm: ${why}`, 'ERR_CVM_NOT_TRANSLATED');
  }
  if (path === undefined) writeFully(2, Buffer.from(emitted.describe(found)));
  else writeOutput(path, emitted.moduleOf(found));
}
