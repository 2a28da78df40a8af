// The manifest's JSON Schema. Published as examples/manifest.schema.json (`npm run schema` writes it from here, a test
// compares), so that editors can check manifests while they are written.

const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$';
const SIZE = {
  description: 'Bytes, or text such as 512K, 64M, 1G.',
  anyOf: [
    { type: 'integer', minimum: 1 },
    { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?\\s*([KMGkmg](i?[Bb])?|[Bb])?$' },
  ],
} as const;

/** A list of what connects two: a name, from, to. */
const connections = <More extends object>(name: object, from: string, to: string, more: More) => ({
  type: 'array',
  maxItems: 1000,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'from', 'to'],
    properties: {
      name: { type: 'string', pattern: NAME, ...name },
      from: { type: 'string', pattern: NAME, description: from },
      to: { type: 'string', pattern: NAME, description: to },
      ...more,
    },
  },
});

export const MANIFEST_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'capvm manifest',
  description: 'cVMs that run together on one machine, and the streams that connect them.',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'cvms'],
  properties: {
    version: { const: 1, description: 'Of this format.' },
    machine: {
      type: 'object',
      additionalProperties: false,
      properties: {
        memory: { ...SIZE, description: 'RAM of the machine. Default 64M.' },
        slice: {
          type: 'integer',
          minimum: 1000,
          maximum: 10_000_000,
          description: "Instructions of a thread's turn. Default 200000.",
        },
        seed: { type: 'integer', minimum: 0, description: 'Of all entropy. Default 1.' },
      },
    },
    cvms: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'image', 'memory'],
        properties: {
          name: { type: 'string', pattern: NAME },
          image: {
            type: 'string',
            minLength: 1,
            description: 'ELF file, relative to the manifest; with a command: package image, of capvm pull.',
          },
          memory: {
            ...SIZE,
            description: 'Data, heap and stacks; code is extra and shared. With a command: of each process.',
          },
          stack: { ...SIZE, description: 'Of the first thread. Default 32K.' },
          arguments: {
            type: 'array',
            maxItems: 64,
            items: { type: ['string', 'number'] },
            description:
              "Of main. ${address:NAME} stands for where the data of a cVM listed earlier lies: for attackers' eyes.",
          },
          threads: { type: 'integer', minimum: 1, maximum: 1024, description: 'At once. Default 16.' },
          faults: {
            type: 'integer',
            minimum: 0,
            description: 'That its own handler may take before the next one ends it. Default 0.',
          },
          instructions: {
            type: 'integer',
            minimum: 1,
            description: 'It may execute from its start on. Default: no limit.',
          },
          deadline: {
            type: 'integer',
            minimum: 1,
            description: 'Simulated nanoseconds it may live from its start on. Default: no limit.',
          },
          restart: {
            enum: ['never', 'on-failure', 'always'],
            description:
              'When it has ended by itself, a fault or a limit; on-failure: not after exit code 0. Default never.',
          },
          restarts: {
            type: 'integer',
            minimum: 0,
            maximum: 1_000_000,
            description: 'So many times at most. Default 10.',
          },
          background: { type: 'boolean', description: 'The run does not wait for its end. Default false.' },
          command: {
            type: 'array',
            minItems: 1,
            maxItems: 1000,
            items: { type: ['string', 'number'] },
            description: 'A Linux program of the package image, and its arguments.',
          },
          env: {
            type: 'object',
            additionalProperties: { type: ['string', 'number'] },
            description: 'Of its environment.',
          },
          cwd: { type: 'string', pattern: '^/', description: 'Where it starts. Default /.' },
          processes: { type: 'integer', minimum: 1, maximum: 64, description: 'At once. Default 1.' },
          kernel_memory: { ...SIZE, description: 'Of the library OS: files written, connections. Default 8M.' },
          publish: {
            type: 'array',
            maxItems: 100,
            items: { type: ['string', 'integer'] },
            description:
              'Ports of the host that lead into it: HOST:GUEST, or ADDRESS:HOST:GUEST. Default address 127.0.0.1.',
          },
          connect: {
            type: 'array',
            maxItems: 7,
            items: { type: 'string', pattern: NAME },
            description: 'cVMs with a command that it has a network with, each under its name.',
          },
          allow: {
            type: 'array',
            maxItems: 100,
            items: { type: 'string', minLength: 1 },
            description: 'Where it may connect to outside: ADDRESS:PORT, ADDRESS:*; host is this computer (10.0.1.1).',
          },
          volumes: {
            type: 'array',
            maxItems: 4,
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['file', 'size', 'at'],
              properties: {
                file: { type: 'string', minLength: 1, description: 'Encrypted disk image, relative to the manifest.' },
                key: { type: 'string', minLength: 1, description: 'File of its key. Default: the image and .key.' },
                size: { ...SIZE, description: 'Of the disk.' },
                at: { type: 'string', pattern: '^/.', description: 'Directory where it is mounted.' },
              },
            },
            description: 'Disks that outlive it.',
          },
          stdin: { type: 'string', pattern: NAME, description: 'The stream to it that is its standard input.' },
          strace: { type: 'boolean', description: 'Its system calls are shown on standard error. Default false.' },
        },
      },
    },
    streams: connections({}, 'A cVM, or host.', 'A cVM, or host.', {
      file: { type: 'string', minLength: 1, description: "The host's end, relative to the manifest." },
    }),
    calls: connections(
      { description: 'Of the entry that the callee offers.' },
      'A cVM that may call.',
      'The cVM that serves.',
      {},
    ),
    files: {
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { type: 'string', pattern: NAME },
          size: { ...SIZE, description: 'Of memory that the monitor gives. Not with owner.' },
          owner: {
            type: 'string',
            pattern: NAME,
            description: 'A cVM that advertises memory of its own. Not with size.',
          },
          read: { type: 'array', items: { type: 'string', pattern: NAME }, description: 'cVMs that may read it.' },
          write: { type: 'array', items: { type: 'string', pattern: NAME }, description: 'cVMs that may write it.' },
        },
      },
    },
  },
} as const;
