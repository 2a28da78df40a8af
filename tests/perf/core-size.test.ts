import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { functionSizes } from '../../perf/wasm-functions.ts';

// V8 (TurboFan) compiles a function of more than 8192 virtual registers with its fast register allocator, which keeps
// everything on the stack: the interpreter then runs a quarter slower. In bytes of Wasm the limit lies between 43,700
// and 45,500 for execute(). Too large? Move rare cases to executeRest, or shorten assembly/isa/pairs.ts.
const MOST_BYTES = 43_800;

describe('the interpreter’s dispatch', () => {
  const sizes = functionSizes(readFileSync(new URL('../../build/core.wasm', import.meta.url)));
  const DISPATCHES = ['assembly/generated/execute/execute', 'assembly/generated/execute-tiered/executeTiered'];

  for (const name of DISPATCHES) {
    it(`${name} is small enough for V8’s good register allocator`, () => {
      expect(sizes.get(name)).to.be.within(1_000, MOST_BYTES);
    });
  }
});
