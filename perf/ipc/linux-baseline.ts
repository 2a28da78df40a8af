// What Debian's Linux spends on the same: guest instructions counted once, quoted here. docs/ipc-comparison.md says how
// they were taken and how far they can be compared.
import { SIZES, type Kind, type Mechanism, type Row } from './rows.ts';

export const CONFIGURATIONS = ['default', 'best-case'] as const;
/** `default`: Debian as it comes. `best-case`: its hardening switched off on the kernel's command line. */
export type Configuration = (typeof CONFIGURATIONS)[number];

export const LINUX_MECHANISMS = ['pipe', 'unix', 'tcp', 'shm_futex'] as const;
type LinuxMechanism = (typeof LINUX_MECHANISMS)[number];

export const LINUX_METHOD = {
  system:
    'Debian 13 riscv64, kernel 6.12.107, one hart (rv64imafdc, Sv39), 250 Hz tick, in QEMU 7.2 with -icount ' +
    '(one instruction = one virtual nanosecond)',
  program:
    'two processes, static glibc 2.36; a round trip is write + read each way (pipe, socketpair, TCP loopback with ' +
    'TCP_NODELAY), or memcpy in and out of a shared mapping with FUTEX_WAIT/WAKE',
  counted: 'all instructions of both processes, of the kernel and of its ticks',
  configurations: {
    default: 'Debian’s own command line',
    'best-case':
      'init_on_alloc=0 hardened_usercopy=off lsm=none apparmor=0 audit=0 cgroup_disable=memory ' +
      'transparent_hugepage=never',
  },
} as const;

/** Instructions by size, in the order of SIZES; a shorter list is for the sizes named with it. */
type Figures = Readonly<Record<LinuxMechanism, readonly number[]>>;

interface Table {
  readonly configuration: Configuration;
  readonly kind: Kind;
  readonly sizes: readonly number[];
  readonly figures: Figures;
}

const TABLES: readonly Table[] = [
  {
    configuration: 'default',
    kind: 'roundtrip',
    sizes: SIZES,
    figures: {
      pipe: [14160, 15224, 14292, 15195, 18532, 47124, 162788, 667807, 2676488],
      unix: [23485, 24866, 24557, 24835, 31686, 51284, 148794, 583949, 2379035],
      tcp: [37848, 39249, 38215, 39104, 43766, 58785, 183640, 639338, 2611300],
      shm_futex: [12448, 12612, 12874, 14185, 19453, 41478, 131174, 487851, 1915882],
    },
  },
  {
    configuration: 'default',
    kind: 'stream',
    sizes: SIZES.slice(1),
    figures: {
      pipe: [3529, 3185, 4331, 8411, 26883, 86095, 345312, 1457076],
      unix: [7569, 7290, 7785, 11763, 26930, 85444, 317874, 1322590],
      tcp: [16860, 16935, 7240, 20091, 25213, 106330, 328705, 1976419],
      shm_futex: [412, 3169, 3911, 6804, 18871, 66465, 258791, 1097188],
    },
  },
  {
    configuration: 'best-case',
    kind: 'roundtrip',
    sizes: [1, 65536, 1048576],
    figures: {
      pipe: [13632, 140_000, 2_330_000],
      unix: [21215, 124_000, 1_880_000],
      tcp: [35395, 167_000, 1_980_000],
      shm_futex: [12399, 131_000, 1_920_000],
    },
  },
  {
    configuration: 'best-case',
    kind: 'stream',
    // Taken as 1.14, 1.05, 1.55 and 1.01 instructions per byte.
    sizes: [65536],
    figures: { pipe: [74711], unix: [68813], tcp: [101581], shm_futex: [66191] },
  },
];

/** Rows of one configuration; `charge` is null: the kernel's instructions are among those counted. */
export function linuxRows(configuration: Configuration): Row[] {
  return TABLES.filter((table) => table.configuration === configuration).flatMap(({ kind, sizes, figures }) =>
    LINUX_MECHANISMS.flatMap((mechanism) =>
      sizes.map((bytes, index) => rowOf(mechanism, kind, bytes, figures[mechanism][index])),
    ),
  );
}

function rowOf(mechanism: Mechanism, kind: Kind, bytes: number, instructions: number): Row {
  return { where: 'linux', mechanism, kind, bytes, instructions, charge: null, nanoseconds: null };
}
