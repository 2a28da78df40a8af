// The report of the main job: one object, printed as text or JSON.
import type { Row } from '../../perf/ipc/rows.ts';
import type { Deployment, MonitorStop } from '../monitor/index.ts';
import type { AttackLog } from './attack-log.ts';

export interface Measurement {
  readonly reason: MonitorStop['reason'];
  /** `ended`, or why it did not end. */
  readonly explanation: string;
  /** Of the transfer. */
  readonly seconds: number;
  readonly instructions: bigint;
  readonly perCvm: ReadonlyMap<string, bigint>;
}

export interface Transfer extends Measurement {
  readonly digest: string | undefined;
  readonly input: { readonly name: string; readonly bytes: number; readonly digest: string } | undefined;
  readonly attacks: AttackLog;
}

export interface StartReport {
  readonly schema: 1;
  readonly ok: boolean;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly expected: string | null;
  readonly stop: string;
  readonly instructions: number;
  readonly seconds: number;
  readonly mips: number;
  readonly bytesPerSecond: number;
  /** Of the cVMs that do the work, without the attacker; null for an empty file. */
  readonly instructionsPerByte: number | null;
  readonly streams: readonly { readonly name: string; readonly bytes: number }[];
  readonly cvms: readonly {
    readonly name: string;
    readonly state: string;
    readonly exitCode: number | null;
    readonly instructions: number;
    readonly hostcalls: number;
    readonly faults: number;
    readonly background: boolean;
    readonly ending: string;
  }[];
  readonly attacks: {
    readonly attempts: number;
    readonly stoppedByCheck: Readonly<Record<string, number>>;
    readonly refusedByMonitor: Readonly<Record<string, number>>;
    readonly foundNothing: number;
    readonly obtained: number;
  };
  /** Of the IPC comparison. */
  readonly rows: readonly Row[];
}

export function reportOf({ monitor }: Deployment, transfer: Transfer): StartReport {
  const { input, digest, seconds, attacks, perCvm } = transfer;
  const workers = monitor.cvms.filter(({ background }) => !background);
  const worked = workers.reduce((sum, { name }) => sum + Number(perCvm.get(name) ?? 0n), 0);
  const bytes = input?.bytes ?? 0;
  const instructions = Number(transfer.instructions);
  const workersFine = workers.every(
    ({ state, exitCode, faults }) => state === 'exited' && exitCode === 0 && faults === 0,
  );
  const expected = input?.digest ?? null;
  return {
    schema: 1,
    ok:
      transfer.reason === 'ended' &&
      workersFine &&
      digest !== undefined &&
      digest === expected &&
      attacks.count('obtained') === 0,
    file: input?.name ?? '',
    bytes,
    sha256: digest ?? null,
    expected,
    stop: transfer.explanation,
    instructions,
    seconds,
    mips: instructions / seconds / 1e6,
    bytesPerSecond: bytes / seconds,
    instructionsPerByte: bytes === 0 ? null : worked / bytes,
    streams: [...monitor.streams.values()].map(({ name, bytes }) => ({ name, bytes: Number(bytes) })),
    cvms: monitor.cvms.map((cvm) => ({
      name: cvm.name,
      state: cvm.state,
      exitCode: cvm.exitCode ?? null,
      instructions: Number(perCvm.get(cvm.name) ?? 0n),
      hostcalls: cvm.hostcalls,
      faults: cvm.faults,
      background: cvm.background,
      ending: cvm.ending,
    })),
    attacks: {
      attempts: attacks.size,
      stoppedByCheck: Object.fromEntries(attacks.tally('check')),
      refusedByMonitor: Object.fromEntries(attacks.tally('refused')),
      foundNothing: attacks.count('nothing') + attacks.count('open'),
      obtained: attacks.count('obtained'),
    },
    rows: [],
  };
}

export function textReport(report: StartReport): string {
  const lines = [...transferLines(report), '', ...cvmLines(report), ...attackLines(report), '', verdict(report)];
  return `${lines.join('\n')}\n`;
}

/** 1,234,567 */
const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

function transferLines(report: StartReport): string[] {
  const perByte =
    report.instructionsPerByte === null
      ? ''
      : `, ${report.instructionsPerByte.toFixed(1)} per byte without the attacker`;
  return [
    `file           ${report.file}, ${count(report.bytes)} bytes`,
    `sha256         ${report.sha256 ?? 'none'}  (in the cVM)`,
    `               ${report.expected ?? 'none'}  (Node)`,
    `instructions   ${count(report.instructions)}${perByte}`,
    `time           ${report.seconds.toFixed(2)} s, ${report.mips.toFixed(1)} MIPS, ${count(report.bytesPerSecond)} bytes/s`,
  ];
}

function cvmLines(report: StartReport): string[] {
  return report.cvms.map((cvm) => {
    const ending =
      cvm.background && cvm.state === 'running' ? 'in the background' : cvm.ending === '' ? cvm.state : cvm.ending;
    return `${cvm.name.padEnd(14)} ${count(cvm.instructions)} instructions, ${count(cvm.hostcalls)} hostcalls, ${count(cvm.faults)} faults; ${ending}`;
  });
}

function attackLines({ attacks }: StartReport): string[] {
  if (attacks.attempts === 0) return [];
  const table = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).map(([name, times]) => `  ${name.padEnd(32)} ${count(times).padStart(9)}`);
  return [
    '',
    `attacks        ${count(attacks.attempts)} attempts to read, change or enter what belongs to others`,
    'stopped by the processor:',
    ...table(attacks.stoppedByCheck),
    'refused by the monitor:',
    ...table(attacks.refusedByMonitor),
    `found nothing to take: ${count(attacks.foundNothing)}; obtained something: ${count(attacks.obtained)}`,
  ];
}

function verdict(report: StartReport): string {
  if (report.ok && report.attacks.attempts === 0) return 'The digests agree.';
  if (report.ok) return 'The digests agree, the others are unharmed, the attacker got nothing.';
  if (report.stop !== 'ended') return `Not finished: ${report.stop}`;
  if (report.expected === null) return 'Nothing was passed: no stream of the manifest comes from the host.';
  if (report.attacks.obtained > 0) return 'THE ATTACKER GOT SOMETHING.';
  return report.sha256 === report.expected ? 'A cVM failed, see above.' : 'THE DIGESTS DIFFER.';
}
