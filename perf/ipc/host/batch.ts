// What the two processes do to each other: batches of round trips or of messages, each announced by a header, so that
// the serving side needs to know nothing beforehand. A batch of none ends the service.
import type { Kind } from '../rows.ts';
import type { Channel } from './channel.ts';

export interface Batch {
  readonly kind: Kind;
  readonly bytes: number;
  readonly rounds: number;
}

const HEADER_BYTES = 12;
const STREAM_FLAG = 1;

const pattern = (index: number): number => (index * 167 + 13) & 0xff;

/** Nanoseconds from the first byte sent to the last one received. */
export function runBatch(channel: Channel, batch: Batch): number {
  const { kind, bytes, rounds } = batch;
  const outgoing = new Uint8Array(bytes).map((_, index) => pattern(index));
  const incoming = new Uint8Array(kind === 'roundtrip' ? bytes : 1);
  announce(channel, batch);
  const begin = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) {
    channel.send(outgoing);
    if (kind === 'roundtrip') channel.receive(incoming);
  }
  if (kind === 'stream') channel.receive(incoming);
  const nanoseconds = Number(process.hrtime.bigint() - begin);
  if (kind === 'roundtrip' && Buffer.compare(outgoing, incoming) !== 0)
    throw new Error('what came back is not what was sent');
  return nanoseconds;
}

export function endService(channel: Channel): void {
  announce(channel, { kind: 'roundtrip', bytes: 0, rounds: 0 });
}

function announce(channel: Channel, { kind, bytes, rounds }: Batch): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(kind === 'stream' ? STREAM_FLAG : 0, 0);
  header.writeUInt32LE(bytes, 4);
  header.writeUInt32LE(rounds, 8);
  channel.send(header);
}

/** Serves batches until one of none. Throws where the client goes away. */
export function serve(channel: Channel): void {
  const header = Buffer.alloc(HEADER_BYTES);
  for (;;) {
    channel.receive(header);
    const streaming = header.readUInt32LE(0) === STREAM_FLAG;
    const bytes = new Uint8Array(header.readUInt32LE(4));
    const rounds = header.readUInt32LE(8);
    if (rounds === 0) return;
    for (let round = 0; round < rounds; round++) {
      channel.receive(bytes);
      if (!streaming) channel.send(bytes);
    }
    if (streaming) channel.send(new Uint8Array(1));
  }
}
