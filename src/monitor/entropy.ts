// Seeded entropy: the same seed and name give the same bytes, whoever else asks. Not secret by nature: a run is
// reproducible. Source: Blackman and Vigna's xoshiro256**, seeded by splitmix64 over FNV-1a of seed and name.

const MASK = (1n << 64n) - 1n;
const rotateLeft = (value: bigint, count: bigint): bigint => ((value << count) | (value >> (64n - count))) & MASK;

export class Entropy {
  readonly #state: [bigint, bigint, bigint, bigint];

  constructor(seed: bigint, name: string) {
    let hash = 0xcbf29ce484222325n ^ (seed & MASK);
    for (const byte of new TextEncoder().encode(name)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
    const next = (): bigint => {
      hash = (hash + 0x9e3779b97f4a7c15n) & MASK;
      let mixed = ((hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return mixed ^ (mixed >> 31n);
    };
    this.#state = [next(), next(), next(), next()];
  }

  fill(sizeBytes: number): Uint8Array {
    const words = new BigUint64Array(Math.ceil(sizeBytes / 8));
    for (let i = 0; i < words.length; i++) words[i] = this.#next();
    return new Uint8Array(words.buffer, 0, sizeBytes);
  }

  #next(): bigint {
    const s = this.#state;
    const result = (rotateLeft((s[1] * 5n) & MASK, 7n) * 9n) & MASK;
    const t = (s[1] << 17n) & MASK;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 45n);
    return result;
  }
}
