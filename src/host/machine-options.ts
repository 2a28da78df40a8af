// Options of Machine.create: checked, given their defaults, and turned into the core's configuration word.
import {
  CONFIG_B,
  CONFIG_CHERI,
  CONFIG_HARDWARE_AD,
  CONFIG_LIKE_QEMU,
  CONFIG_LIKE_SAIL,
  CONFIG_MARKED_TRAPS,
  CONFIG_N,
  CONFIG_RELOCATED,
  CONFIG_S_MODE,
  CONFIG_SEDELEG_WIDE,
  CONFIG_STOP_ON_M_TRAP,
  CONFIG_TRANSLATE,
} from '../../assembly/layout.ts';
import type { CoreSource, Translation } from './core.ts';
import { ArgumentError } from './errors.ts';

export type Engine = 'interp' | 'translate' | 'lockstep' | 'auto';
export const ENGINES: readonly Engine[] = ['interp', 'translate', 'lockstep', 'auto'];

export interface MachineOptions {
  /** RAM in bytes, or text such as '64M' or '2G'. 1 MiB to 3 GiB, a multiple of 4 KiB. Default 256 MiB. */
  readonly memory?: number | string;
  /** `relocated`: integer addresses are offsets from DDC and PCC, as CAP-VMs need. Default `absolute` (ISAv9). */
  readonly addressing?: 'absolute' | 'relocated';
  /** Supervisor mode and Sv39. Default true. */
  readonly sMode?: boolean;
  /**
   * N extension: traps into user mode. `marked`: only out of code whose PCC has the permission User0, and only while UTCC
   * is tagged; all others, delegated or not, go to machine mode. Needs sMode false. Default false.
   */
  readonly userTraps?: boolean | 'marked';
  /** sedeleg keeps every bit of medeleg, so that page and CHERI faults reach user mode too. Default false. */
  readonly sedelegWide?: boolean;
  /** Accessed, dirty and capability-dirty bits of page tables are set by hardware, as on QEMU. Default true. */
  readonly hardwareAD?: boolean;
  /** Capabilities, tags and checks exist. Default true. */
  readonly cheri?: boolean;
  /** Zba, Zbb and Zbs. Default false: RV64GC. */
  readonly bitManipulation?: boolean;
  /** Deviate from the ISA text where this model does; for golden vectors that it recorded alone. */
  readonly like?: 'sail' | 'qemu';
  /** run() stops at every trap into machine mode: the host is the machine-mode software. Default false. */
  readonly stopOnMachineTrap?: boolean;
  /** Guest address of the HTIF dword `tohost`. Default: the program's symbol of that name; null: no HTIF. */
  readonly tohost?: bigint | number | null;
  /**
   * `interp` interprets; `translate` turns hot code into Wasm too; `auto`, the default, is what is best here;
   * `lockstep` does both, compares, and a run throws DifferenceError where they differ.
   */
  readonly engine?: Engine;
  /** Executions after which the translator takes code; 0: whatever is jumped to, at once. Default 4096. */
  readonly translateAfter?: number;
  /** Measure the time in translated code, see Machine.statistics: some tenth of a microsecond per entry. Default false. */
  readonly timeTiers?: boolean;
  /** Default 0. */
  readonly hartId?: number;
  /** The Wasm core, where the package's own file cannot be read or fetched. */
  readonly core?: CoreSource;
}

const KIB = 1024;
export const MEMORY_MINIMUM = KIB ** 2;
export const MEMORY_MAXIMUM = 3 * KIB ** 3;
export const MEMORY_DEFAULT = 256 * KIB ** 2;
const PAGE_BYTES = 4096;

const KNOWN: ReadonlySet<string> = new Set([
  ...['memory', 'addressing', 'sMode', 'userTraps', 'sedelegWide', 'hardwareAD', 'cheri', 'bitManipulation', 'like'],
  ...['stopOnMachineTrap', 'tohost', 'engine', 'translateAfter', 'timeTiers', 'hartId', 'core'],
]);

