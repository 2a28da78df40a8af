import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ManifestError, MANIFEST_SCHEMA, parseManifest } from '../../src/monitor/index.ts';

const CVM = '{ name: a, image: a.elf, memory: 64K }';
const two = (streams: string): string =>
  `version: 1\ncvms:\n  - { name: a, image: x, memory: 64K }\n  - { name: b, image: x, memory: 64K }\nstreams:\n  - ${streams}\n`;

const calls = (list: string): string => two(list).replace('streams:', 'calls:');

function complaint(text: string): string {
  try {
    parseManifest(text, 'm.yaml');
  } catch (error) {
    expect(error).to.be.instanceOf(ManifestError);
    const { message, exitCode } = error as ManifestError;
    expect(exitCode).to.equal(65);
    expect(message).to.not.include('\n');
    return message;
  }
  return expect.fail(`no complaint about:\n${text}`);
}

describe('parseManifest', () => {
  it('reads a whole manifest', () => {
    const text = readFileSync(new URL('../../examples/01-pipeline.yaml', import.meta.url), 'utf8');
    const manifest = parseManifest(text, '01-pipeline.yaml');
    expect(manifest.memory).to.equal(16 * 1024 ** 2);
    expect(manifest.cvms.map(({ name, memory, background }) => [name, memory, background ?? false])).to.deep.equal([
      ['reader', 262144, false],
      ['left', 262144, false],
      ['right', 262144, false],
      ['checksum', 131072, true],
      ['digest', 262144, false],
      ['hostile', 131072, true],
    ]);
    expect(manifest.streams[1]).to.deep.equal({ name: 'left', from: 'left', to: 'digest' });
    expect(manifest.calls[2]).to.deep.equal({ name: 'checksum', from: 'digest', to: 'checksum' });
    expect(manifest.files[0]).to.deep.include({ name: 'blocks', size: 516 * 1024, read: ['left', 'right'], write: ['reader'] }); // prettier-ignore
  });

  it('fills in what is left out, and takes numbers as arguments', () => {
    const manifest = parseManifest(`version: 1\ncvms: [{ name: a, image: a.elf, memory: 65536, arguments: [1, x] }]`);
    expect(manifest).to.deep.include({ memory: 64 * 1024 ** 2, streams: [] });
    expect(manifest.cvms[0].arguments).to.deep.equal(['1', 'x']);
  });

  const BAD: readonly [what: string, text: string, message: string | RegExp][] = [
    ['nothing', '', 'm.yaml: it is empty'],
    ['a scalar', 'hello', 'm.yaml:1:1: "hello" is not a map of keys and values'],
    ['a list', '- a', /^m\.yaml:1:1: \["a"\] is not a map/],
    [
      'no number',
      `version: 1\nmachine: { seed: .nan }\ncvms: [${CVM}]`,
      /^m\.yaml:2:18: machine\.seed: NaN is not a whole number/,
    ],
    ['no YAML', 'version: 1\ncvms: [', /^m\.yaml:\d+:\d+: /],
    ['a tab for indentation', 'version: 1\ncvms:\n\t- a', /^m\.yaml:3:1: .*[Tt]ab/],
    ['a key twice', `version: 1\nversion: 1\ncvms: [${CVM}]`, 'm.yaml:2:1: Map keys must be unique'],
    ['another version', `version: 2\ncvms: [${CVM}]`, 'm.yaml:1:10: version: 2 is not 1'],
    ['no version', `cvms: [${CVM}]`, 'm.yaml:1:1: "version" is missing'],
    ['no cVMs', 'version: 1\ncvms: []', /^m\.yaml:2:7: cvms: it is empty$/],
    [
      'an unknown key',
      `version: 1\ncvms:\n  - name: a\n    image: a.elf\n    memory: 64K\n    color: red`,
      /^m\.yaml:6:5: cvms\[0\]\.color: unknown key; known are name, image, memory/,
    ],
    ['a missing key', 'version: 1\ncvms: [{ name: a, memory: 64K }]', 'm.yaml:2:8: cvms[0]: "image" is missing'],
    [
      'a bad size',
      'version: 1\ncvms: [{ name: a, image: a.elf, memory: 12Q }]',
      'm.yaml:2:41: cvms[0].memory: "12Q" is not a size (write 512K, 64M or a number of bytes)',
    ],
    [
      'a negative size',
      'version: 1\ncvms: [{ name: a, image: a.elf, memory: -1 }]',
      /m\.yaml:2:41: cvms\[0\]\.memory: -1 is not a size/,
    ],
    [
      'a size of a fraction of a byte',
      'version: 1\ncvms: [{ name: a, image: a.elf, memory: 0.0001K }]',
      /^m\.yaml:2:41: cvms\[0\]\.memory: "0\.0001K" is not a size/,
    ],
    ['too large a size', 'version: 1\ncvms: [{ name: a, image: a.elf, memory: 5G }]', /^m\.yaml:2:41: .*at most 3G/],
    [
      'RAM of 3 bytes',
      `version: 1\nmachine: { memory: 3 }\ncvms: [${CVM}]`,
      'm.yaml:2:20: machine.memory: 3 is not a multiple of 4K between 1M and 3G',
    ],
    [
      'a slice of 0',
      `version: 1\nmachine: { slice: 0 }\ncvms: [${CVM}]`,
      /^m\.yaml:2:19: machine\.slice: must be >= 1000, not 0/,
    ],
    [
      'a name with a slash',
      'version: 1\ncvms: [{ name: a/b, image: a.elf, memory: 64K }]',
      /^m\.yaml:2:16: cvms\[0\]\.name: "a\/b" is not a name/,
    ],
    [
      'a name that is a list',
      'version: 1\ncvms: [{ name: [], image: a.elf, memory: 64K }]',
      /^m\.yaml:2:16: cvms\[0\]\.name: \[\] is not text/,
    ],
    [
      'the name host',
      'version: 1\ncvms: [{ name: host, image: a.elf, memory: 64K }]',
      /^m\.yaml:2:16: cvms\[0\]\.name: "host" is the name of the host/,
    ],
    [
      'two cVMs of one name',
      `version: 1\ncvms:\n  - ${CVM}\n  - ${CVM}`,
      'm.yaml:4:13: cvms[1].name: "a" is the name of cvms[0] already',
    ],
    [
      'two streams of one name',
      two('{ name: s, from: a, to: b }\n  - { name: s, from: b, to: a }'),
      'm.yaml:7:13: streams[1].name: "s" is the name of streams[0] already',
    ],
    [
      'a stream from nobody',
      two('{ name: s, from: c, to: b }'),
      'm.yaml:6:22: streams[0].from: there is no cVM called "c"',
    ],
    [
      'a stream to itself',
      two('{ name: s, from: a, to: a }'),
      'm.yaml:6:29: streams[0].to: a stream connects two different ends',
    ],
    ['a stream from host to host', two('{ name: s, from: host, to: host }'), /two different ends/],
    [
      'a file between cVMs',
      two('{ name: s, from: a, to: b, file: x }'),
      'm.yaml:6:38: streams[0].file: a file needs host at one end',
    ],
    [
      'a call from nobody',
      calls('{ name: e, from: c, to: b }'),
      'm.yaml:6:22: calls[0].from: there is no cVM called "c"',
    ],
    [
      'a call from the host',
      calls('{ name: e, from: host, to: b }'),
      /^m\.yaml:6:22: calls\[0\]\.from: there is no cVM called "host"/,
    ],
    ['a call to itself', calls('{ name: e, from: a, to: a }'), 'm.yaml:6:29: calls[0].to: a cVM does not call itself'],
    [
      'two who serve one call',
      calls('{ name: e, from: a, to: b }\n  - { name: e, from: b, to: a }'),
      'm.yaml:7:29: calls[1].to: calls[0] says that "b" serves e',
    ],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /^m\.yaml: .*alias/,
    ],
    [
      'two documents',
      `version: 1\ncvms: [${CVM}]\n---\nversion: 1`,
      'm.yaml:3:1: a second document begins here; a manifest is one',
    ],
    ['a megabyte and more', `# ${'x'.repeat(1024 * 1024)}`, /^m\.yaml: 1048578 characters/],
  ];

  for (const [what, text, message] of BAD) {
    it(`refuses ${what}, in one line that says where`, () => {
      const said = complaint(text);
      if (typeof message === 'string') expect(said).to.equal(message);
      else expect(said).to.match(message);
    });
  }

  it('is published as the schema says', () => {
    const published = readFileSync(new URL('../../examples/manifest.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(published), 'run `npm run schema`').to.deep.equal(JSON.parse(JSON.stringify(MANIFEST_SCHEMA)));
  });
});
