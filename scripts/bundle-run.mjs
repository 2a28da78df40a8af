// Makes one file of `capvm run`: loading some sixty small ones costs a short run more than running does. The other verbs
// stay as they are compiled.
import { build } from 'esbuild';

const file = 'dist/src/cli/run.js';
await build({
  entryPoints: [file],
  outfile: file,
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  external: ['#core-bytes'],
  logLevel: 'warning',
});
