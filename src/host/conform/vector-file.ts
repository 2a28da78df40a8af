// Reads golden-vector files: JSON lines, plain or gzip. Format: tests/vectors/README.md.
import { VectorError } from '../errors.ts';

/** One parsed line and its number, from 1. */
export interface VectorLine {
  readonly number: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Contents as text, decompressed if they are gzip. */
async function readText(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return await new Response(stream).text();
  } catch {
    throw new VectorError('broken gzip data');
  }
}

/** Yields the lines of a file, parsed one by one: a file may hold tens of thousands. */
export async function* readVectorLines(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<VectorLine> {
  const text = await readText(bytes);
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    number++;
    if (line !== '') yield { number, fields: parseLine(line, number) };
  }
}

function parseLine(line: string, number: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new VectorError(`line ${number} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VectorError(`line ${number} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}

/** A field that holds `0 hhhh hhhh` or hexadecimal digits, with a readable refusal. */
export function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new VectorError(`field ${JSON.stringify(name)} is ${value === undefined ? 'missing' : 'not text'}`);
}

export function hexField(fields: Readonly<Record<string, unknown>>, name: string): bigint {
  return parseHex(textField(fields, name), name);
}

export function parseHex(text: string, name: string): bigint {
  if (!/^[0-9a-f]+$/i.test(text)) throw new VectorError(`field ${JSON.stringify(name)} is not hexadecimal: ${text}`);
  return BigInt(`0x${text}`);
}
