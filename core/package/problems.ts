import * as z from 'zod';
import { cited, InvalidModelPackage, orElse } from '../base/errors.ts';

/** Returns a sentence on where something is wrong, what was found there and what is allowed. */
export const problem = (path: string, found: unknown, allowed: string): string =>
  `${path}: found ${show(found)}, allowed is ${allowed}`;

export type Check = (holds: boolean, path: string, found: unknown, allowed: string) => void;

/**
 * Returns what is read from a file, unless a check of it fails, or a problem is added.
 * @throws {InvalidModelPackage} with all problems: for each its JSON path, what was found and what is allowed
 */
export function checked<Read>(file: string, read: (check: Check, problems: string[]) => Read): Read {
  const problems: string[] = [];
  const found = read((holds, ...where) => {
    if (!holds) problems.push(problem(...where));
  }, problems);
  if (problems.length > 0) refuse(file, problems);
  return found;
}

/** Schemas of an object, and of one with members that are not read, by what is allowed in its place. */
export const object = <Shape extends z.ZodRawShape>(what: string, shape: Shape) => z.object(shape, what);
export const openObject = <Shape extends z.ZodRawShape>(what: string, shape: Shape) => z.looseObject(shape, what);

const EACH_ONCE = 'each name and value once';
const COUNT = 'a whole number, 0 or more';
export const counted = z.int(COUNT).min(0, COUNT);

/** Checks a histogram of `reference.json`: the n + 1 edges of n bins. */
export function checkBins(path: string, edges: readonly number[], counts: readonly number[], check: Check): void {
  const rise = edges.every((edge, i) => i === 0 || edge > edges[i - 1]!);
  check(rise, `${path}.edges`, edges, 'edges that rise');
  const bins = edges.length - 1;
  check(counts.length === bins, `${path}.counts`, `${counts.length} counts`, `one for each of the ${bins} bins`);
}

export function checkDistinct(path: string, found: readonly unknown[], check: Check, allowed = EACH_ONCE): void {
  const repeated = found.filter((value, i) => found.indexOf(value) !== i);
  check(repeated.length === 0, path, repeated, allowed);
}

export const namesOf = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

/** Rejects the package with all problems of a file at once, so that they can be fixed in one go. */
export function refuse(file: string, problems: readonly string[]): never {
  const more = problems.length > MOST_PROBLEMS ? [`and ${problems.length - MOST_PROBLEMS} more`] : [];
  const shown = [...problems.slice(0, MOST_PROBLEMS), ...more];
  throw new InvalidModelPackage(`${file}: ${shown.join('; ')}`, { problems: shown });
}

/** Checks a file against a schema. Throws `InvalidModelPackage` with all problems: where, what was found, what is allowed. */
export function parseAs<T>(schema: z.ZodType<T>, file: string, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    // One object may stand for a list of it.
    const into = (value: unknown, key: PropertyKey) =>
      key === 0 && !Array.isArray(value) ? value : Object(value)[key];
    const found = path.reduce<unknown>(into, json);
    return problem(path.length === 0 ? 'the file' : pathText(path), found, message);
  });
  refuse(file, problems);
}

/** Parses an object of the model bucket that this service writes itself; an error shows how it begins and what is allowed. */
export function parseObject<T>(schema: z.ZodType<T>, key: string, bytes: Uint8Array, allowed: string): T {
  const text = new TextDecoder().decode(bytes);
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const found = cited(JSON.stringify(text.slice(0, 100)));
    throw new InvalidModelPackage(`${key}: found ${found}, allowed is ${allowed}`, { cause });
  }
}

/** Returns a JSON path in its usual notation: `properties.mlm:input[0].bands`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');

const MOST_PROBLEMS = 50;
const LONGEST_SHOWN = 80;

function show(found: unknown): string {
  const text = textOf(found);
  if (text.length <= LONGEST_SHOWN) return text;
  return `${text.slice(0, LONGEST_SHOWN)}…${Array.isArray(found) ? ` (${found.length} entries)` : ''}`;
}

/** JSON may be nested arbitrarily deep, and stringify recurses. */
const textOf = (found: unknown): string =>
  orElse('something that is nested too deep to be shown', () => JSON.stringify(found) ?? 'nothing');
