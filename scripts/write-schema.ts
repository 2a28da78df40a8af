// Writes the published JSON Schema of manifests from its source: `npm run schema`.
import { writeFileSync } from 'node:fs';
import { MANIFEST_SCHEMA } from '../src/monitor/manifest-schema.ts';

writeFileSync(
  new URL('../examples/manifest.schema.json', import.meta.url),
  `${JSON.stringify(MANIFEST_SCHEMA, null, 2)}\n`,
);
