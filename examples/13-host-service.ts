// Example 13: a service at the host, for cVMs of a manifest. The client of example 6 finds its callees here, and a file.
//
//   npx tsx examples/13-host-service.ts
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deploy, parseManifest } from '../src/monitor/index.ts';
import { Peer, PeerError } from '../src/peer/index.ts';

const HERE = new URL('./', import.meta.url);
const MANIFEST = `
version: 1
cvms:
  - name: host-side
    image: ../guests/images/peer.elf
    memory: 2M
    threads: 17
    background: true
    arguments: [host-side.in, host-side.out, 16384]
  - name: client
    image: ../guests/images/examples/06-call.elf
    memory: 64K
    arguments: [client]
calls:
  - { name: store, from: client, to: host-side }
  - { name: count, from: client, to: host-side }
files:
  - { name: log, size: 4K, read: [host-side], write: [host-side] }
`;

export async function main(print: (line: string) => void): Promise<void> {
  const { monitor, cvms, start } = await deploy(parseManifest(MANIFEST), {
    switcher: readFileSync(new URL('../guests/images/switcher.elf', HERE)),
    readImage: (name) => readFileSync(new URL(name, HERE)),
    onConsole: (cvm, output) => print(`[${cvm.name}] ${new TextDecoder().decode(output).trimEnd()}`),
  });
  const peer = Peer.attach(monitor, cvms.get('host-side')!);
  start();
  const run = monitor.run();
  await serveStore(peer);
  // The peer is in the background: the run ends with the client. Another one, for the peer's own sake:
  print(`run: ${(await run).reason}`);
  const rest = monitor.run({ background: true });
  print(`calls: ${await passThroughFile(peer, log.join(' '))}`);
  await peer.end();
  await rest;
}

const log: bigint[] = [];

async function serveStore(peer: Peer): Promise<void> {
  const [PUT, GET] = [0n, 1n];
  let kept: Uint8Array = new Uint8Array();
  await peer.serve('store', async ([verb], buffer) => {
    log.push(verb);
    if (verb === PUT && buffer.length > 64) throw new PeerError('E2BIG', 'put');
    if (verb === PUT) kept = buffer;
    else if (verb === GET) return { value: kept.length, buffer: kept };
    else throw new PeerError('ENOSYS', 'store');
    return undefined; // the value is 0
  });
  await peer.serve('count', ([letter]) => kept.filter((byte) => byte === Number(letter)).length);
}

async function passThroughFile(peer: Peer, text: string): Promise<string> {
  const file = peer.file('log', 'rw');
  const size = await file.write(0, new TextEncoder().encode(text));
  return new TextDecoder().decode(await file.read(0, size));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
