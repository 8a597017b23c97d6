import type { ModelPackage } from '../../core/package/package.ts';
import { encodePredictions } from '../../core/results/encodePredictions.ts';
import { countedSum, type Origin, placed } from '../../core/results/predictionColumns.ts';
import type { PreparedPart } from '../../core/scenes/preparedPart.ts';
import { taskNamed } from '../../core/tasks/registry.ts';

/** For tests: predictions as infer makes and writes them. */

/** A model that is nothing but its classes. */
export function modelOf(classes: ModelPackage['classes']): ModelPackage {
  const output = { name: 'output', dataType: 'float32', activation: null, pixels: null };
  return {
    name: 'model',
    version: '1.0.0',
    unit: 'chip',
    task: taskNamed('classification'),
    classes,
    output,
  } as unknown as ModelPackage;
}

/** So many chips of a file, from its first on, each of 100 bytes; what is said of them is in the place of that. */
export function partOf(chips: number, about: Partial<PreparedPart> = {}): PreparedPart {
  return {
    chips,
    index: Int32Array.from({ length: chips }, (_, i) => i),
    offset: BigInt64Array.from({ length: chips }, (_, i) => BigInt(100 * i)),
    length: new Int32Array(chips).fill(100),
    truth: new Array<null>(chips).fill(null),
    bands: [],
    ...about,
  };
}

/** What comes of a part whose chips have a row of outputs each. */
export function predict(
  model: ModelPackage,
  rows: readonly (readonly number[])[],
  origin: Origin,
  part: PreparedPart = partOf(rows.length),
) {
  const task = model.task;
  const predictions = placed(part, task.decode(rows.flat(), rows.length, model).values, model, () => origin);
  const sum = countedSum(predictions, model);
  return { predictions, sum, bytes: encodePredictions(model, predictions) };
}

/** A run's row as of a raster, each of whose chips counts for so many hectares. */
export function onLand<Row extends { summary?: string | undefined }>(row: Row, hectares: number): Row {
  const sum = JSON.parse(row.summary!);
  const placed = sum.counts.reduce((all: number, count: number) => all + count, 0);
  const land = { hectares: sum.counts.map((count: number) => count * hectares), placed };
  return { ...row, summary: JSON.stringify({ ...sum, ...land }) };
}
