import type { Values } from './column.ts';
import type { Content, Predictions } from './predictionColumns.ts';

/** Assigns the rows of a file with predictions of several runs to their runs. */

/** Returns the name of a run's predictions in a file. */
export function nameOf({ run, digest }: Content): string {
  return `${run} ${digest}`;
}

/** Returns the name of each chip's row. */
export function rowNames({ digest, run }: Predictions): string[] {
  return Array.from(digest, (content, chip) => nameOf({ run: run[chip]!, digest: content }));
}

/** Groups predictions by name, keeping their order. */
export function byName(predictions: Predictions): Map<string, Predictions> {
  const names = rowNames(predictions);
  const places = Map.groupBy(names.keys(), (chip) => names[chip]!);
  return new Map([...places].map(([name, chips]) => [name, picked(predictions, chips)]));
}

function picked(values: Values, chips: readonly number[]): Predictions {
  const columns = Object.entries(values).map(([name, all]) => [name, chips.map((chip) => all[chip])]);
  return Object.fromEntries(columns) as Predictions;
}
