// Runs threads on the machine and answers their traps: hostcalls through the switcher's gate, and everything else,
// which is a fault. Trust: at a trap every register is the guest's, but pc, PCC and, behind the gate, c31.
// Invariant: a turn ends, whatever the guest does: instructions are bounded by the slice, traps by their charge.
import { CONTEXT_DDC, CONTEXT_PCC, leaveTrap } from '../host/index.ts';
import type { Stop } from '../host/index.ts';
import { ECANCELED, EFAULT, ENOSYS, EREVOKED, ETIMEDOUT } from './abi.ts';
import { Charges, SERVICE_CHARGE } from './charges.ts';
import type { Cvm } from './cvm.ts';
import { errorName, isRefusal } from './errors.ts';
import { describeFault } from './fault-text.ts';
import type { Fault } from './fault-text.ts';
import { GONE, HOSTCALLS, YIELD } from './hostcalls.ts';
import type { Answer } from './hostcalls.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';
import { instructionsOf } from './schedule/slice.ts';
import { BLOCKED } from './schedule/wait.ts';

const TRAP_INSTRUCTION_BYTES = 4;
const CAUSE_BREAKPOINT = 3n;
const CAUSE_CHERI = 28n;
const TAG_VIOLATION = 2n;
const RA = 1;
const A0 = 10;
const A7 = 17;
/** Registers that a call may leave anything in: ra is not among them, the landing needs it. */
const TEMPORARIES = [5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31];

