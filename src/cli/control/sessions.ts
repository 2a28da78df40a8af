// `capvm exec` as the run sees it: a connection that asks for a command, three that carry its standard files, signals,
// the end. Trust: only this user can connect; a client that goes away in the middle leaves nothing behind.
import type { Socket } from 'node:net';
import { CapvmError } from '../../host/errors.ts';
import type { Command, CommandEnd, Services, StandardSockets } from '../../services/index.ts';
import { readLine } from './lines.ts';
import { parseSignal } from './protocol.ts';
import type { AttachRequest, ExecAnswer, ExecRequest } from './protocol.ts';

const PATIENCE_MILLISECONDS = 5000;

interface Session {
  readonly request: ExecRequest;
  readonly socket: Socket;
  readonly files: (Socket | undefined)[];
  readonly timer: NodeJS.Timeout;
}

export class Sessions {
  readonly #services: Services;
  readonly #wake: () => void;
  /** Those whose standard files are not all there. */
  readonly #waiting = new Map<number, Session>();
  #latest = 0;

  /** `wake`: the run is to look at what has changed. */
  constructor(services: Services, wake: () => void) {
    this.#services = services;
    this.#wake = wake;
  }

  exec(request: ExecRequest, socket: Socket): void {
    const cvm = this.#services.cvms.get(request.name);
    if (cvm === undefined) return end(socket, { error: `there is no cVM called ${JSON.stringify(request.name)}` });
    if (cvm.state !== 'running') return end(socket, { error: `cVM ${cvm.name} is ${cvm.state}` });
    const session = ++this.#latest;
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MILLISECONDS).unref();
    this.#waiting.set(session, { request, socket, files: [undefined, undefined, undefined], timer });
    socket.on('close', () => this.#forget(session));
    tell(socket, { session });
  }

  attach({ session: number, channel }: AttachRequest, socket: Socket): void {
    const session = this.#waiting.get(number);
    if (session === undefined || session.files[channel] !== undefined) return void socket.destroy();
    session.files[channel] = socket;
    socket.write('{}\n');
    if (session.files.includes(undefined)) return;
    clearTimeout(session.timer);
    this.#waiting.delete(number);
    this.#start(session);
  }

  #start({ request, socket, files }: Session): void {
    const cvm = this.#services.cvms.get(request.name)!;
    const finish = ({ code, why }: CommandEnd): void => end(socket, { exit: code, why });
    try {
      const command = this.#services.command(cvm, request, files as unknown as StandardSockets, finish);
      socket.on('close', () => command.hangUp());
      void hear(socket, command);
    } catch (error) {
      for (const file of files) file?.destroy();
      if (!(error instanceof CapvmError)) throw error;
      end(socket, { error: error.message });
    }
    this.#wake();
  }

  #forget(number: number): void {
    const session = this.#waiting.get(number);
    this.#waiting.delete(number);
    clearTimeout(session?.timer);
    for (const file of session?.files ?? []) file?.destroy();
  }
}

/** Signals, until the client has gone. */
async function hear(socket: Socket, command: Command): Promise<void> {
  for (;;) {
    const line = await readLine(socket);
    if (line === undefined) break;
    const signal = parseSignal(line);
    if (signal !== undefined) command.signal(signal);
  }
  command.hangUp();
}

const tell = (socket: Socket, answer: ExecAnswer): void => void socket.write(`${JSON.stringify(answer)}\n`);
const end = (socket: Socket, answer: ExecAnswer): void => void socket.end(`${JSON.stringify(answer)}\n`);
