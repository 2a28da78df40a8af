// What goes over a run's control socket: one JSON request a connection, one JSON answer, each a line.
import type { CvmJson } from '../cvm-report.ts';

export const ACTIONS = ['pause', 'resume', 'restart', 'kill', 'stop'] as const;
export type Action = (typeof ACTIONS)[number];

export type Request = { readonly verb: 'ps' } | { readonly verb: Action; readonly name: string };

export interface RunJson {
  readonly run: number;
  readonly file: string;
  readonly seconds: number;
  readonly instructions: number;
  readonly cvms: readonly CvmJson[];
}

/** `error`: why a request was refused, in a line. */
export type Response = { readonly ok: RunJson } | { readonly error: string };

/** A longer request is none. */
export const REQUEST_BYTES = 1024;

/** Trust: the text may be anything. Undefined: no request. */
export function parseRequest(text: string): Request | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { verb, name } = value as Record<string, unknown>;
  if (verb === 'ps') return { verb };
  const action = ACTIONS.find((known) => known === verb);
  return action !== undefined && typeof name === 'string' ? { verb: action, name } : undefined;
}
