// Manifests for tests of the command line, with images of this project.
import { fileURLToPath } from 'node:url';

const IMAGES = fileURLToPath(new URL('../../guests/images/', import.meta.url));

export const imagePath = (name: string): string => `${IMAGES}${name}.elf`;

export interface TestCvm {
  readonly name: string;
  readonly verbs: readonly (string | number)[];
  /** More of the manifest, such as `background: true`. */
  readonly more?: string;
  readonly image?: string;
}

/** cVMs that do what their verbs say (guests/worker), and whatever else stands in `rest`. */
export function manifest(cvms: readonly TestCvm[], rest = ''): string {
  const lines = cvms.map(({ name, verbs, more, image = 'worker' }) => {
    const fields = [`name: ${name}`, `image: '${imagePath(image)}'`, 'memory: 256K'];
    const parameters = `arguments: ${JSON.stringify(verbs)}`;
    return `  - { ${[...fields, parameters, ...(more === undefined ? [] : [more])].join(', ')} }`;
  });
  return `version: 1\nmachine: { memory: 8M }\ncvms:\n${lines.join('\n')}\n${rest}`;
}
