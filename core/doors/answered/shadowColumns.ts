import type { ModelRef } from '../../base/messages.ts';
import type { Answered } from './answered.ts';

/**
 * A shadow's predictions for the inputs of a message are additional columns beside the answer. Readers find columns by name
 * and ignore these, as does the previous release.
 */
const BEGINNING = 'shadow/';

/** Returns the name of a column of a shadow's predictions. Versions contain no slash. */
export function shadowColumn(version: string, name: string): string {
  return `${BEGINNING}${version}/${name}`;
}

/** Returns whether a message has predictions of a shadow of any version. */
export function hasShadow({ columns }: Pick<Answered, 'columns'>): boolean {
  return columns.some((name) => name.startsWith(BEGINNING));
}

/** Returns the columns of a version's predictions as a shadow, by its task's names; null if a message has none. */
export function columnsOfShadow(
  { columns, model }: Pick<Answered, 'columns' | 'model'>,
  { name, version }: ModelRef,
): string[] | null {
  const beginning = shadowColumn(version, '');
  if (model.name !== name || !columns.some((column) => column.startsWith(beginning))) return null;
  // Columns of other versions get an empty name.
  return columns.map((column) => (column.startsWith(beginning) ? column.slice(beginning.length) : ''));
}
