// A thread of a cVM: saved registers, what it waits for, what it used.
import { CONTEXT_DDC, CONTEXT_PCC, ThreadContext } from '../host/index.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Condition, ThreadState } from './types.ts';

const A0 = 10;
const SP = 2;

export class Thread {
  readonly id: number;
  readonly cvm: Cvm;
  /** Registers while the thread is not running. */
  context = new ThreadContext();
  /** Its crossing stack, if it may call other cVMs. */
  record: Region | undefined;
  /** It was taken out of a call while a hostcall of its was answered: the answer is not for where it is now. */
  evicted = false;
  state: ThreadState = 'ready';
  /** Retired by this thread. */
  instructions = 0n;
  /** What a blocked thread waits for, if that is no condition. */
  waitsFor = '';
  /** What it is blocked on: any of these wakes it. */
  conditions: readonly Condition[] = [];
  /** Simulated time at which a call that it is in is over. */
  limit: bigint | undefined;
  /** Simulated time at which a blocked thread is woken with -ETIMEDOUT. */
  deadline: bigint | undefined;
  /** Result of the blocking hostcall if the deadline comes first. */
  timeoutResult = 0;

  /** To begin at an offset of the cVM's text. */
  constructor(id: number, cvm: Cvm, offset: number, sp: bigint, a0: bigint) {
    const { pcc, ddc } = cvm.resources;
    this.id = id;
    this.cvm = cvm;
    this.context.setCapability(CONTEXT_PCC, { ...pcc, address: pcc.address + BigInt(offset) });
    this.context.setCapability(CONTEXT_DDC, ddc);
    this.context.setX(SP, sp);
    this.context.setX(A0, a0);
  }

  /** Result of the hostcall that the thread is blocked in. */
  setResult(result: number | bigint): void {
    this.context.setX(A0, BigInt(result));
  }
}
