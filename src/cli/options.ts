// Command-line parsing shared by the verbs: node:util's parseArgs, with our error family and number formats.
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { ArgumentError } from '../host/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Parsed {
  readonly values: Values;
  readonly positionals: readonly string[];
}

/** Parses options anywhere on the line; what follows `--` is positional. */
export function parseOptions(verb: string, args: readonly string[], options: Options): Parsed {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Values, positionals };
  } catch (error) {
    const first = (error as Error).message.split(/\. |\n/)[0].replace(/\.$/, '');
    throw new ArgumentError(`${verb}: ${first}; see \`capvm help ${verb}\``);
  }
}

/** Value of a text option. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** A count such as 1000000, 1e6, 10M. */
export function count(values: Values, name: string): bigint | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return BigInt(value);
  const match = /^(\d+(?:\.\d+)?(?:e\d+)?)([kmg]?)$/i.exec(value);
  const number = match === null ? NaN : Number(match[1]) * SCALES[match[2].toLowerCase()];
  if (!Number.isSafeInteger(number))
    throw new ArgumentError(`--${name}: ${JSON.stringify(value)} is not a number (write 1000000, 1e6 or 1M)`);
  return BigInt(number);
}

/** An address, hexadecimal with 0x or decimal. */
export function address(values: Values, name: string): bigint | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(value))
    throw new ArgumentError(`--${name}: ${JSON.stringify(value)} is not an address`);
  return BigInt(value);
}

/** One of a few words. */
export function choice<T extends string>(values: Values, name: string, words: readonly T[]): T | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const found = words.find((word) => word === value);
  if (found === undefined)
    throw new ArgumentError(`--${name}: ${JSON.stringify(value)} is none of ${words.join(', ')}`);
  return found;
}

/** The longest that a timer takes. */
const SECONDS_MAXIMUM = 2 ** 31 / 1000 - 1;

/** A number of seconds, not necessarily whole. */
export function duration(values: Values, name: string): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(seconds > 0 && seconds < SECONDS_MAXIMUM))
    throw new ArgumentError(`--${name}: ${JSON.stringify(value)} is not a number of seconds`);
  return seconds;
}

/** The manifest of a verb that takes one. */
export function onlyManifest(verb: string, positionals: readonly string[]): string {
  if (positionals.length === 1 && positionals[0] !== '') return positionals[0];
  const what = positionals.length > 1 ? 'one manifest at a time' : 'no manifest given';
  throw new ArgumentError(`${verb}: ${what}; see \`capvm help ${verb}\``);
}
