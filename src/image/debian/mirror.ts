// How this system reaches Debian: its package client knows. Debian's own address where it is no Debian system.
import { spawnSync } from 'node:child_process';

export interface Source {
  readonly uri: string;
  readonly suite: string;
}

export interface Mirror {
  readonly sources: readonly Source[];
  /** Lines of a configuration: proxies and the like. */
  readonly settings: readonly string[];
}

const OFFICIAL = { main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };
const RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky', 'duke', 'sid', 'stable', 'testing', 'unstable'];
/** What of the system's settings concerns reaching a mirror. */
const SETTING =
  /^Acquire::(?:https?|ftp|Retries|ForceIPv4|ForceIPv6|Check-Valid-Until|Check-Date)(?:::[\w.:/-]+)? "[^"]*";$/i;

/** `mirror`: the address of a main archive, instead of the system's. */
export function systemMirror(mirror: string | undefined, suite: string): Mirror {
  const settings = systemSettings();
  if (mirror !== undefined) return { sources: [{ uri: mirror, suite }], settings };
  const { main, security } = systemSources() ?? OFFICIAL;
  const sources = [
    { uri: main, suite },
    { uri: main, suite: `${suite}-updates` },
  ];
  return {
    sources: security === undefined ? sources : [...sources, { uri: security, suite: `${suite}-security` }],
    settings,
  };
}

function systemSources(): { readonly main: string; readonly security?: string } | undefined {
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const lines = outputOf('apt-get', ['indextargets', ...format]).map((line) => line.split(' '));
  const uriOf = (suffix: string): string | undefined =>
    lines.find(
      ([, release, component]) => component === 'main' && RELEASES.some((name) => release === name + suffix),
    )?.[0];
  const main = uriOf('');
  return main === undefined ? undefined : { main, security: uriOf('-security') };
}

const systemSettings = (): string[] =>
  outputOf('apt-config', ['dump'])
    .filter((line) => SETTING.test(line))
    .map((line) => `${line}\n`);

function outputOf(program: string, args: readonly string[]): string[] {
  const { stdout, status } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n') : [];
}
