// Test bench for the privileged architecture: a machine whose traps into M-mode stop it, and single instructions
// placed in RAM and executed in any mode.
import { Machine } from '../../src/host/index.ts';
import type { MachineOptions, Privilege, Stop } from '../../src/host/index.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { encode } from '../helpers/encoder.ts';
import type { Fields } from '../helpers/encoder.ts';

export const RAM = 0x8000_0000n;
/** Where single instructions go; xtvec of the lower modes. */
export const CODE = RAM + 0x1000n;
export const HANDLER = RAM + 0x2000n;
export const DATA = RAM + 0x8000n;
export const CLINT = 0x200_0000n;

export const T0 = 5;
export const T1 = 6;
export const A0 = 10;
export const A1 = 11;

export const URET = 0x0020_0073;
export const MRET = encode('mret');
export const SRET = encode('sret');
export const ECALL = encode('ecall');

// xcause
export const FETCH_ACCESS = 1n;
export const ILLEGAL = 2n;
export const BREAKPOINT = 3n;
export const LOAD_ACCESS = 5n;
export const STORE_ACCESS = 7n;
export const ECALL_U = 8n;
export const ECALL_S = 9n;
export const ECALL_M = 11n;
export const FETCH_PAGE = 12n;
export const LOAD_PAGE = 13n;
export const STORE_PAGE = 15n;
export const CHERI = 28n;
export const INTERRUPT = 1n << 63n;

// mstatus
export const SIE = 1n << 1n;
export const MIE = 1n << 3n;
export const SPIE = 1n << 5n;
export const MPIE = 1n << 7n;
export const SPP = 1n << 8n;
export const MPP_SHIFT = 11n;
export const MPP = 3n << MPP_SHIFT;
export const FS = 3n << 13n;
export const MPRV = 1n << 17n;
export const SUM = 1n << 18n;
export const MXR = 1n << 19n;
export const TVM = 1n << 20n;
export const TW = 1n << 21n;
export const TSR = 1n << 22n;
export const XL = 0xan << 32n;
export const SD = 1n << 63n;

const LEVELS: Record<Privilege, number> = { U: 0, S: 1, M: 3 };
const ALL_MEMORY = (1n << 54n) - 1n;
const NAPOT_RWX = 0x1fn;
const PERM_ACCESS_SYSTEM_REGISTERS_BIT = 1n << 58n;

export class Bench {
  readonly machine: Machine;
  #status = 0n;

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  static async create(options: MachineOptions = {}): Promise<Bench> {
    return new Bench(await Machine.create({ memory: '1M', stopOnMachineTrap: true, ...options }));
  }

  /** After reset, with PMP granting everything to everyone and xtvec of the lower modes at HANDLER. */
  reset(): void {
    this.machine.reset();
    this.#status = 0n;
    this.set('pmpaddr0', ALL_MEMORY);
    this.set('pmpcfg0', NAPOT_RWX);
    for (const tvec of ['stvec', 'utvec']) if (this.has(tvec)) this.set(tvec, HANDLER);
  }

  get mode(): Privilege {
    return this.machine.registers.privilege;
  }

  get(name: string): bigint {
    return this.machine.registers.get(name);
  }

  set(name: string, value: bigint): void {
    this.machine.registers.set(name, value);
  }

  has(csr: string): boolean {
    try {
      this.get(csr);
      return true;
    } catch {
      return false;
    }
  }

  /** From now on `access` makes loads and stores as another mode (MPRV). */
  actAs(mode: Privilege, flags = 0n): void {
    this.#status = MPRV | (BigInt(LEVELS[mode]) << MPP_SHIFT) | flags;
  }

  /** Executes a load or store word in M-mode, as `actAs` said: traps change mstatus, so it is set anew each time. */
  access(word: number): bigint | undefined {
    this.set('mstatus', this.#status);
    return this.word(word).cause;
  }

  /** Takes Access_System_Registers from PCC. */
  dropSystemAccess(): void {
    const pcc = this.machine.registers.capability('pcc');
    this.machine.registers.setCapability('pcc', { ...pcc, high: pcc.high & ~PERM_ACCESS_SYSTEM_REGISTERS_BIT });
  }

  /** Executes one instruction word, or takes the interrupt that comes before it. */
  word(word: number, mode: Privilege = 'M'): Stop {
    this.machine.memory.writeU32(CODE, word);
    const { registers } = this.machine;
    registers.privilege = mode;
    registers.pc = CODE;
    return this.machine.step();
  }

  op(name: string, fields: Fields = {}, mode: Privilege = 'M'): Stop {
    return this.word(encode(name, fields), mode);
  }

  /** Executes one instruction and gives the xcause of the trap into M-mode, if any. */
  cause(name: string, fields: Fields = {}, mode: Privilege = 'M'): bigint | undefined {
    return this.op(name, fields, mode).cause;
  }

  /** Places a program at CODE and runs it up to a trap into M-mode or `budget` instructions. */
  run(build: (code: CodeBuilder) => CodeBuilder, mode: Privilege = 'M', budget = 10_000n): Stop {
    this.machine.memory.write(CODE, build(new CodeBuilder(CODE)).finish());
    this.machine.registers.privilege = mode;
    this.machine.registers.pc = CODE;
    return this.machine.runSync({ budget });
  }

  /** Writes a CSR by instruction, in M-mode, and gives what it reads afterwards. */
  writeBack(csr: number, value: bigint): bigint {
    this.machine.registers.setX(T0, value);
    this.op('csrrw', { d: 0, s: T0, i: csr });
    this.op('csrrs', { d: T1, s: 0, i: csr });
    return this.machine.registers.x(T1);
  }
}
