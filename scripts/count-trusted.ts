// Counts the trusted part, monitor and switcher, without blanks and comments: `npm run -s trusted`. Exit code 1 when it
// is over its budget. Counted apart are the numbers shared with guests; what decides who runs when and holds no
// authority (src/monitor/schedule: a mistake there costs time, not isolation); and what is not trusted: the front end,
// which can only ask for what the kernel checks and seal.ts derives (the API, types, manifests, images, an encoding that
// is decoded again before use), and observers, which nothing depends on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BUDGET = 2000;
const SHARED = ['src/monitor/abi.ts'];
const TYPES = ['src/monitor/types.ts'];
const FRONT_END = [
  ...[
    'monitor.ts',
    'manifest.ts',
    'manifest-types.ts',
    'manifest-texts.ts',
    'manifest-schema.ts',
    'deploy.ts',
    'options.ts',
    'host-code.ts',
    'ipc/host-end.ts',
    'spec.ts',
    'image.ts',
    'concentrate.ts',
    'boot-page.ts',
    'errors.ts',
    'index.ts',
  ],
  ...['reach.ts', 'audit.ts', 'charges.ts', 'entropy.ts', 'fault-text.ts', 'stats.ts'],
].map((name) => `src/monitor/${name}`);
const SCHEDULE = 'src/monitor/schedule/';
const BLANK_OR_COMMENT = /^\s*(\/\/.*|\/?\*.*|#( .*)?)?$/;

const sources = readdirSync(join(ROOT, 'src/monitor'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/monitor/${name}`);
const files = [...sources.sort(), 'guests/switcher/switcher.S'];
const count = (file: string): number =>
  readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .filter((line) => !BLANK_OR_COMMENT.test(line)).length;

function report(title: string, names: readonly string[]): number {
  let total = 0;
  for (const name of names) {
    const lines = count(name);
    total += lines;
    console.log(`${String(lines).padStart(5)}  ${name}`);
  }
  console.log(`${String(total).padStart(5)}  ${title}\n`);
  return total;
}

report('front end and observers', FRONT_END);
report('numbers shared with guests', SHARED);
report('types, erased before it runs', TYPES);
for (const name of TYPES) {
  const { outputText } = ts.transpileModule(readFileSync(join(ROOT, name), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, removeComments: true },
  });
  if (outputText.trim() !== 'export {};') throw new Error(`${name} holds more than types`);
}
const isScheduling = (name: string): boolean => name.startsWith(SCHEDULE);
report('scheduling, without authority', files.filter(isScheduling));
const APART = [...FRONT_END, ...SHARED, ...TYPES];
const trusted = files.filter((name) => !APART.includes(name) && !isScheduling(name));
process.exitCode = report(`trusted, of ${BUDGET}`, trusted) < BUDGET ? 0 : 1;