export class Executor {
  readonly charges = new Charges();
  readonly #kernel: Kernel;
  /** Where the switcher calls the monitor. */
  readonly #hostcallTrap: bigint;
  /** Where it stops who returns from a call that was not made. */
  readonly #returnTrap: bigint;
  /** The thread whose registers are in the machine. */
  live: Thread | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#hostcallTrap = BigInt(kernel.switcher.place('hostcall_trap'));
    this.#returnTrap = BigInt(kernel.switcher.place('return_trap'));
  }

  /** One turn of one thread: until its slice is used up, it yields, blocks or ends. */
  turn(thread: Thread, slice: bigint): void {
    const { machine } = this.#kernel;
    let left = instructionsOf(thread, slice, this.#kernel.now);
    thread.context.load(machine);
    this.live = thread;
    this.#kernel.switcher.setCurrent(thread.record);
    this.charges.turnOf(thread);
    while (left > 0n && thread.state === 'running' && !this.#kernel.isHeld(thread)) {
      const stop = machine.runSync({ budget: left });
      thread.instructions += stop.instructions;
      thread.cvm.instructions += stop.instructions;
      left -= stop.instructions;
      const goesOn = stop.reason === 'trap' && this.#trap(thread, stop);
      if (stop.reason === 'trap-loop') this.#kernel.end(thread.cvm, 'faulted', 'its trap vector traps');
      if (stop.reason === 'trap') this.charges[goesOn ? 'answered' : 'gaveUp']();
      // Services use up the turn too: a guest that only calls the monitor does not hold it for ever. After wfi and the
      // like it is over: there is nothing that a cVM could wait for.
      if (stop.reason !== 'budget') left = goesOn ? left - BigInt(SERVICE_CHARGE) : 0n;
      this.#checkQuota(thread.cvm);
    }
    // A dead thread's registers stay where they are: the next turn overwrites them all.
    if (thread.state !== 'dead') thread.context.save(machine);
    this.live = undefined;
  }

  /** Takes a stopped thread out of calls whose time is over. */
  endOverdueCalls(thread: Thread): void {
    const { crossings, now } = this.#kernel;
    for (;;) {
      const limit = crossings.limit(thread);
      thread.limit = limit?.time;
      if (limit === undefined || limit.time > now) return;
      if (crossings.unwind(thread, limit.depth, -ETIMEDOUT)) continue;
      return this.#kernel.end(thread.cvm, 'faulted', 'called with a return address outside its code');
    }
  }

  #checkQuota(cvm: Cvm): void {
    const limit = cvm.limits.instructions;
    if (limit === undefined || cvm.instructions < limit || !cvm.alive) return;
    this.#kernel.end(cvm, 'killed', `used up its ${limit} instructions`);
  }

  /** Answers a trap; false ends the turn. */
  #trap(thread: Thread, stop: Stop): boolean {
    if (stop.cause === CAUSE_BREAKPOINT && stop.pc === this.#hostcallTrap) {
      leaveTrap(this.#kernel.machine, TRAP_INSTRUCTION_BYTES);
      return this.#hostcall(thread);
    }
    // At the door of a paused callee, on the instruction behind the one that finds it closed: it tries again after that.
    if (this.#kernel.isHeld(thread) && this.#kernel.switcher.contains(stop.pc)) {
      leaveTrap(this.#kernel.machine, -TRAP_INSTRUCTION_BYTES);
      return false;
    }
    const cvm = this.#kernel.crossings.whereIs(thread);
    const fault = describeFault(this.#kernel.machine, stop, cvm, stop.pc === this.#returnTrap);
    leaveTrap(this.#kernel.machine);
    return this.#fault(thread, cvm, fault);
  }

  #hostcall(thread: Thread): boolean {
    const cvm = this.#kernel.crossings.whereIs(thread);
    const { registers, memory } = this.#kernel.machine;
    if (!this.#kernel.switcher.isCaller(cvm.resources.gate, registers.raw(31))) {
      this.#kernel.end(cvm, 'faulted', 'hostcall with the handle of another cVM');
      return this.#answer(thread, GONE);
    }
    cvm.hostcalls++;
    thread.limit = this.#kernel.crossings.limit(thread)?.time;
    const hostcall = HOSTCALLS.get(registers.x(A7));
    const parameters = [registers.x(A0), registers.x(11), registers.x(12), registers.x(13), registers.x(14), registers.x(15)]; // prettier-ignore
    const answer = hostcall?.handle({ kernel: this.#kernel, memory, cvm, thread, arguments: parameters }) ?? -ENOSYS;
    const name = hostcall?.name ?? `hostcall ${registers.x(A7)}`;
    if (typeof answer === 'number' && answer < 0 && isRefusal(name, answer)) this.#refuse(cvm, name, answer);
    return this.#answer(thread, answer);
  }

  #answer(thread: Thread, answer: Answer): boolean {
    if (this.#wasMoved(thread) || answer === GONE || answer === BLOCKED) return false;
    this.#kernel.machine.registers.setX(A0, answer === YIELD ? 0n : BigInt(answer));
    return answer !== YIELD;
  }

  #wasMoved(thread: Thread): boolean {
    const { evicted } = thread;
    thread.evicted = false;
    return evicted || thread.state === 'dead';
  }

  #refuse(cvm: Cvm, what: string, error: number): void {
    cvm.refusals++;
    this.#kernel.audit.append(cvm.name, 'refusal', `${what}: ${errorName(error)}`, errorName(error));
  }

  /** A fault is the program's business as often as its manifest says, then its end. Other cVMs notice nothing. */
  #fault(thread: Thread, cvm: Cvm, fault: Fault): boolean {
    if (this.#endSend(thread, cvm)) return !this.#wasMoved(thread);
    const { revocation } = cvm;
    if (revocation !== undefined && isGone(fault) && fault.pc >= revocation.from && fault.pc < revocation.to) {
      this.#refuse(cvm, fault.text, -EREVOKED);
      if (this.#wasMoved(thread)) return false;
      this.#goOnAt(thread, cvm, revocation.landing, [BigInt(-EREVOKED)]);
      return true;
    }
    cvm.faults++;
    this.#kernel.audit.append(cvm.name, 'fault', fault.text, fault.check);
    // Who listens to the audit may have ended the cVM, and so taken the thread elsewhere.
    if (this.#wasMoved(thread)) return false;
    // What callers provoke is not held against a callee.
    const isHome = this.#kernel.crossings.path(thread).length === 0;
    const mayGoOn = isHome ? ++cvm.faultsAtHome <= cvm.limits.faults : cvm.limits.faults > 0;
    if (cvm.faultHandler === undefined || !mayGoOn) return this.#abort(thread, fault);
    this.#goOnAt(thread, cvm, cvm.faultHandler, [fault.cause, fault.value, fault.pc]);
    return true;
  }

  /** A trap in a send is the sender's answer. Not when it cannot be told, because it came from outside its code. */
  #endSend(thread: Thread, cvm: Cvm): boolean {
    thread.context.save(this.#kernel.machine);
    const answer = this.#kernel.crossings.answerOfSend(thread);
    const back = thread.context.x(RA);
    if (answer === undefined || !cvm.isCode(back)) return false;
    this.#goOnAt(thread, cvm, Number(back), [answer]);
    if (answer === BigInt(-EFAULT)) this.#refuse(cvm, 'stream_send', -EFAULT);
    return true;
  }

  /** In a call, the fault of the callee is an error for the caller; at home, it is the end. */
  #abort(thread: Thread, fault: Fault): boolean {
    const { machine, crossings } = this.#kernel;
    const depth = crossings.path(thread).length;
    thread.context.save(machine);
    if (depth > 0 && crossings.unwind(thread, depth - 1, -ECANCELED)) {
      thread.context.load(machine);
      return true;
    }
    this.#kernel.end(thread.cvm, 'faulted', fault.text);
    return false;
  }

  /**
   * Continues the live thread at an offset of its text with these arguments, with the authority it began with. Where
   * it was (perhaps in the switcher, with the switcher's registers) leaves no trace in what a call may change.
   */
  #goOnAt(thread: Thread, cvm: Cvm, offset: number, parameters: readonly bigint[]): void {
    const { pcc, ddc } = cvm.resources;
    const { context } = thread;
    context.save(this.#kernel.machine);
    this.#kernel.crossings.freeInWindow(thread);
    for (const index of TEMPORARIES) context.setX(index, 0n);
    parameters.forEach((value, index) => context.setX(A0 + index, value));
    context.setCapability(CONTEXT_PCC, { ...pcc, address: pcc.address + BigInt(offset) });
    context.setCapability(CONTEXT_DDC, ddc);
    context.load(this.#kernel.machine);
    thread.cvm.instructions++;
    this.#kernel.countFault();
  }
}

/** Is it what a thread meets whose capability was taken away? */
const isGone = ({ cause, value }: Fault): boolean => cause === CAUSE_CHERI && (value & 31n) === TAG_VIOLATION;
