// Arguments of system calls as text, by the words of calls.ts. What a call fills is looked at when it has ended.
import { EVENTS, flagNames, NUMBERS, signalName } from './names.ts';
import type { Peek } from './memory.ts';
import { peekText } from './memory.ts';

const TEXT_BYTES = 64;
const PATH_BYTES = 256;
const BUFFER_BYTES = 32;
const ITEMS = 8;
const WORD_BYTES = 8;

export interface Arguments {
  readonly values: readonly bigint[];
  readonly peek: Peek;
  /** Undefined as long as it goes on. */
  readonly result?: bigint;
}

/** Is it known only at the call's end? */
export const isOutput = (word: string): boolean =>
  ['out', 'pair', 'status', 'iov'].includes(word) || word.endsWith(':out');

export function argumentText(word: string, at: number, call: Arguments): string {
  const value = call.values[at];
  const [kind, parameter = ''] = word.split(':');
  if (Object.hasOwn(NUMBERS, kind)) return NUMBERS[kind](Number(BigInt.asIntN(32, value)));
  const special = SPECIAL[kind];
  if (special !== undefined && value === 0n) return 'NULL';
  const failed = isOutput(word) && (call.result ?? 0n) < 0n;
  return (failed ? undefined : special?.(call, value, parameter)) ?? plain(kind, value);
}

function plain(kind: string, value: bigint): string {
  if (kind === 'u') return String(value);
  if (kind === 'o') return `0${value.toString(8)}`;
  return kind === 'p' && value === 0n ? 'NULL' : `0x${value.toString(16)}`;
}

/** As C writes it; bytes that are no ASCII as \\x. */
export function quoted(bytes: Uint8Array, isWhole: boolean): string {
  const escapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };
  const text = [...bytes].map((byte) => escapes[byte] ?? (byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte))); // prettier-ignore
  return `"${text.join('')}"${isWhole ? '' : '...'}`;
}

type Special = (call: Arguments, value: bigint, parameter: string) => string | undefined;

const SPECIAL: Readonly<Record<string, Special>> = {
  path: ({ peek }, value) => textAt(peek, value, PATH_BYTES),
  in: ({ peek, values }, value, parameter) => bytesAt(peek, value, values[Number(parameter)]),
  out: ({ peek, result = 0n }, value) => bytesAt(peek, value, result),
  pair: ({ peek }, value) =>
    wordsAt(peek, value, 2)
      ?.join(', ')
      .replace(/^(.*)$/, '[$1]'),
  status: ({ peek }, value) => statusText(wordsAt(peek, value, 1)?.[0]),
  iov: ({ peek, values, result = 0n }, value, parameter) => vectorText(peek, value, values[2], parameter === 'in' ? undefined : result), // prettier-ignore
  strings: ({ peek }, value) => stringsText(peek, value),
  timespec: ({ peek }, value) => {
    const view = viewAt(peek, value, 16);
    return view && `{${view.getBigInt64(0, true)} s, ${view.getBigInt64(8, true)} ns}`;
  },
  address: ({ peek, values }, value, parameter) => addressText(peek, value, parameter === 'out' ? 16n : values[2]),
  sigset: ({ peek }, value) => {
    const set = viewAt(peek, value, 8)?.getBigUint64(0, true);
    return set === undefined ? undefined : setText(set);
  },
  event: ({ peek }, value) => eventText(viewAt(peek, value, 16), 0),
  events: ({ peek, result = 0n }, value) => list(Number(result), (at) => eventText(viewAt(peek, value + BigInt(at * 16), 16), 0)), // prettier-ignore
  polls: ({ peek, values }, value) =>
    list(Number(values[1]), (at) => pollText(viewAt(peek, value + BigInt(at * 8), 8))),
};

function viewAt(peek: Peek, address: bigint, size: number): DataView | undefined {
  const bytes = peek(address, size);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, size);
}

function wordsAt(peek: Peek, address: bigint, count: number): number[] | undefined {
  const view = viewAt(peek, address, 4 * count);
  return view && Array.from({ length: count }, (_, at) => view.getInt32(4 * at, true));
}

