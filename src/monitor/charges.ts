// What the monitor's services count for when cVMs are compared with Linux. The monitor is host code: its work is no
// guest instructions, so each service has a declared price, what Linux spends on the like, counted here and shown apart.

/** Another thread's registers are loaded, the hostcall in which the last one gave up its turn included. */
export const SWITCH_CHARGE = 3000;
/** Any other service: a null system call of Linux. */
export const SERVICE_CHARGE = 442;

/** Services, and what Linux would spend on them. */
export interface Charge {
  readonly switches: number;
  readonly services: number;
  /** In instructions. */
  readonly total: number;
}

interface Counts {
  switches: number;
  services: number;
}

export class Charges implements Charge {
  switches = 0;
  services = 0;
  #last: { readonly cvm: object } | undefined;
  #owed = false;
  readonly #counts = new WeakMap<object, Counts>();

  /** In instructions. */
  get total(): number {
    return priceOf(this);
  }

  /** The part of one cVM: its threads' part. */
  of(cvm: object): Charge {
    const counts = this.#counts.get(cvm) ?? { switches: 0, services: 0 };
    return { ...counts, total: priceOf(counts) };
  }

  /** A trap was answered and its thread goes on. */
  answered(): void {
    this.#count('services');
  }

  /** A trap ended the thread's turn: a part of the switch that follows, or a service if the same thread comes next. */
  gaveUp(): void {
    this.#owed = true;
  }

  turnOf(thread: { readonly cvm: object }): void {
    const last = this.#last;
    const owed = this.#owed;
    this.#last = thread;
    this.#owed = false;
    if (last !== undefined && thread !== last) this.#count('switches');
    else if (owed) this.#count('services');
  }

  #count(kind: keyof Counts): void {
    this[kind]++;
    const { cvm } = this.#last!;
    let counts = this.#counts.get(cvm);
    if (counts === undefined) this.#counts.set(cvm, (counts = { switches: 0, services: 0 }));
    counts[kind]++;
  }
}

const priceOf = ({ switches, services }: Counts): number => switches * SWITCH_CHARGE + services * SERVICE_CHARGE;
