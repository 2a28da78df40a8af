// Python's compiled modules, made by Debian's own python3 in a cVM: without them an import of the usual modules executes
// ten times the instructions. Debian's installation makes them too. They come back on the program's standard output.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Monitor } from '../monitor/index.ts';
import { ImageFile } from '../image/index.ts';
import type { PackageImage } from '../image/index.ts';
import { imagesDirectory } from './files.ts';
import { deployLinux } from './linux.ts';

/** What services use, with all that these import in turn. */
const MODULES = [
  ...['argparse', 'asyncio', 'base64', 'bisect', 'collections', 'configparser', 'contextlib', 'copy', 'csv', 'ctypes'],
  ...[
    'dataclasses',
    'datetime',
    'decimal',
    'difflib',
    'email.mime.text',
    'enum',
    'fractions',
    'functools',
    'getopt',
    'glob',
  ],
  ...['gzip', 'hashlib', 'heapq', 'hmac', 'html', 'http.client', 'http.cookies', 'http.server', 'importlib.metadata'],
  ...[
    'inspect',
    'io',
    'ipaddress',
    'json',
    'json.tool',
    'linecache',
    'logging',
    'math',
    'mimetypes',
    'multiprocessing',
  ],
  ...[
    'operator',
    'os',
    'pathlib',
    'pickle',
    'platform',
    'pprint',
    'queue',
    'random',
    're',
    'runpy',
    'secrets',
    'selectors',
    'shlex',
  ],
  ...[
    'shutil',
    'signal',
    'site',
    'socket',
    'socketserver',
    'sqlite3',
    'ssl',
    'statistics',
    'string',
    'struct',
    'subprocess',
  ],
  ...[
    'tempfile',
    'textwrap',
    'threading',
    'time',
    'timeit',
    'tomllib',
    'traceback',
    'types',
    'typing',
    'unittest',
    'urllib.request',
  ],
  ...['uuid', 'warnings', 'weakref', 'xml.etree.ElementTree', 'xmlrpc.client', 'zipfile', 'zlib', 'zoneinfo'],
];

/** Imports all of them, then writes each file as a line "size path" and its bytes. */
const SCRIPT = `
import os, sys
for name in sys.argv[1:]:
    try:
        __import__(name)
    except ImportError:
        pass
out = sys.stdout.buffer
for directory, _, files in os.walk(os.path.dirname(os.__file__)):
    for name in files:
        if name.endswith('.pyc'):
            path = os.path.join(directory, name)
            with open(path, 'rb') as file:
                contents = file.read()
            out.write(b'%d %s\\n' % (len(contents), path.encode()))
            out.write(contents)
out.flush()
`;

const BUDGET = 40_000_000_000n;
const MEBIBYTE = 1024 ** 2;

export const hasPython = ({ image }: PackageImage): boolean =>
  new ImageFile(image).find('/usr/bin/python3') !== undefined;

/** Files to add to an image with Python, by path. Throws Error: it could not be done. */
export async function compilePython(image: PackageImage): Promise<Map<string, Uint8Array>> {
  const parts: Uint8Array[] = [];
  const monitor = await Monitor.create({
    switcher: readFileSync(join(imagesDirectory(), 'switcher.elf')),
    memory: 512 * MEBIBYTE,
    onConsole: (_cvm, bytes, channel) => channel === 0 && parts.push(bytes.slice()),
  });
  try {
    const argv = ['python3', '-c', SCRIPT, ...MODULES];
    const cvm = deployLinux(monitor, {
      name: 'python',
      image,
      argv,
      processMemory: 128 * MEBIBYTE,
      kernelMemory: 96 * MEBIBYTE,
    });
    monitor.start(cvm);
    const { reason } = await monitor.run({ budget: BUDGET });
    const output = Buffer.concat(parts);
    if (cvm.exitCode !== 0) throw new Error(`${cvm.ending ?? reason}: ${output.subarray(-200).toString()}`);
    return filesOf(output);
  } finally {
    monitor.machine.dispose();
  }
}

function filesOf(output: Buffer): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [, size, path] = /^(\d+) (\/[^\n]*\.pyc)$/.exec(output.subarray(at, end).toString()) ?? [];
    if (path === undefined) throw new Error(`unexpected output: ${output.subarray(at, at + 200).toString()}`);
    files.set(path, output.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size);
  }
  return files;
}
