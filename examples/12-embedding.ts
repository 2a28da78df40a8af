// Example 12: host code as a peer of cVMs. Two guests of the earlier examples run; this program takes part as a cVM would:
// it calls one's service, serves another's calls, shares a file, and talks through streams.
//
//   npx tsx examples/12-embedding.ts
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Monitor, readImage } from '../src/monitor/index.ts';
import { Peer, PeerError } from '../src/peer/index.ts';

const elf = (name: string): Uint8Array => readFileSync(new URL(`../guests/images/${name}.elf`, import.meta.url));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

export async function main(print: (line: string) => void): Promise<void> {
  const monitor = await Monitor.create({
    switcher: elf('switcher'),
    onConsole: (cvm, output) => print(`[${cvm.name}] ${text(output).trimEnd()}`),
  });
  const peer = Peer.create(monitor, { name: 'host-side', image: elf('peer') });

  const calls = readImage(elf('examples/06-call'), '06-call');
  const streams = readImage(elf('examples/07-stream'), '07-stream');
  const spec = { memory: 65536, background: true };
  const store = monitor.createCvm({ ...spec, name: 'store', image: calls, arguments: ['store'] });
  const front = monitor.createCvm({ ...spec, name: 'front', image: calls, arguments: ['front'] });
  const squares = monitor.createCvm({ ...spec, name: 'squares', image: streams, arguments: ['squares'] });

  // What a manifest would say.
  monitor.allowCall('store', peer.cvm, store);
  monitor.allowCall('store', front, store);
  monitor.allowCall('count', peer.cvm, front);
  monitor.connect('numbers', peer.cvm, squares);
  monitor.connect('squares', squares, peer.cvm);
  for (const cvm of [store, front, squares]) monitor.start(cvm);

  const run = monitor.run();
  await callServices(peer, print);
  await squareNumbers(peer, print);
  await peer.end();
  print(`run: ${(await run).reason}`);
}

async function callServices(peer: Peer, print: (line: string) => void): Promise<void> {
  const [PUT, GET, CRASH] = [0, 1, 3];
  await peer.call('store', [PUT], { buffer: bytes('hello, store\0'), readOnly: true });
  const { value, buffer } = await peer.call('store', [GET], { buffer: new Uint8Array(64) });
  print(`kept: ${text(buffer!.subarray(0, Number(value) - 1))}`);
  print(`letters l: ${(await peer.call('count', ['l'.charCodeAt(0)])).value}`);
  try {
    await peer.call('store', [CRASH], { timeoutNs: 1_000_000_000n });
  } catch (error) {
    if (error instanceof PeerError) print(`crash: ${error.errno}`);
  }
}

async function squareNumbers(peer: Peer, print: (line: string) => void): Promise<void> {
  const sending = peer.send('numbers', bytes('1\n2\n12\n')).then(() => peer.close('numbers'));
  let answer = '';
  for await (const piece of peer.receive('squares')) answer += text(piece);
  await sending;
  print(`squares: ${answer.trim().split('\n').join(' ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
