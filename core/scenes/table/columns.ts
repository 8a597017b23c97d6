import { citedStart, InvalidSceneFile, listed } from '../../base/errors.ts';
import { MAX_TABLE_COLUMNS } from '../../base/limits.ts';
import { storedIn } from '../../package/bands.ts';
import type { ModelPackage } from '../../package/package.ts';
import { namesOf } from '../../package/problems.ts';

export type TableColumns = ReturnType<typeof matchColumns>;

/**
 * Matches a package's bands or texts, its truth and the features that are passed through to a table's columns, which it returns as indices, by
 * name: exactly, or else ignoring case. With them come the bands as a table holds them (`held`). Columns that the package does not name are ignored. Columns are never matched by position, because differently named columns mean a different table.
 * @throws {InvalidSceneFile} when a column is missing or occurs twice, or the model does not take rows
 */
export function matchColumns(key: string, header: readonly string[], model: ModelPackage) {
  const { name, version, source, truth, text } = model;
  if (text === undefined && source.height * source.width !== 1)
    throw new InvalidSceneFile(
      `${key}: found a table, but ${name} ${version} takes chips of ${source.height} × ${source.width} pixels; rows are read for models of a row of numbers, or of texts`,
    );
  if (header.length > MAX_TABLE_COLUMNS)
    throw new InvalidSceneFile(`${key}: found ${header.length} columns, allowed are at most ${MAX_TABLE_COLUMNS}`);
  const numbers = Map.groupBy(header.keys(), (i) => header[i]!);
  const loose = Map.groupBy(header.keys(), (i) => header[i]!.toLowerCase());
  const find = (wanted: string): number | null => {
    const found = numbers.get(wanted) ?? loose.get(wanted.toLowerCase()) ?? [];
    if (found.length > 1)
      throw new InvalidSceneFile(
        `${key}: found ${found.length} columns called ${citedStart(wanted, 40)}, allowed is each name once`,
      );
    return found[0] ?? null;
  };
  const wanted = text?.columns ?? namesOf(source.bands);
  const bands = wanted.map(find);
  const missing = wanted.filter((_, i) => bands[i] === null);
  if (missing.length > 0) {
    const what = text ? 'text' : 'band';
    const all = bands.length === 1 ? `the ${what}` : `each of the ${bands.length} ${what}s`;
    throw new InvalidSceneFile(
      `${key}: found ${header.length === 1 ? 'the column' : `${header.length} columns:`} ${shown(header)}, but none called ${shown(missing)}; allowed is a column for ${all} of ${name} ${version}, by its name`,
    );
  }
  const carried = (model.carry ?? []).map((one) => find(one.name));
  const { bands: held } = storedIn(source);
  return { bands: bands as number[], held, truth: truth === null ? null : find(truth), carried };
}

/** Names of columns for a message, each shortened, because they are a sender's. */
const shown = (names: readonly string[]): string => citedStart(listed(names.map((name) => name.slice(0, 40))), 1000);
