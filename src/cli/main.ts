#!/usr/bin/env node
// `capvm`: finds the verb, loads only its module, and turns whatever goes wrong into one line and an exit code.

import { writeSync } from 'node:fs';
import type { Action } from './control/protocol.ts';
import { say } from './files.ts';
import { printable } from './printable.ts';

export interface Verb {
  /** Text of `capvm help VERB`. */
  readonly help: string;
  /** Returns the exit code. */
  main(args: readonly string[]): Promise<number>;
}

/** One module per verb, loaded when it is asked for. */
const VERBS: Readonly<Record<string, { summary: string; load: () => Promise<Verb> }>> = {
  run: { summary: 'run a RISC-V program', load: () => import('./run.ts') },
  up: { summary: 'run the cVMs of a manifest', load: () => import('./up.ts') },
  check: { summary: 'check a manifest and show who can reach what', load: () => import('./check.ts') },
  pull: { summary: 'fetch Debian packages as images', load: () => import('./pull.ts') },
  images: { summary: 'images that are there', load: () => import('./images.ts') },
  rm: { summary: 'remove images', load: () => import('./rm.ts') },
  exec: { summary: 'run one more program in a running cVM', load: () => import('./exec.ts') },
  ps: { summary: 'what runs of `up` are doing', load: () => import('./ps.ts') },
  pause: { summary: 'stop a cVM of a run for a while', load: () => loadControl('pause') },
  resume: { summary: 'let a paused cVM go on', load: () => loadControl('resume') },
  restart: { summary: 'let a cVM begin anew', load: () => loadControl('restart') },
  kill: { summary: 'end a cVM', load: () => loadControl('kill') },
  logs: { summary: 'what a cVM of a run has printed', load: () => import('./logs.ts') },
  stop: { summary: 'end a cVM on purpose', load: () => loadControl('stop') },
  disasm: { summary: 'disassemble a program or instruction words', load: () => import('./disasm.ts') },
  conform: { summary: 'replay golden vectors in the machine', load: () => import('./conform.ts') },
  bench: { summary: 'measure communication beside pipes and sockets', load: () => import('./bench.ts') },
  start: { summary: 'cVMs pass a file in every way they have, one attacks them', load: () => import('./start.ts') },
};

async function loadControl(action: Action): Promise<Verb> {
  return (await import('./control-verbs.ts')).controlVerb(action);
}

const EXIT_USAGE = 64;
const EXIT_INTERNAL = 70;
const EXIT_CANNOT_WRITE = 73;
const EXIT_BROKEN_PIPE = 141;

function overview(): string {
  const lines = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `usage: capvm VERB [options]

A CHERI RISC-V machine simulated on WebAssembly.

${lines.join('\n')}
  help      explain a verb: capvm help run
  version   print the version

Exit codes: capvm help exit-codes
`;
}

async function help(topic: string | undefined): Promise<number> {
  if (topic === undefined || topic === 'help') print(overview());
  else if (topic === 'version') print('usage: capvm version\n\nPrints the version of capvm.\n');
  else if (topic === 'exit-codes') print((await import('./exit-codes.ts')).EXIT_CODES_HELP);
  else if (Object.hasOwn(VERBS, topic)) print((await VERBS[topic].load()).help);
  else return complain(`no verb called ${JSON.stringify(topic)}; \`capvm help\` lists them`, EXIT_USAGE);
  return 0;
}

async function version(): Promise<number> {
  const { createRequire } = await import('node:module');
  const { version: number } = createRequire(import.meta.url)('capvm/package.json') as { version: string };
  print(`capvm ${number}\n`);
  return 0;
}

async function dispatch([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) return complain('no verb given; `capvm help` lists them', EXIT_USAGE);
  if (name === 'help' || name === '--help' || name === '-h') return help(args[0]);
  if (name === 'version' || name === '--version' || name === '-v') return version();
  if (!Object.hasOwn(VERBS, name))
    return complain(`no verb called ${JSON.stringify(name)}; \`capvm help\` lists them`, EXIT_USAGE);
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  const verb = name === 'run' && isOfImage(options) ? await import('./run-image.ts') : await VERBS[name].load();
  if (!options.some((arg) => arg === '--help' || arg === '-h')) return verb.main(args);
  print(verb.help);
  return 0;
}

/** `run --image`: a Linux program in a cVM, not a program on a machine. */
const isOfImage = (options: readonly string[]): boolean => options.some((arg) => /^--image(=|$)/.test(arg));

/** process.stdout would load Node's terminal and network modules: milliseconds of every start. */
function print(text: string): void {
  writeSync(1, text);
}

function complain(message: string, exitCode: number): number {
  say(`capvm: ${printable(message)}\n`);
  return exitCode;
}

/** One line for every error. CAPVM_DEBUG=1 adds the stack of an internal one. */
function report(error: unknown): number {
  const { message = String(error), exitCode, code } = error as { message?: string; exitCode?: number; code?: string };
  if (typeof exitCode === 'number') return complain(message, exitCode);
  if (code === 'EPIPE') return EXIT_BROKEN_PIPE;
  if ((error as { syscall?: string }).syscall === 'write')
    return complain(`cannot write: ${message}`, EXIT_CANNOT_WRITE);
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) return complain(message, EXIT_USAGE);
  if (process.env.CAPVM_DEBUG !== undefined && error instanceof Error) say(`${error.stack}\n`);
  return complain(`internal error: ${message.split('\n')[0]} (a bug in capvm, please report it)`, EXIT_INTERNAL);
}

dispatch(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(report(error)),
);
