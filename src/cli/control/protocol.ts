// What goes over a run's control socket: one JSON request a connection, one JSON answer, each a line. Two requests keep
// their connection: `exec`, over which signals go and the end of the command comes, and `attach`, which is answered by
// one line and then carries the bytes of a standard file of that command.
import type { CvmJson } from '../cvm-report.ts';

export const ACTIONS = ['pause', 'resume', 'restart', 'kill', 'stop'] as const;
export type Action = (typeof ACTIONS)[number];

export interface ExecRequest {
  readonly verb: 'exec';
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface AttachRequest {
  readonly verb: 'attach';
  /** As the answer to `exec` says. */
  readonly session: number;
  /** 0 input, 1 output, 2 errors. */
  readonly channel: number;
}

/** What is answered by one line. */
export type Question = { readonly verb: 'ps' } | { readonly verb: Action | 'logs'; readonly name: string };
export type Request = Question | ExecRequest | AttachRequest;

export interface RunJson {
  readonly run: number;
  readonly file: string;
  readonly seconds: number;
  readonly instructions: number;
  readonly cvms: readonly CvmJson[];
}

/** `logs`: base64. `error`: why a request was refused, in a line. */
export type Response = { readonly ok: RunJson } | { readonly logs: string } | { readonly error: string };

/** A longer request is none. */
export const REQUEST_BYTES = 64 * 1024;

/** Trust: the text may be anything. Undefined: no request. */
export function parseRequest(text: string): Request | undefined {
  const { verb, name, ...rest } = parseObject(text);
  if (verb === 'ps') return { verb };
  if (verb === 'exec' && typeof name === 'string') return parseExec(name, rest);
  if (verb === 'attach') return parseAttach(rest);
  const action = ([...ACTIONS, 'logs'] as const).find((known) => known === verb);
  return action !== undefined && typeof name === 'string' ? { verb: action, name } : undefined;
}

function parseExec(name: string, { argv, env, cwd }: Record<string, unknown>): ExecRequest | undefined {
  const areTexts = (values: unknown[]): values is string[] => values.every((value) => typeof value === 'string');
  if (!Array.isArray(argv) || argv.length === 0 || !areTexts(argv)) return undefined;
  if (typeof env !== 'object' || env === null || !areTexts(Object.values(env))) return undefined;
  if (cwd !== undefined && typeof cwd !== 'string') return undefined;
  return { verb: 'exec', name, argv, env: env as Record<string, string>, cwd };
}

function parseAttach({ session, channel }: Record<string, unknown>): AttachRequest | undefined {
  const isOne = typeof session === 'number' && typeof channel === 'number';
  return isOne && [0, 1, 2].includes(channel) ? { verb: 'attach', session, channel } : undefined;
}

/** Number of a signal to send to a command; undefined: it asks for none. */
export function parseSignal(text: string): number | undefined {
  const { signal } = parseObject(text);
  return typeof signal === 'number' && Number.isInteger(signal) && signal >= 1 && signal <= 64 ? signal : undefined;
}

export interface ExecAnswer {
  /** To attach to; the first answer. */
  readonly session?: number;
  /** The last answer: exit code, and what capvm has to say about it. */
  readonly exit?: number;
  readonly why?: string;
  readonly error?: string;
}

export function parseExecAnswer(text: string): ExecAnswer {
  const { session, exit, why, error } = parseObject(text);
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  const words = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { session: number(session), exit: number(exit), why: words(why), error: words(error) };
}

/** Undefined: no answer of a run as this version knows it. */
export function parseResponse(text: string): Response | undefined {
  const { ok, logs, error } = parseObject(text);
  if (typeof error === 'string') return { error };
  if (typeof logs === 'string') return { logs };
  if (typeof ok !== 'object' || ok === null) return undefined;
  const { run, file, seconds, instructions, cvms } = ok as Record<string, unknown>;
  const isRun = [run, seconds, instructions].every((value) => typeof value === 'number') && typeof file === 'string';
  return isRun && Array.isArray(cvms) ? { ok: ok as RunJson } : undefined;
}

/** Without members for what is no object. */
function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
