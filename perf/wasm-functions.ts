// Sizes of a Wasm module's functions, by name: V8 gives up its good register allocator in functions that are too large.
const SECTION_CUSTOM = 0;
const SECTION_IMPORT = 2;
const SECTION_CODE = 10;
const NAMES_OF_FUNCTIONS = 1;

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get atEnd(): boolean {
    return this.at >= this.#bytes.length;
  }
  byte(): number {
    return this.#bytes[this.at++]!;
  }
  /** LEB128, unsigned 32 bit. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }
  /** Bytes with their length before them. */
  block(): Reader {
    const length = this.number();
    this.at += length;
    return new Reader(this.#bytes.subarray(this.at - length, this.at));
  }
  text(): string {
    return new TextDecoder().decode(this.block().#bytes);
  }
  get length(): number {
    return this.#bytes.length;
  }
}

function skipLimits(reader: Reader): void {
  const hasMaximum = (reader.byte() & 1) !== 0;
  reader.number();
  if (hasMaximum) reader.number();
}

/** Imported functions come first in the numbering. */
function countImportedFunctions(section: Reader): number {
  let functions = 0;
  for (let left = section.number(); left > 0; left--) {
    section.text();
    section.text();
    const kind = section.byte();
    if (kind === 0) section.number();
    if (kind === 1) section.byte();
    if (kind === 1 || kind === 2) skipLimits(section);
    if (kind === 3) section.at += 2;
    functions += kind === 0 ? 1 : 0;
  }
  return functions;
}

function readNames(section: Reader): Map<number, string> {
  const names = new Map<number, string>();
  if (section.text() !== 'name') return names;
  while (!section.atEnd) {
    const kind = section.byte();
    const map = section.block();
    if (kind !== NAMES_OF_FUNCTIONS) continue;
    for (let left = map.number(); left > 0; left--) names.set(map.number(), map.text());
  }
  return names;
}

/** Bytes of each named function's body in a valid module. */
export function functionSizes(module: Uint8Array): Map<string, number> {
  const reader = new Reader(module.subarray(8));
  const sizes: number[] = [];
  let imported = 0;
  let names = new Map<number, string>();
  while (!reader.atEnd) {
    const id = reader.byte();
    const section = reader.block();
    if (id === SECTION_IMPORT) imported = countImportedFunctions(section);
    if (id === SECTION_CODE) for (let left = section.number(); left > 0; left--) sizes.push(section.block().length);
    if (id === SECTION_CUSTOM) names = new Map([...names, ...readNames(section)]);
  }
  return new Map([...names].map(([index, name]) => [name, sizes[index - imported] ?? 0]));
}
