// Symbol table of a loaded program: name to address, and address to "name+0x10".
import type { ElfSymbol } from './elf.ts';

export interface SymbolAt {
  readonly name: string;
  readonly offset: bigint;
}

export class SymbolTable {
  readonly #byName = new Map<string, ElfSymbol>();
  readonly #sorted: readonly ElfSymbol[];

  /** `bias` is added to every address (position-independent files that were moved). */
  constructor(symbols: readonly ElfSymbol[] = [], bias = 0n) {
    const located: ElfSymbol[] = [];
    for (const symbol of symbols) {
      if (symbol.kind === 'section' || symbol.kind === 'file') continue;
      const moved = bias === 0n ? symbol : { ...symbol, address: BigInt.asUintN(64, symbol.address + bias) };
      const known = this.#byName.get(moved.name);
      if (known === undefined || (moved.global && !known.global)) this.#byName.set(moved.name, moved);
      // Mapping symbols ($x, $d) and local labels of the assembler say nothing to a reader.
      if (!/^(\$[xd]|\.L)/.test(moved.name)) located.push(moved);
    }
    this.#sorted = located.sort(compareForLookup);
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Address of the symbol called `name`. */
  address(name: string): bigint | undefined {
    return this.#byName.get(name)?.address;
  }

  get(name: string): ElfSymbol | undefined {
    return this.#byName.get(name);
  }

  /** All symbols by ascending address. */
  entries(): readonly ElfSymbol[] {
    return this.#sorted;
  }

  /** The symbol that contains `address`, or the nearest one of unknown size below it. */
  at(address: bigint): SymbolAt | undefined {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle].address <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = this.#sorted[low - 1];
    if (symbol === undefined) return undefined;
    const offset = address - symbol.address;
    if (symbol.size !== 0n && offset >= symbol.size) return undefined;
    return { name: symbol.name, offset };
  }

  /** "<name+0x10>", or "" where nothing is known. */
  describe(address: bigint): string {
    const found = this.at(address);
    if (found === undefined) return '';
    return found.offset === 0n ? `<${found.name}>` : `<${found.name}+0x${found.offset.toString(16)}>`;
  }
}

/** By address; among those at one address the best name for a reader comes last: sized, global, a function. */
function compareForLookup(a: ElfSymbol, b: ElfSymbol): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return rank(a) - rank(b);
}

function rank(symbol: ElfSymbol): number {
  return (symbol.kind === 'function' ? 4 : 0) + (symbol.global ? 2 : 0) + (symbol.size > 0n ? 1 : 0);
}
