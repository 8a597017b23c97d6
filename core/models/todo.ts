import { refuse } from './problems.ts';

/** Marks what only the author of a model knows, in a draft of its package. */
export const TODO = (what: string) => `${MARK} ${what}`;
const MARK = 'TODO:';

/**
 * Refuses a file in which something is still to be written.
 * @throws {InvalidModelPackage} that lists each place
 */
export function refuseTodos(file: string, json: unknown): void {
  const found = todosIn(json);
  if (found.length > 0) refuse(file, found);
}

/** Each place of some JSON that is marked, with what is to be written there. */
export function todosIn(json: unknown): string[] {
  const found: string[] = [];
  const nodes: { path: string; value: unknown }[] = [{ path: '', value: json }];
  // It may be nested as deep as it is long.
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const { path, value } = node;
    if (typeof value === 'string' && value.startsWith(MARK))
      found.push(`${path} is still to be written: ${value.slice(MARK.length).trim().slice(0, LETTERS_SHOWN)}`);
    if (typeof value !== 'object' || value === null) continue;
    const inside = Object.entries(value).map(([key, one]) => ({
      path: within(path, key, Array.isArray(value)),
      value: one,
    }));
    for (const one of inside.reverse()) nodes.push(one); // there may be too many for one call
  }
  return found;
}

const LETTERS_SHOWN = 300;

function within(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
