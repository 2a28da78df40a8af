// Further programs in a running cVM (`capvm exec`): asked for over its control stream; their standard files are
// connections of its network with the host; their end comes as a report.
import type { Socket } from 'node:net';
import { EXIT } from '../host/index.ts';
import type { CommandRequest, ControlSource } from './control.ts';
import { ServiceError } from './errors.ts';
import type { Uplink } from './network/uplink.ts';
import type { EndedReport } from './reports.ts';

/** Standard input, output and errors of a command, each a socket of its own. */
export type StandardSockets = readonly [input: Socket, output: Socket, errors: Socket];

export interface CommandEnd {
  readonly code: number;
  /** Why it did not begin, or that its cVM has ended; undefined: it ended by itself. */
  readonly why?: string;
}

const CHANNELS = 3;
/** Numbers of commands: each has three ports (guests/libos/process/command.c). */
const NUMBERS = 20_000;
/** In one cVM at once. */
const COMMANDS = 64;
const [ENOENT, ENOMEM, EACCES, ENOEXEC] = [2, 12, 13, 8];
const SIGHUP = 1;

interface Running {
  readonly program: string;
  readonly sockets: StandardSockets;
  readonly onEnd: (end: CommandEnd) => void;
}

export class Commands {
  readonly #control: ControlSource;
  readonly #uplink: Uplink;
  readonly #running = new Map<number, Running>();
  #latest = 0;

  constructor(control: ControlSource, uplink: Uplink) {
    this.#control = control;
    this.#uplink = uplink;
  }

  /** Its number. `onEnd` is called once. Throws ServiceError. */
  start(request: CommandRequest, sockets: StandardSockets, onEnd: (end: CommandEnd) => void): number {
    if (this.#running.size >= COMMANDS)
      throw new ServiceError('too many commands at once', 'ERR_CVM_SERVICE', EXIT.unavailable);
    do this.#latest = (this.#latest % NUMBERS) + 1;
    while (this.#running.has(this.#latest));
    const number = this.#latest;
    this.#control.command(number, request);
    this.#running.set(number, { program: request.argv[0], sockets, onEnd });
    sockets.forEach((socket, channel) => this.#uplink.offer(number * CHANNELS + channel, socket));
    return number;
  }

  /** To the program and what it started. */
  signal(number: number, signal: number): void {
    if (this.#running.has(number)) this.#control.signal(signal, number);
  }

  /** Whoever asked for it has gone. */
  hangUp(number: number): void {
    this.signal(number, SIGHUP);
  }

  ended({ command, code, errno }: EndedReport): void {
    const running = this.#running.get(command);
    if (running !== undefined) this.#finish(command, errno === 0 ? { code } : { code, why: reason(running, errno) });
  }

  /** Its cVM has ended. */
  end(why: string): void {
    for (const number of [...this.#running.keys()]) this.#finish(number, { code: EXIT.killed, why });
  }

  #finish(number: number, end: CommandEnd): void {
    const { onEnd } = this.#running.get(number)!;
    this.#running.delete(number);
    for (let channel = 0; channel < CHANNELS; channel++) this.#uplink.withdraw(number * CHANNELS + channel);
    onEnd(end);
  }
}

function reason({ program }: Running, errno: number): string {
  const name = JSON.stringify(program);
  if (errno === ENOENT) return `there is no program ${name} in the cVM`;
  if (errno === EACCES || errno === ENOEXEC) return `${name} is no program`;
  if (errno === ENOMEM) return `${name}: no process is free, or no memory; give the cVM more \`processes\``;
  return `${name} cannot be run: error ${errno}`;
}
