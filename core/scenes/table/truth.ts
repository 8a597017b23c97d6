import { citedStart, InvalidSceneFile } from '../../base/errors.ts';
import { slug } from '../../base/names.ts';
import type { ModelPackage } from '../../package/package.ts';
import { numberIn } from '../numberIn.ts';

export type ReadTruth = (cell: string | number | bigint | null, where: () => string) => number | null;

/**
 * Makes the reader of a table's column of truths: a class's value, or its name, ignoring case and spaces (`Grey soil` is
 * `grey-soil`); for a regression, a number. An empty cell means no truth.
 * @throws {InvalidSceneFile} from the returned function, for anything else; the message begins with `where`
 */
export function makeReadTruth(model: ModelPackage): ReadTruth {
  const { has, words } = model.task.truth.allowed(model);
  const byName = new Map(model.classes.map(({ name, value }) => [slug(name), value]));
  for (const { name, title = name, value } of model.classes) byName.set(name, value).set(title, value); // names may differ only in case
  const names = model.classes.length > 0 ? ', or the name of its class' : '';
  return (cell, where) => {
    if (cell === null || cell === '') return null;
    const number = typeof cell === 'string' ? numberIn(cell) : Number(cell);
    if (number !== null && has(number)) return number;
    const text = String(cell);
    const named = byName.get(text.trim()) ?? byName.get(slug(text));
    if (named !== undefined) return named;
    throw new InvalidSceneFile(`${where()}: found ${citedStart(text, 40)}, allowed is ${words}${names}`);
  };
}
