#!/usr/bin/env node
// `capvm`: finds the verb, loads only its module, and turns whatever goes wrong into one line and an exit code.

export interface Verb {
  /** Text of `capvm help VERB`. */
  readonly help: string;
  /** Returns the exit code. */
  main(args: readonly string[]): Promise<number>;
}

/** One module per verb, loaded when it is asked for. */
const VERBS: Readonly<Record<string, { summary: string; load: () => Promise<Verb> }>> = {
  run: { summary: 'run a RISC-V program', load: () => import('./run.ts') },
  disasm: { summary: 'disassemble a program or instruction words', load: () => import('./disasm.ts') },
  conform: { summary: 'replay golden vectors in the machine', load: () => import('./conform.ts') },
};

const EXIT_USAGE = 64;
const EXIT_INTERNAL = 70;

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
  if (topic === undefined || topic === 'help') process.stdout.write(overview());
  else if (topic === 'exit-codes') process.stdout.write((await import('./exit-codes.ts')).EXIT_CODES_HELP);
  else if (Object.hasOwn(VERBS, topic)) process.stdout.write((await VERBS[topic].load()).help);
  else return complain(`no verb called ${JSON.stringify(topic)}; \`capvm help\` lists them`, EXIT_USAGE);
  return 0;
}

async function version(): Promise<number> {
  const { createRequire } = await import('node:module');
  const { version: number } = createRequire(import.meta.url)('capvm/package.json') as { version: string };
  process.stdout.write(`capvm ${number}\n`);
  return 0;
}

async function dispatch([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) return complain('no verb given; `capvm help` lists them', EXIT_USAGE);
  if (name === 'help' || name === '--help' || name === '-h') return help(args[0]);
  if (name === 'version' || name === '--version' || name === '-v') return version();
  if (!Object.hasOwn(VERBS, name))
    return complain(`no verb called ${JSON.stringify(name)}; \`capvm help\` lists them`, EXIT_USAGE);
  if (args[0] === '--help' || args[0] === '-h') return help(name);
  return (await VERBS[name].load()).main(args);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`capvm: ${message}\n`);
  return exitCode;
}

/** One line for every error. CAPVM_DEBUG=1 adds the stack of an internal one. */
function report(error: unknown): number {
  const { message = String(error), exitCode, code } = error as { message?: string; exitCode?: number; code?: string };
  if (typeof exitCode === 'number') return complain(message, exitCode);
  if (code === 'EPIPE') return 0;
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) return complain(message, EXIT_USAGE);
  if (process.env.CAPVM_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return complain(`internal error: ${message.split('\n')[0]} (a bug in capvm, please report it)`, EXIT_INTERNAL);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(report(error)));
dispatch(process.argv.slice(2)).then(
  (code) => finish(code),
  (error: unknown) => finish(report(error)),
);

/** Exits at once unless stdout still has to be written: a pipe takes it asynchronously. */
function finish(code: number): void {
  process.exitCode = code;
  if (process.stdout.writableLength === 0) process.exit(code);
  process.stdout.once('drain', () => process.exit(code));
}
