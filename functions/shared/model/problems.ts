import { InvalidModelPackage } from '../errors.ts';

/** Says where something is wrong, what was found there and what is allowed. */
export function problem(path: string, found: unknown, allowed: string): string {
  return `${path}: found ${show(found)}, allowed is ${allowed}`;
}

/** A JSON path as people write it: `properties.mlm:input[0].bands`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
}

/** Refuses the package for all its problems at once, so that it is mended in one go. */
export function refuse(file: string, problems: readonly string[]): never {
  throw new InvalidModelPackage(`${file}: ${problems.join('; ')}`);
}

const LONGEST_SHOWN = 80;

function show(found: unknown): string {
  const text = found === undefined ? 'nothing' : JSON.stringify(found);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