function textAt(peek: Peek, address: bigint, most: number): string | undefined {
  const found = peekText(peek, address, most);
  return found && quoted(found.bytes, found.isWhole);
}

function bytesAt(peek: Peek, address: bigint, size: bigint): string | undefined {
  const shown = size < BUFFER_BYTES ? Number(size) : BUFFER_BYTES;
  const bytes = size < 0n ? undefined : peek(address, shown);
  return bytes && quoted(bytes, BigInt(shown) === size);
}

/** The first few of so many. */
function list(count: number, item: (at: number) => string | undefined): string | undefined {
  const texts = Array.from({ length: Math.min(Math.max(count, 0), ITEMS) }, (_, at) => item(at));
  if (texts.includes(undefined)) return undefined;
  return `[${texts.join(', ')}${count > ITEMS ? ', ...' : ''}]`;
}

/** `filled`: how much of it a call has filled; undefined: all counts. */
function vectorText(peek: Peek, address: bigint, count: bigint, filled: bigint | undefined): string | undefined {
  let left = filled;
  return list(Number(count), (at) => {
    const view = viewAt(peek, address + BigInt(at * 16), 16);
    if (view === undefined) return undefined;
    const size = view.getBigUint64(8, true);
    const used = left === undefined || size < left ? size : left;
    if (left !== undefined) left -= used;
    return used === 0n ? '""' : bytesAt(peek, view.getBigUint64(0, true), used);
  });
}

function stringsText(peek: Peek, address: bigint): string | undefined {
  const texts: string[] = [];
  for (let at = 0; at < ITEMS; at++) {
    const pointer = viewAt(peek, address + BigInt(at * WORD_BYTES), WORD_BYTES)?.getBigUint64(0, true);
    const text = pointer === undefined || pointer === 0n ? undefined : textAt(peek, pointer, TEXT_BYTES);
    if (pointer === 0n) return `[${texts.join(', ')}]`;
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return `[${texts.join(', ')}, ...]`;
}

function statusText(status: number | undefined): string | undefined {
  if (status === undefined) return undefined;
  const signal = status & 127;
  if (signal === 0) return `[exit ${(status >> 8) & 255}]`;
  return signal === 127 ? `[stopped by ${signalName((status >> 8) & 255)}]` : `[${signalName(signal)}]`;
}

const AF_UNIX = 1;
const AF_INET = 2;

function addressText(peek: Peek, address: bigint, size: bigint): string | undefined {
  const family = size < 2n ? undefined : viewAt(peek, address, 2)?.getUint16(0, true);
  if (family === AF_INET && size >= 8n) {
    const bytes = peek(address, 8);
    return bytes && `${bytes.subarray(4).join('.')}:${bytes[2] * 256 + bytes[3]}`;
  }
  if (family !== AF_UNIX) return undefined;
  const path = size > 2n ? peek(address + 2n, Math.min(Number(size) - 2, 108)) : new Uint8Array();
  const end = path?.indexOf(0, 1) ?? -1;
  return path && `unix ${quoted(end < 0 ? path : path.subarray(0, end), true)}`;
}

/** Fewer than half of all, or those that are not in it. */
function setText(set: bigint): string {
  const numbers = Array.from({ length: 64 }, (_, at) => at + 1);
  const inside = numbers.filter((number) => (set >> BigInt(number - 1)) & 1n);
  const outside = numbers.filter((number) => !inside.includes(number));
  const names = (of: number[]): string => of.map(signalName).join(' ');
  return inside.length <= 32 ? `[${names(inside)}]` : `~[${names(outside)}]`;
}

const eventText = (view: DataView | undefined, at: number): string | undefined =>
  view && `{${flagNames(view.getUint32(at, true), EVENTS)}, 0x${view.getBigUint64(at + 8, true).toString(16)}}`;

const pollText = (view: DataView | undefined): string | undefined =>
  view && `{${view.getInt32(0, true)}, ${flagNames(view.getUint16(4, true), EVENTS)}}`;
