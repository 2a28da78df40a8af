// How manifests and command lines write ports of the host and destinations.
//   publish   6379  6379:6379  8080:80  0.0.0.0:8080:80    host's address 127.0.0.1 unless it is given; host port 0: any
//   allow     192.0.2.7:5432  192.0.2.7:*  host:8080       `host` is this computer itself, 10.0.1.1 in the cVM
import { isIPv4 } from 'node:net';

export interface PublishedPort {
  readonly address: string;
  readonly hostPort: number;
  readonly guestPort: number;
}

export interface Destination {
  /** IPv4, as the cVM calls it. */
  readonly address: string;
  /** Undefined: any. */
  readonly port: number | undefined;
}

/** What cVMs call the host itself. */
export const HOST_ADDRESS = '10.0.1.1';
/** Standard files of commands that the host asks for. */
export const CONTROL_ADDRESS = '10.0.1.2';

/** Undefined: it is none. */
export function parsePublished(text: string): PublishedPort | undefined {
  const parts = text.split(':');
  const address = parts.length === 3 ? parts.shift()! : '127.0.0.1';
  const ports = parts.map(portOf);
  const [hostPort, guestPort] = [ports[0], ports.at(-1)];
  if (ports.length > 2 || !isIPv4(address) || ports.includes(undefined) || guestPort === 0) return undefined;
  return { address, hostPort: hostPort!, guestPort: guestPort! };
}

/** Undefined: it is none. */
export function parseDestination(text: string): Destination | undefined {
  const [, host, portText] = /^([^:]+):(\d+|\*)$/.exec(text) ?? [];
  const port = portText === '*' ? undefined : portOf(portText ?? '');
  const address = host === 'host' ? HOST_ADDRESS : host;
  if (address === undefined || !isIPv4(address) || (portText !== '*' && (port ?? 0) === 0)) return undefined;
  return { address, port };
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return port <= 65535 ? port : undefined;
}
