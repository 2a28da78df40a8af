// What a decoded instruction is about to do to memory: address, size, direction and the authorising register,
// from the register values before it runs. For trap reports and the trace.
import { CONFIG, CONFIG_RELOCATED, DDC } from '../../assembly/layout.ts';
import type { Core } from './core.ts';
import { operationOf } from './decode.ts';
import type { Decoded } from './decode.ts';
import { xPointer } from './register-names.ts';

export interface MemoryAccess {
  readonly kind: 'load' | 'store' | 'amo';
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly capability: boolean;
  readonly authority: 'ddc' | 'cap';
}

type Shape = Omit<MemoryAccess, 'address'>;

const shapes = new Map<string, Shape | undefined>();
const ATOMIC = /^(lr|sc|scx|amoswap)\.([bhwdc])\.(ddc|cap)$/;

/** The access of `decoded`, if it makes one. */
export function memoryAccess(core: Core, decoded: Decoded): MemoryAccess | undefined {
  const name = decoded.instruction.operation;
  if (!shapes.has(name)) shapes.set(name, shapeOf(decoded));
  const shape = shapes.get(name);
  if (shape === undefined) return undefined;
  const immediate = decoded.instruction.immediate;
  const offset = immediate === 'I' || immediate === 'S' ? BigInt(decoded.immediate) : 0n;
  const relocated = shape.authority === 'ddc' && (core.readU32(CONFIG) & CONFIG_RELOCATED) !== 0;
  const address = core.readU64(xPointer(decoded.rs1)) + offset + (relocated ? core.readU64(DDC) : 0n);
  return { ...shape, address: BigInt.asUintN(64, address) };
}

function shapeOf(decoded: Decoded): Shape | undefined {
  const { name, semantics } = operationOf(decoded);
  switch (semantics.kind) {
    case 'load':
      return shape('load', semantics.sizeLog2, semantics.authority);
    case 'store':
      return shape('store', semantics.sizeLog2, semantics.authority);
    case 'amo':
      return shape('amo', semantics.sizeLog2, semantics.authority);
    default: {
      if (name === 'cloadtags') return { ...shape('load', 6, 'cap'), capability: false };
      const match = ATOMIC.exec(name);
      if (match === null) return undefined;
      const kind = match[1] === 'lr' ? 'load' : match[1] === 'amoswap' ? 'amo' : 'store';
      return shape(kind, 'bhwdc'.indexOf(match[2]), match[3] as 'ddc' | 'cap');
    }
  }
}

function shape(kind: MemoryAccess['kind'], sizeLog2: number, authority: 'ddc' | 'cap'): Shape {
  return { kind, sizeBytes: 1 << sizeLog2, capability: sizeLog2 === 4, authority };
}
