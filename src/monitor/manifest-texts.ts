// What is wrong with a manifest, for those who write it.
import type { ErrorObject } from 'ajv';
import type { YAMLError } from 'yaml';

export const TOO_DEEP = 'it is nested too deeply';

/** Undefined for what JSON has no word for. */
function show(data: unknown): string | undefined {
  try {
    return typeof data === 'number' ? String(data) : JSON.stringify(data)?.slice(0, 60);
  } catch {
    return 'a circle of aliases';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

export function schemaText({ keyword, message = '', params, data }: ErrorObject): string {
  const shown = show(data);
  switch (keyword) {
    case 'required':
      return `"${params.missingProperty as string}" is missing`;
    case 'const':
      return `${shown} is not ${JSON.stringify(params.allowedValue)}`;
    case 'enum':
      return `${shown} is none of ${(params.allowedValues as string[]).join(', ')}`;
    case 'pattern':
      return `${shown} is not a name: 1 to 32 letters, digits, dots, dashes or underscores`;
    case 'anyOf':
      return `${shown} is not a size (write 512K, 64M or a number of bytes)`;
    case 'type':
      return `${shown} is not ${[params.type as string | string[]].flat().map((type) => TYPES[type]).join(' or ')}`; // prettier-ignore
    case 'minItems':
      return 'it is empty';
    default:
      return `${message}${shown === undefined || shown.startsWith('{') || shown.startsWith('[') ? '' : `, not ${shown}`}`;
  }
}

export const knownKeys = ({ parentSchema }: ErrorObject): string =>
  Object.keys((parentSchema as { properties: Record<string, unknown> }).properties).join(', ');

/** The parser is recursive, and has advice for those who program it. */
export function parserText({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; a manifest is one';
  return message.includes('call stack') ? TOO_DEEP : message.replace(/\s+/g, ' ').trim();
}
