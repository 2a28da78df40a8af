// Puts the compiled core beside the module that loads it, where Node and bundlers look for it.
import { copyFileSync, mkdirSync } from 'node:fs';

const target = new URL('../dist/src/host/', import.meta.url);
mkdirSync(target, { recursive: true });
copyFileSync(new URL('../build/core.wasm', import.meta.url), new URL('core.wasm', target));
