// Counts the trusted part, monitor and switcher, without blanks and comments: `npm run -s trusted`. Exit code 1 when it
// is over its budget.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BUDGET = 2000;
const BLANK_OR_COMMENT = /^\s*(\/\/.*|\/?\*.*|#( .*)?)?$/;

const sources = readdirSync(join(ROOT, 'src/monitor'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/monitor/${name}`);
const files = [...sources.sort(), 'guests/switcher/switcher.S'];
const count = (file: string): number =>
  readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .filter((line) => !BLANK_OR_COMMENT.test(line)).length;

let total = 0;
for (const file of files) {
  const lines = count(file);
  total += lines;
  console.log(`${String(lines).padStart(5)}  ${file}`);
}
console.log(`${String(total).padStart(5)}  of ${BUDGET}`);
process.exitCode = total < BUDGET ? 0 : 1;
