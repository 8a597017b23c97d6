import type { ModelPackage } from '../models/package.ts';
import type { Chip } from '../scenes/chip.ts';
import type { Prediction } from './batcher.ts';

/** What was predicted for an input; null where it was blank. One that had an error is not among them. */
export type Given = {
  readonly place: number;
  readonly id: string | null;
  readonly input: unknown;
  readonly chip: Chip;
  readonly prediction: Prediction | null;
};

/** A request that has its answer. */
export type GivenAnswer = { readonly request: string; readonly model: ModelPackage; readonly given: readonly Given[] };

/** Values of columns, in their order; null where there is none. */
type Row = readonly (string | number | null)[];

/** What a shadow has predicted for what was given: a row for each input, null where it was blank. */
export type BesideAnswer = {
  readonly version: string;
  readonly columns: readonly string[];
  readonly values: readonly (Row | null)[];
};

/** What was predicted for an input, in the order of these columns. */
export function rowOfPrediction({ values, at }: Prediction, columns: readonly string[]): (string | number | null)[] {
  return columns.map((name) => toValue(values[name]?.[at]));
}

function toValue(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
