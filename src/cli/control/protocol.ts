// What goes over a run's control socket: one JSON request a connection, one JSON answer, each a line.
import type { CvmJson } from '../cvm-report.ts';

export const ACTIONS = ['pause', 'resume', 'restart', 'kill', 'stop'] as const;
export type Action = (typeof ACTIONS)[number];

export type Request = { readonly verb: 'ps' } | { readonly verb: Action | 'logs'; readonly name: string };

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
export const REQUEST_BYTES = 1024;

/** Trust: the text may be anything. Undefined: no request. */
export function parseRequest(text: string): Request | undefined {
  const { verb, name } = parseObject(text);
  if (verb === 'ps') return { verb };
  const action = ([...ACTIONS, 'logs'] as const).find((known) => known === verb);
  return action !== undefined && typeof name === 'string' ? { verb: action, name } : undefined;
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
