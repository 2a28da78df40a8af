// What a manifest lets each cVM touch, and who can reach whom: from the manifest alone, as the monitor will enforce it.
import { HOST } from '../../monitor/index.ts';
import type { Manifest, ManifestCvm, ManifestFile, ManifestLinux, ManifestStream } from '../../monitor/index.ts';

export interface CvmAudit {
  readonly name: string;
  readonly image: string;
  readonly background: boolean;
  /** What the manifest allows; null: no limit. */
  readonly limits: {
    readonly threads: number;
    readonly faults: number;
    readonly instructions: number | null;
    readonly deadline: number | null;
    readonly restart: string;
    readonly restarts: number;
  };
  readonly calls: readonly { readonly name: string; readonly to: string }[];
  readonly serves: readonly { readonly name: string; readonly from: readonly string[] }[];
  readonly sends: readonly End[];
  readonly receives: readonly End[];
  readonly files: readonly FileAudit[];
  /** Of a Linux program: its network and disks. */
  readonly linux: ManifestLinux | null;
  /** cVMs whose addresses its arguments tell it. */
  readonly told: readonly string[];
  /** Who can make something happen in it, or see or change what it works with. */
  readonly reachedBy: readonly Reach[];
}

export interface End {
  readonly name: string;
  /** A cVM, or host. */
  readonly peer: string;
  /** At the host. */
  readonly file?: string;
}

export interface FileAudit {
  readonly name: string;
  /** `own`: it advertises memory of its own. */
  readonly rights: 'read' | 'write' | 'read and write' | 'own';
  /** Null: what its owner advertises. */
  readonly bytes: number | null;
  readonly owner: string | null;
}

export interface Reach {
  readonly who: string;
  readonly how: 'calls' | 'calls through' | 'sends' | 'writes' | 'lends memory' | 'connects';
  /** Names of entries, streams or files; of `calls through`: the cVMs between, nearest to `who` first. */
  readonly by: readonly string[];
}

/** Restarts that a policy allows if the manifest does not say; as deploy.ts. */
const RESTARTS_DEFAULT = 10;
const ADDRESS = /\$\{address:([^}]*)\}/g;

export function auditOf(manifest: Manifest): CvmAudit[] {
  return manifest.cvms.map((cvm) => cvmAudit(manifest, cvm));
}

function cvmAudit(manifest: Manifest, cvm: ManifestCvm): CvmAudit {
  const { name, image, background = false, threads, faults = 0, restart = 'never' } = cvm;
  const { instructions = null, deadline = null, restarts = restart === 'never' ? 0 : RESTARTS_DEFAULT } = cvm;
  const served = new Set(manifest.calls.filter(({ to }) => to === name).map((call) => call.name));
  return {
    ...{ name, image, background },
    limits: {
      threads: threads ?? (cvm.linux === undefined ? 16 : 64),
      faults,
      instructions,
      deadline,
      restart,
      restarts,
    },
    calls: manifest.calls.filter(({ from }) => from === name).map((call) => ({ name: call.name, to: call.to })),
    serves: [...served].map((entry) => ({ name: entry, from: callersOf(manifest, entry) })),
    sends: manifest.streams.filter(({ from }) => from === name).map((stream) => endOf(stream, stream.to)),
    receives: manifest.streams.filter(({ to }) => to === name).map((stream) => endOf(stream, stream.from)),
    files: manifest.files.map((file) => fileAudit(file, name)).filter((file) => file !== undefined),
    linux: cvm.linux ?? null,
    told: [...new Set(cvm.arguments.flatMap((text) => [...text.matchAll(ADDRESS)].map(([, told]) => told)))],
    reachedBy: reachedBy(manifest, name),
  };
}

const endOf = ({ name, file }: ManifestStream, peer: string): End => ({
  name,
  peer,
  ...(file === undefined ? {} : { file }),
});

const callersOf = ({ calls }: Manifest, entry: string): string[] => [
  ...new Set(calls.filter(({ name }) => name === entry).map(({ from }) => from)),
];

function fileAudit({ name, size, owner, read, write }: ManifestFile, cvm: string): FileAudit | undefined {
  const common = { name, bytes: size ?? null, owner: owner ?? null };
  if (owner === cvm) return { ...common, rights: 'own' };
  if (read.includes(cvm)) return { ...common, rights: write.includes(cvm) ? 'read and write' : 'read' };
  return write.includes(cvm) ? { ...common, rights: 'write' } : undefined;
}

function reachedBy(manifest: Manifest, name: string): Reach[] {
  const { calls, streams, files } = manifest;
  const others = ({ owner, read, write }: ManifestFile): string[] =>
    [owner, ...read, ...write].includes(name) ? write.filter((who) => who !== name) : [];
  const lenders = files.filter(({ owner, read, write }) => owner !== name && [...read, ...write].includes(name));
  return [
    ...grouped('calls', calls.filter(({ to }) => to === name).map((call) => [call.from, call.name])), // prettier-ignore
    ...throughOthers(manifest, name),
    ...grouped('sends', streams.filter(({ to }) => to === name).map((stream) => [stream.from, stream.name])), // prettier-ignore
    ...grouped(
      'writes',
      files.flatMap((file) => others(file).map((who): Pair => [who, file.name])),
    ),
    ...grouped('connects', networkOf(manifest, name)),
    ...grouped('lends memory', lenders.flatMap(({ owner, name: file }) => (owner === undefined ? [] : [[owner, file]]))), // prettier-ignore
  ];
}

type Pair = readonly [who: string, by: string];

/** Who shares a network with it, either way, and the host by its ports. */
function networkOf({ cvms }: Manifest, name: string): Pair[] {
  const own = cvms.find((cvm) => cvm.name === name)?.linux;
  const asking = cvms.filter(({ linux }) => linux?.connect.includes(name) === true).map((cvm) => cvm.name);
  const peers = [...new Set([...asking, ...(own?.connect ?? [])])].map((peer): Pair => [peer, 'the network']);
  return [...peers, ...(own?.publish ?? []).map((port): Pair => [HOST, `port ${port}`])];
}

function grouped(how: Reach['how'], pairs: readonly (readonly string[])[]): Reach[] {
  return [...new Set(pairs.map(([who]) => who))].map((who) => ({
    who,
    how,
    by: pairs.filter((pair) => pair[0] === who).map(([, by]) => by),
  }));
}

/** Who cannot call it, but can call somebody who can, and so on: the shortest way of each. */
function throughOthers({ calls }: Manifest, name: string): Reach[] {
  const callers = (callee: string): Set<string> => new Set(calls.filter(({ to }) => to === callee).map(({ from }) => from)); // prettier-ignore
  const ways = new Map([...callers(name)].map((who): [string, string[]] => [who, []]));
  // Grows while it is gone through: breadth first.
  for (const [between, way] of ways) {
    for (const who of callers(between)) if (who !== name && !ways.has(who)) ways.set(who, [between, ...way]);
  }
  return [...ways].filter(([, way]) => way.length > 0).map(([who, by]) => ({ who, how: 'calls through', by }));
}
