// What the host has for one Linux program's cVM: its network, its control stream, the commands that go on in it.
import type { ManifestCvm, ManifestLinux } from '../monitor/index.ts';
import { Commands } from './commands.ts';
import { ControlSource } from './control.ts';
import { ServiceError } from './errors.ts';
import { parseDestination, parsePublished } from './network/ports.ts';
import { Uplink } from './network/uplink.ts';
import { Trace } from './trace/trace.ts';

export interface Place {
  readonly cvm: ManifestCvm;
  readonly linux: ManifestLinux;
  /** In stream names. */
  readonly index: number;
  readonly uplink: Uplink;
  readonly control: ControlSource;
  readonly commands: Commands;
  /** Of one whose system calls are looked at. */
  readonly trace?: Trace;
}

export interface PlaceEvents {
  /** There is something to read for the cVM; between turns. */
  onMore(stream: string): void;
  /** The cVM wanted what it may not have. */
  onRefusal(text: string): void;
  /** A line of its trace. */
  onTrace(line: string): void;
}

/** Throws ServiceError: what is to be published or allowed is nonsense. */
export function makePlace(cvm: ManifestCvm, linux: ManifestLinux, index: number, events: PlaceEvents): Place {
  const refuse = (what: string, text: string): never => {
    throw new ServiceError(
      `cVM ${cvm.name}: ${what}: ${JSON.stringify(text)} is none; see \`capvm run --image --help\``,
    );
  };
  for (const text of linux.publish)
    if (parsePublished(text) === undefined) refuse('port to publish (HOST:GUEST or ADDRESS:HOST:GUEST)', text);
  const allowed = linux.allow.map(
    (text) => parseDestination(text) ?? refuse('destination (ADDRESS:PORT, host:PORT, or * for the port)', text),
  );
  const control = new ControlSource(() => events.onMore(`control.${index}`));
  const uplink = new Uplink(allowed, {
    onMore: () => events.onMore(`net.${index}.down`),
    onNonsense: (why) => events.onRefusal(`its network is closed: ${why}`),
    onDenied: (destination) => events.onRefusal(`may not connect to ${destination}`),
    onEnd: () => {
      commands.end('its cVM has ended');
      trace?.finish();
    },
  });
  const commands = new Commands(control, uplink);
  const trace = linux.strace ? new Trace((line) => events.onTrace(line)) : undefined;
  return { cvm, linux, index, control, uplink, commands, trace };
}

export const sizesOf = ({ memory }: ManifestCvm, { processes, kernelMemory }: ManifestLinux) => ({
  processMemory: memory,
  processes,
  kernelMemory,
});
