// The three families of what can go wrong, and the exit codes that the command line gives them.
//   guest trap: a value, see Stop in stop.ts; never thrown.
//   misuse by the host program or the user: CapvmError and its subclasses, with a stable `code`.
//   a bug of ours: InternalError.

/** Exit codes of `capvm`. A guest's own exit code is passed through; these are what capvm itself reports. */
export const EXIT = {
  ok: 0,
  /** `conform`: at least one line differs; `check --strict`: warnings. */
  mismatch: 1,
  /** Wrong command line. */
  usage: 64,
  /** The input exists but is not what it should be: not an ELF, segments outside RAM, a broken vector file. */
  data: 65,
  /** An input file cannot be opened. */
  noInput: 66,
  /** The machine cannot be built here: not enough memory, no Wasm core. */
  unavailable: 69,
  /** A bug in capvm. */
  internal: 70,
  /** An output file cannot be written. */
  cannotCreate: 73,
  /** `up`: a cVM was killed, or used up what it may. */
  killed: 119,
  /** `lockstep`: the engines differ. */
  difference: 120,
  /** The guest waits for an interrupt that can never come; `up`: all cVMs wait for each other. */
  idle: 121,
  /** A trap that the guest does not handle. */
  trap: 122,
  /** `--max-time` is over. */
  time: 123,
  /** `--budget` is used up. */
  budget: 124,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** Misuse: what, where and what to do, with a stable code and the exit code that the command line uses. */
export class CapvmError extends Error {
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A value handed to the API, or to an option of the command line, that cannot be used. */
export class ArgumentError extends CapvmError {
  constructor(message: string, code = 'ERR_CVM_ARGUMENT') {
    super(code, message, EXIT.usage);
  }
}

/** An ELF file that cannot be loaded. `code` says which of the checks refused it. */
export class ElfError extends CapvmError {
  constructor(code: `ERR_CVM_ELF_${string}`, message: string) {
    super(code, message, EXIT.data);
  }
}

/** An access of the host, not of the guest, outside what the machine has. */
export class MemoryAccessError extends CapvmError {
  constructor(message: string, code = 'ERR_CVM_MEMORY_RANGE') {
    super(code, message, EXIT.data);
  }
}

/** A line of a golden-vector file that cannot be read. */
export class VectorError extends CapvmError {
  constructor(message: string) {
    super('ERR_CVM_VECTOR', message, EXIT.data);
  }
}

/** The Wasm core cannot be found, compiled or given its memory. */
export class CoreError extends CapvmError {
  constructor(message: string, code = 'ERR_CVM_CORE') {
    super(code, message, EXIT.unavailable);
  }
}

/** The machine was used after dispose(), or re-entered while it runs. */
export class StateError extends CapvmError {
  constructor(message: string) {
    super('ERR_CVM_STATE', message, EXIT.usage);
  }
}

/** Lockstep found the engines to differ: a bug of one of them. The machine is of no further use. */
export class DifferenceError extends CapvmError {
  /** pc and retired instructions when the engines were last known to agree. */
  readonly startPc: bigint;
  readonly startInstructions: bigint;
  /** What differs, a line each. */
  readonly differences: readonly string[];

  constructor(what: string, pc: bigint, instructions: bigint, endPc: bigint, differences: readonly string[]) {
    const head = `lockstep: the engines differ after a ${what} that began at pc 0x${pc.toString(16)}, instret ${instructions}`;
    const end = `the interpreter is at pc 0x${endPc.toString(16)}`;
    super('ERR_CVM_LOCKSTEP', [`${head}; ${end}`, ...differences].join('\n  '), EXIT.difference);
    this.startPc = pc;
    this.startInstructions = instructions;
    this.differences = differences;
  }
}

/** A bug in capvm itself. */
export class InternalError extends Error {
  readonly code = 'ERR_CVM_INTERNAL';
  readonly exitCode = EXIT.internal;

  constructor(message: string) {
    super(`${message} (a bug in capvm, please report it)`);
    this.name = 'InternalError';
  }
}