/** Bytes of a size such as `65536`, `64K`, `64M`, `64MiB`, `2G`. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMG])(?:i?B)?|B)?$/i.exec(text.trim());
  if (match === null)
    throw new ArgumentError(`not a size: ${JSON.stringify(text)} (write 64M, 1.5G or a number of bytes)`);
  const unit = { K: KIB, M: KIB ** 2, G: KIB ** 3 }[(match[2] ?? '').toUpperCase()] ?? 1;
  const bytes = Number(match[1]) * unit;
  if (!Number.isSafeInteger(bytes)) throw new ArgumentError(`${JSON.stringify(text)} is not a whole number of bytes`);
  return bytes;
}

/** RAM size of `options`, checked. */
export function memorySize(options: MachineOptions): number {
  const { memory = MEMORY_DEFAULT } = options;
  const bytes = typeof memory === 'string' ? parseSize(memory) : memory;
  if (!Number.isSafeInteger(bytes) || bytes < MEMORY_MINIMUM || bytes > MEMORY_MAXIMUM) {
    throw new ArgumentError(`memory: ${memory} is out of range, RAM can be 1 MiB to 3 GiB`);
  }
  if (bytes % PAGE_BYTES !== 0) throw new ArgumentError(`memory: ${memory} is not a multiple of 4 KiB`);
  return bytes;
}

/** Does a machine with these options translate? */
export function translates({ engine = 'auto' }: MachineOptions): boolean {
  if (!ENGINES.includes(engine))
    throw new ArgumentError(`engine: ${JSON.stringify(engine)} is none of ${ENGINES.join(', ')}`);
  return engine !== 'interp';
}

/** What the core of a machine with these options is to translate. */
export const translationOf = (options: MachineOptions): Translation =>
  translates(options) ? (options.timeTiers === true ? 'timed' : 'plain') : 'none';

/** What TypeScript's types would have told a JavaScript caller. */
function checkShape(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw new ArgumentError('machine options: not an object');
  const { hartId = 0, like } = options as { hartId?: unknown; like?: unknown };
  if (!Number.isSafeInteger(hartId) || (hartId as number) < 0)
    throw new ArgumentError(`hartId: ${String(hartId)} is no hart number`);
  if (like !== undefined && like !== 'sail' && like !== 'qemu')
    throw new ArgumentError(`like: ${JSON.stringify(like)} is neither "sail" nor "qemu"`);
}

/** The core's CONFIG_* word. */
export function configWord(options: MachineOptions): number {
  checkShape(options);
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw new ArgumentError(`unknown machine option ${JSON.stringify(name)}`);
  }
  const { addressing = 'absolute', sMode = true, hardwareAD = true, cheri = true } = options;
  if (addressing !== 'absolute' && addressing !== 'relocated') {
    throw new ArgumentError(`addressing: ${JSON.stringify(addressing)} is neither "absolute" nor "relocated"`);
  }
  if (addressing === 'relocated' && !cheri) throw new ArgumentError('relocated addressing needs cheri');
  const { userTraps = false } = options;
  if (userTraps === 'marked' ? sMode || !cheri : typeof userTraps !== 'boolean')
    throw new ArgumentError("userTraps: true, false, or 'marked' on a machine without sMode and with cheri");
  return (
    (addressing === 'relocated' ? CONFIG_RELOCATED : 0) |
    (sMode ? CONFIG_S_MODE : 0) |
    (userTraps !== false ? CONFIG_N : 0) |
    (userTraps === 'marked' ? CONFIG_MARKED_TRAPS : 0) |
    (options.sedelegWide === true ? CONFIG_SEDELEG_WIDE : 0) |
    (hardwareAD ? CONFIG_HARDWARE_AD : 0) |
    (cheri ? CONFIG_CHERI : 0) |
    (options.bitManipulation === true ? CONFIG_B : 0) |
    (options.like === 'sail' ? CONFIG_LIKE_SAIL : 0) |
    (options.like === 'qemu' ? CONFIG_LIKE_QEMU : 0) |
    (translates(options) ? CONFIG_TRANSLATE : 0) |
    (options.stopOnMachineTrap === true ? CONFIG_STOP_ON_M_TRAP : 0)
  );
}
