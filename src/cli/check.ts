// `capvm check FILE.yaml`: is a manifest right, and who can reach what in it?
import { resolve } from 'node:path';
import { EXIT } from '../host/errors.ts';
import { checkManifest } from './check/check-report.ts';
import { auditText } from './check/text.ts';
import { writeFully } from './files.ts';
import { readManifest } from './host-files.ts';
import { onlyManifest, parseOptions } from './options.ts';
import { printable } from './printable.ts';

export const help = `usage: capvm check [--json] [--strict] FILE.yaml

Checks a manifest against its schema (examples/manifest.schema.json), builds everything as \`capvm up\`
would, runs nothing, and prints the audit: what each cVM may touch, whom it may call, what it sends and
receives, which files it reads and writes, and by whom it can be reached. Errors and warnings come last.

  --json     the audit as one JSON object
  --strict   warnings count as errors

Exit codes: 0 when \`capvm up\` would start it; else what it would exit with: 64 wrong command line, 65 a
manifest or an image that cannot be used, 66 a file that cannot be read, 73 one that cannot be written.
1 for warnings with --strict.
`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('check', args, {
    json: { type: 'boolean' },
    strict: { type: 'boolean' },
  });
  const report = await checkManifest(readManifest(resolve(onlyManifest('check', positionals))));
  writeFully(1, Buffer.from(values.json === true ? `${JSON.stringify(report)}\n` : auditText(report)));
  const [first, ...more] = report.problems.filter(({ kind }) => kind === 'error');
  if (first === undefined) return values.strict === true && report.problems.length > 0 ? EXIT.mismatch : EXIT.ok;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  writeFully(2, Buffer.from(`capvm: ${printable(`${report.file}: ${first.where}: ${first.text}${others}`)}\n`));
  return first.exitCode ?? EXIT.data;
}
