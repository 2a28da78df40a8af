// Debian packages that a cVM does without: what configures, starts or packages software on a whole Debian system, and
// what only that needs. The package client is told that they are installed, so it resolves everything else as ever. One
// that is asked for by name is fetched all the same.
export const LEFT_OUT: readonly string[] = [
  ...['adduser', 'base-files', 'base-passwd', 'debconf', 'dpkg', 'init-system-helpers', 'install-info', 'login'],
  ...['login.defs', 'lsb-base', 'passwd', 'perl', 'perl-base', 'procps', 'sysvinit-utils', 'systemd', 'systemd-sysv'],
  ...['tar', 'ucf', 'libpam-modules', 'libpam-runtime', 'mawk', 'iproute2', 'ca-certificates', 'dbus', 'udev'],
];

/** Of a package in a tree: what programs do not read when they run, and conversions between old character sets. */
export const LEFT_OUT_PATHS: readonly string[] = [
  'usr/lib/riscv64-linux-gnu/gconv/',
  'usr/share/bug/',
  'usr/share/doc/',
  'usr/share/doc-base/',
  'usr/share/gcc/',
  'usr/share/info/',
  'usr/share/lintian/',
  'usr/share/locale/',
  'usr/share/man/',
];
