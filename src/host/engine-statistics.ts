// What the engines of a machine did so far: the translator's counters (assembly/translate/map.ts) with names.
import { INSTRET } from '../../assembly/layout.ts';
import {
  COUNT_BYTES,
  COUNT_DROPPED,
  COUNT_ENTRIES,
  COUNT_EXITS,
  COUNT_FLUSHES,
  COUNT_INSTRUCTIONS,
  COUNT_MODULES,
  COUNT_REFUSED,
  COUNT_REGIONS,
  COUNT_REUSED,
  COUNT_TRANSLATED,
  EXIT_ACCESS,
  EXIT_COLD,
  EXIT_HELPER,
  EXIT_INTERPRET,
  EXIT_JUMP,
  EXIT_RAISED,
} from '../../assembly/translate/map.ts';
import type { Core } from './core.ts';

export interface EngineStatistics {
  /** Regions of guest code that were translated, and guest instructions in them; overlapping ones count each. */
  readonly regions: number;
  readonly regionInstructions: number;
  readonly wasmBytes: number;
  readonly wasmBytesPerInstruction: number;
  /** Modules that the host compiled for this machine. */
  readonly modules: number;
  /** Regions whose code another machine of this process, or this one, had had compiled. */
  readonly reused: number;
  /** Attempts that gave no region. */
  readonly refused: number;
  /** Regions dropped: their code was stored to, its page reused, or they were made for another state. */
  readonly dropped: number;
  /** Times all regions were dropped for want of room. */
  readonly evictions: number;
  /** Entries from the interpreter into regions. */
  readonly entries: number;
  /** Ends of translated stretches by cause. */
  readonly exits: {
    /** To code outside, or the slice was over. */
    readonly jump: number;
    /** To code that had not run when the region was made, or that it had no room for. */
    readonly cold: number;
    /** An instruction that only the interpreter executes. */
    readonly interpret: number;
    /** A load or store that is none for the fast path. */
    readonly access: number;
    /** An instruction executed by the core trapped or changed the state. */
    readonly helper: number;
    /** So did the slow path of a load or store. */
    readonly raised: number;
  };
  /** Retired by either engine. */
  readonly translatedInstructions: number;
  readonly interpretedInstructions: number;
  /** In the host's compiler and linker. The engine's own work on other threads is not seen here. */
  readonly compileSeconds: number;
  /** In regions; measured only with the machine option `timeTiers`. */
  readonly translatedSeconds: number | undefined;
}

/** Undefined on a machine that only interprets. */
export function engineStatistics(core: Core): EngineStatistics | undefined {
  const { translator } = core;
  if (translator === undefined) return undefined;
  const exits = (cause: number): number => Number(core.readU64(COUNT_EXITS + cause * 8));
  const translatedInstructions = Number(core.readU64(COUNT_TRANSLATED));
  const [wasmBytes, regionInstructions] = [core.readU32(COUNT_BYTES), core.readU32(COUNT_INSTRUCTIONS)];
  return {
    regions: core.readU32(COUNT_REGIONS),
    regionInstructions,
    wasmBytes,
    wasmBytesPerInstruction: regionInstructions === 0 ? 0 : Math.round((wasmBytes / regionInstructions) * 10) / 10,
    modules: core.readU32(COUNT_MODULES),
    reused: core.readU32(COUNT_REUSED),
    refused: core.readU32(COUNT_REFUSED),
    dropped: core.readU32(COUNT_DROPPED),
    evictions: core.readU32(COUNT_FLUSHES) - 1,
    entries: Number(core.readU64(COUNT_ENTRIES)),
    exits: {
      jump: exits(EXIT_JUMP),
      cold: exits(EXIT_COLD),
      interpret: exits(EXIT_INTERPRET),
      access: exits(EXIT_ACCESS),
      helper: exits(EXIT_HELPER),
      raised: exits(EXIT_RAISED),
    },
    translatedInstructions,
    interpretedInstructions: Number(core.readU64(INSTRET)) - translatedInstructions,
    compileSeconds: translator.compileMilliseconds / 1000,
    translatedSeconds:
      translator.translatedMilliseconds === undefined ? undefined : translator.translatedMilliseconds / 1000,
  };
}
