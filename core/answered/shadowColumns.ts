import type { ModelRef } from '../messages.ts';
import type { Answered } from './answered.ts';

/**
 * What a shadow has predicted for the inputs of a message stands beside what was answered, as further columns: whoever counts finds
 * columns by their names and passes over these, and so does the release before.
 */
const BEGINNING = 'shadow/';

/** How a message calls a column of a shadow's predictions. No version has a slash in its name. */
export function shadowColumn(version: string, name: string): string {
  return `${BEGINNING}${version}/${name}`;
}

/** Whether a message has predictions of a shadow, of whichever version. */
export function hasShadow({ columns }: Pick<Answered, 'columns'>): boolean {
  return columns.some((name) => name.startsWith(BEGINNING));
}

/** The columns of a version's predictions as a shadow, by the names that its task gives them; null where a message has none. */
export function columnsOfShadow(
  { columns, model }: Pick<Answered, 'columns' | 'model'>,
  { name, version }: ModelRef,
): string[] | null {
  const beginning = shadowColumn(version, '');
  if (model.name !== name || !columns.some((column) => column.startsWith(beginning))) return null;
  // Another's have the name of none.
  return columns.map((column) => (column.startsWith(beginning) ? column.slice(beginning.length) : ''));
}
