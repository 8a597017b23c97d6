import type { Chip, ModelPackage, PredictedRow } from '../../package/package.ts';
import type { Prediction } from './batcher.ts';
import type { InputRead } from './inputReader.ts';

/** The prediction given for an input; null if it was blank. Inputs with errors are not included. */
export type Given = Omit<InputRead, 'chip'> & {
  readonly place: number;
  readonly chip: Chip;
  readonly prediction: Prediction | null;
};

export type GivenAnswer = { readonly request: string; readonly model: ModelPackage; readonly given: readonly Given[] };

/** A shadow's predictions for the same inputs: one row each, null for a blank one. */
export type BesideAnswer = {
  readonly version: string;
  readonly columns: readonly string[];
  readonly values: readonly (PredictedRow | null)[];
};

export const rowOfPrediction = ({ values, at }: Prediction, columns: readonly string[]) =>
  columns.map((name) => (values[name]?.[at] ?? null) as PredictedRow[number]);
