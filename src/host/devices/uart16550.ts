// 16550A UART as on QEMU's virt board: byte registers at 0x1000_0000, interrupt 10. The transmitter is always
// empty; the receiver reads the console's input queue. Source: National Semiconductor PC16550D data sheet.
import { NO_DEVICE } from './bus.ts';
import type { Device } from './bus.ts';
import type { Console } from './console.ts';

export const UART_BASE = 0x1000_0000;
export const UART_IRQ = 10;

const RBR_THR = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const IER_RECEIVE = 1;
const IER_TRANSMIT = 2;
const LCR_DLAB = 0x80;
const MCR_LOOP = 0x10;
const LSR_READY = 1;
const LSR_TRANSMITTER_EMPTY = 0x60;
/** Carrier detect, data set ready, clear to send. */
const MSR_CONNECTED = 0xb0;
const IIR_NONE = 1;
const IIR_TRANSMIT = 2;
const IIR_RECEIVE = 4;
const IIR_FIFOS = 0xc0;

const FIFO_BYTES = 16;

export class Uart16550 implements Device {
  readonly name = 'uart16550';
  readonly base = UART_BASE;
  readonly sizeBytes = 0x100;
  readonly #console: Console;
  readonly #setInterrupt: (level: boolean) => void;
  readonly #loopback: number[] = [];
  #ier = 0;
  #lcr = 0;
  #mcr = 0;
  #scratch = 0;
  #divisor = 12;
  #fifos = false;
  /** The transmitter-empty interrupt is latched: a write of THR or a read of IIR takes it back. */
  #transmitPending = false;

  constructor(console: Console, setInterrupt: (level: boolean) => void) {
    this.#console = console;
    this.#setInterrupt = setInterrupt;
    console.addInputListener(() => this.#updateInterrupt());
  }

  /** Input would raise an interrupt. */
  get listens(): boolean {
    return (this.#ier & IER_RECEIVE) !== 0;
  }

  reset(): void {
    this.#ier = this.#lcr = this.#mcr = this.#scratch = 0;
    this.#divisor = 12;
    this.#fifos = this.#transmitPending = false;
    this.#loopback.length = 0;
    this.#updateInterrupt();
  }

  load(offset: number, _sizeBytes: number): number {
    if (offset > SCR) return NO_DEVICE;
    const divisorLatch = (this.#lcr & LCR_DLAB) !== 0;
    switch (offset) {
      case RBR_THR:
        return divisorLatch ? this.#divisor & 0xff : this.#receive();
      case IER:
        return divisorLatch ? this.#divisor >> 8 : this.#ier;
      case IIR_FCR:
        return this.#identify();
      case LCR:
        return this.#lcr;
      case MCR:
        return this.#mcr;
      case LSR:
        return LSR_TRANSMITTER_EMPTY | (this.#ready() ? LSR_READY : 0);
      case MSR:
        return (this.#mcr & MCR_LOOP) !== 0 ? loopedModemStatus(this.#mcr) : MSR_CONNECTED;
      default:
        return this.#scratch;
    }
  }

  store(offset: number, _sizeBytes: number, value: number): boolean {
    if (offset > SCR) return false;
    const byte = value & 0xff;
    const divisorLatch = (this.#lcr & LCR_DLAB) !== 0;
    if (offset === RBR_THR && divisorLatch) this.#divisor = (this.#divisor & 0xff00) | byte;
    else if (offset === IER && divisorLatch) this.#divisor = (this.#divisor & 0xff) | (byte << 8);
    else if (offset === RBR_THR) this.#transmit(byte);
    else if (offset === IER) this.#writeIer(byte & 0x0f);
    else if (offset === IIR_FCR) this.#fifos = (byte & 1) !== 0;
    else if (offset === LCR) this.#lcr = byte;
    else if (offset === MCR) this.#mcr = byte & 0x1f;
    else if (offset === SCR) this.#scratch = byte;
    this.#updateInterrupt();
    return true;
  }

  #transmit(byte: number): void {
    if ((this.#mcr & MCR_LOOP) !== 0) this.#loopByte(byte);
    else this.#console.putByte(byte);
    this.#transmitPending = true;
  }

  /** Looped back bytes meet a full FIFO: the newest is lost, as an overrun. */
  #loopByte(byte: number): void {
    if (this.#loopback.length < FIFO_BYTES) this.#loopback.push(byte);
  }

  #receive(): number {
    const byte = (this.#mcr & MCR_LOOP) !== 0 ? (this.#loopback.shift() ?? 0) : Math.max(this.#console.takeByte(), 0);
    this.#updateInterrupt();
    return byte;
  }

  #ready(): boolean {
    if ((this.#mcr & MCR_LOOP) !== 0) return this.#loopback.length > 0;
    if (this.#console.available > 0) return true;
    this.#console.want();
    return false;
  }

  #writeIer(value: number): void {
    // Enabling the interrupt while the transmitter is empty raises it at once.
    if ((value & IER_TRANSMIT) !== 0 && (this.#ier & IER_TRANSMIT) === 0) this.#transmitPending = true;
    if ((value & IER_RECEIVE) !== 0) this.#console.want();
    this.#ier = value;
  }

  #identify(): number {
    const fifos = this.#fifos ? IIR_FIFOS : 0;
    const source = this.#interruptSource();
    if (source === IIR_TRANSMIT) {
      this.#transmitPending = false;
      this.#updateInterrupt();
    }
    return fifos | source;
  }

  #interruptSource(): number {
    if ((this.#ier & IER_RECEIVE) !== 0 && this.#hasInput()) return IIR_RECEIVE;
    if ((this.#ier & IER_TRANSMIT) !== 0 && this.#transmitPending) return IIR_TRANSMIT;
    return IIR_NONE;
  }

  #hasInput(): boolean {
    return (this.#mcr & MCR_LOOP) !== 0 ? this.#loopback.length > 0 : this.#console.available > 0;
  }

  #updateInterrupt(): void {
    this.#setInterrupt(this.#interruptSource() !== IIR_NONE);
  }
}

/** In loop-back the modem outputs are wired to the inputs: RTS to CTS, DTR to DSR, OUT1 to RI, OUT2 to DCD. */
function loopedModemStatus(mcr: number): number {
  return ((mcr & 2) << 3) | ((mcr & 1) << 5) | ((mcr & 4) << 4) | ((mcr & 8) << 4);
}
