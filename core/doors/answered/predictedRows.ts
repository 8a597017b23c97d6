import { citedStart } from '../../base/errors.ts';
import type { Column, Values } from '../../package/carry.ts';
import type { ModelPackage, PredictedRow } from '../../package/package.ts';
import { chipsIn } from '../../tasks/registry.ts';
import type { Answered } from './answered.ts';

/**
 * Reads predictions into the columns of a model's task, which are matched by name.
 * @returns the prediction of each input, null if it was blank; or what is wrong with the message
 */
export function predictedRows({ columns: names, inputs }: Pick<Answered, 'columns' | 'inputs'>, model: ModelPackage) {
  const task = model.task;
  const columns = task.columns(model);
  const places = columns.map(({ name }) => names.indexOf(name));
  const missing = columns.filter(({ isOptional }, i) => places[i] === -1 && !isOptional).map(({ name }) => name);
  if (missing.length > 0) {
    const found = `found no column ${citedStart(missing.join(', '), 200)}`;
    return { offence: `${found}, allowed are those of ${model.name} ${model.version}` };
  }
  const rows: (PredictedRow | null)[] = [];
  for (const { place, values } of inputs) {
    const row = values && places.map((at) => values[at] ?? null);
    const wrong = row?.findIndex((value, i) => !isOfType(value, columns[i]!)) ?? -1;
    if (wrong >= 0) {
      const { name, type } = columns[wrong]!;
      const found = `found ${citedStart(String(row![wrong]), 40)} as ${citedStart(name, 80)} of the input ${place}`;
      return { offence: `${found}, allowed is a value of ${type}` };
    }
    rows.push(row);
  }
  const predicted = rows.filter((row) => row !== null);
  const sum = task.summary.of(valuesOf(columns, predicted), model);
  // A value that the task does not know, such as an unknown class, appears in none of its counts.
  if (Math.round(chipsIn(task, sum)) + sum.missing !== predicted.length)
    return { offence: `found predictions that ${model.name} ${model.version} cannot give, allowed are its own` };
  return { rows };
}

export const valuesOf = (columns: readonly Column[], rows: readonly PredictedRow[]): Values =>
  Object.fromEntries(columns.map(({ name }, i) => [name, rows.map((row) => row[i]!)]));

function isOfType(value: PredictedRow[number], { type, isRequired }: Column): boolean {
  if (value === null) return isRequired !== true;
  if (type === 'STRING') return typeof value === 'string';
  if (type === 'INT32') return typeof value === 'number' && value === (value | 0);
  return (type === 'FLOAT' || type === 'DOUBLE') && typeof value === 'number' && Number.isFinite(value);
}
