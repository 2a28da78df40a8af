// The audit of a manifest, for people.
import type { ManifestLinux } from '../../monitor/index.ts';
import { sizeText } from '../table.ts';
import type { CvmAudit, End, FileAudit, Reach } from './audit.ts';
import type { CheckReport } from './check-report.ts';

export function auditText(report: CheckReport): string {
  const { file, machine, cvms, problems } = report;
  const free = machine.freeBytes === null ? '' : `, ${sizeText(machine.freeBytes)} of it free`;
  const count = `${cvms.length} ${cvms.length === 1 ? 'cVM' : 'cVMs'}`;
  const lines = [
    `${file}: ${count} in ${machine.memory === null ? 'an unknown size' : sizeText(machine.memory)} of memory${free}`,
  ];
  for (const cvm of cvms) lines.push('', cvm.name, ...cvmLines(cvm).map(([title, text]) => `  ${title.padEnd(12)}${text}`)); // prettier-ignore
  if (problems.length > 0) lines.push('', ...problems.map(({ kind, where, text }) => `${kind}: ${where}: ${text}`));
  return `${lines.join('\n')}\n`;
}

type Line = readonly [title: string, text: string];

function cvmLines(cvm: CheckReport['cvms'][number]): Line[] {
  const { memory, image, background } = cvm;
  const lines: Line[] = [['program', `${image}${background ? ', in the background' : ''}`]];
  if (memory !== null) {
    const others = memory.textUsers - 1;
    const sharing = others === 0 ? '' : `, the same for ${others} ${others === 1 ? 'other' : 'others'}`;
    lines.push([
      'memory',
      `${sizeText(memory.dataBytes)} to read and write, ${sizeText(memory.textBytes)} to execute${sharing}`,
    ]);
  }
  lines.push(['limits', limitsText(cvm.limits)]);
  if (cvm.linux !== null) lines.push(...linuxLines(cvm.linux));
  for (const { name, to } of cvm.calls) lines.push(['calls', `${name} of ${to}`]);
  for (const { name, from } of cvm.serves) lines.push(['serves', `${name} to ${from.join(', ')}`]);
  for (const end of cvm.sends) lines.push(['sends', `${end.name} to ${peerText(end)}`]);
  for (const end of cvm.receives) lines.push(['receives', `${end.name} from ${peerText(end)}`]);
  for (const file of cvm.files) lines.push(['file', fileText(file)]);
  if (cvm.told.length > 0) lines.push(['is told', `where the memory of ${cvm.told.join(', ')} lies`]);
  const reached = cvm.reachedBy.map(reachText);
  lines.push(['reached by', reached[0] ?? 'nobody'], ...reached.slice(1).map((text): Line => ['', text]));
  return lines;
}

const COMMAND_CHARACTERS = 60;

/** A line of it. */
function shortened(command: string): string {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length > COMMAND_CHARACTERS ? `${line.slice(0, COMMAND_CHARACTERS)}…` : line;
}

function linuxLines({ command, processes, publish, connect, allow, volumes }: ManifestLinux): Line[] {
  const many = processes === 1 ? '' : `, ${processes} processes at most`;
  return [
    ['command', `${shortened(command.join(' '))}${many}`],
    ...publish.map((port): Line => ['publishes', port]),
    ...connect.map((peer): Line => ['network', `with ${peer}`]),
    ...allow.map((destination): Line => ['connects', `to ${destination} outside`]),
    ...volumes.map(({ file, size, at }): Line => ['disk', `${at}: ${sizeText(size)} of ${file}, encrypted`]),
  ];
}

const peerText = ({ peer, file }: End): string => (file === undefined ? peer : `${peer}: ${file}`);

function fileText({ name, rights, bytes, owner }: FileAudit): string {
  if (rights === 'own') return `${name}: memory of its own, which it lends`;
  return `${name}: ${rights} ${bytes === null ? `what ${owner} lends` : sizeText(bytes)}`;
}

function reachText({ who, how, by }: Reach): string {
  switch (how) {
    case 'calls':
      return `${who}, who calls ${by.join(', ')}`;
    case 'calls through':
      return `${who}, through calls of ${by.join(', then ')}`;
    case 'sends':
      return `${who}, who sends ${by.join(', ')}`;
    case 'writes':
      return `${who}, who writes file ${by.join(', ')}`;
    case 'connects':
      return `${who}, who connects by ${by.join(', ')}`;
    case 'lends memory':
      return `${who}, whose memory file ${by.join(', ')} is`;
  }
}

function limitsText({ threads, faults, instructions, deadline, restart, restarts }: CvmAudit['limits']): string {
  const parts = [`${threads} ${threads === 1 ? 'thread' : 'threads'}`];
  if (faults > 0) parts.push(`${faults} faults of its own`);
  if (instructions !== null) parts.push(`${instructions} instructions`);
  if (deadline !== null) parts.push(`${deadline} ns`);
  if (restart !== 'never')
    parts.push(`restarted ${restart === 'always' ? 'always' : 'on failure'}, ${restarts} times at most`);
  return parts.join(', ');
}
