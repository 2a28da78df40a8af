// What the monitor's services count for when cVMs are compared with Linux. The monitor is host code: its work is no
// guest instructions, so each service has a declared price, what Linux spends on the like, counted here and shown apart.

/** Another thread's registers are loaded, the hostcall in which the last one gave up its turn included. */
export const SWITCH_CHARGE = 3000;
/** Any other service: a null system call of Linux. */
export const SERVICE_CHARGE = 442;

export class Charges {
  switches = 0;
  services = 0;
  #last: object | undefined;
  #owed = false;

  /** In instructions. */
  get total(): number {
    return this.switches * SWITCH_CHARGE + this.services * SERVICE_CHARGE;
  }

  /** A trap was answered and its thread goes on. */
  answered(): void {
    this.services++;
  }

  /** A trap ended the thread's turn: a part of the switch that follows, or a service if the same thread comes next. */
  gaveUp(): void {
    this.#owed = true;
  }

  turnOf(thread: object): void {
    if (this.#last !== undefined && thread !== this.#last) this.switches++;
    else if (this.#owed) this.services++;
    this.#owed = false;
    this.#last = thread;
  }
}
