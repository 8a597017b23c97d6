import type { ModelPackage } from '../models/package.ts';
import type { Column, Values } from '../predictions/column.ts';

/** What a model's numbers mean. Another kind of model is a folder beside this file, and a line in the registry. */
export interface Task<Sum> {
  readonly name: string;
  /** The shape of a model's output for one chip; the whole output has the batch in front of it. */
  shape(model: ModelPackage): readonly number[];
  /** What a prediction consists of, and a file of predictions beside each chip's place, file and truth. */
  columns(model: ModelPackage): readonly Column[];
  /**
   * Makes predictions of what a model has put out for so many chips, one after the other; null throughout where there is
   * none for a chip.
   *
   * @returns the values of `columns`
   */
  decode(outputs: ArrayLike<number>, chips: number, model: ModelPackage): Values;
  readonly summary: Summary<Sum>;
}

/** What is kept of many predictions together: of a part, and by addition of a run. */
export interface Summary<Sum> {
  zero(model: ModelPackage): Sum;
  of(predictions: Values, model: ModelPackage): Sum;
  add(a: Sum, b: Sum): Sum;
}
