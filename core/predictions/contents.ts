import { contentDigits } from '../run.ts';
import type { Values } from './column.ts';
import type { Content, Predictions } from './predictionColumns.ts';

/** Assigns the rows of a file with predictions of several runs to their runs. */

/**
 * Returns the names under which a run's predictions may be in a file: run and content; in files of former releases the
 * content's digest, or before that the digest's digits in the chip ids.
 */
export function namesOf({ run, digest }: Content): string[] {
  return [nameOf({ run, digest }), digest, contentDigits(digest)];
}

/** Returns the name used in files of this release. */
export function nameOf({ run, digest }: Content): string {
  return `${run} ${digest}`;
}

/** Returns the name of each chip's row. */
export function rowNames({ chip_id, digest, run }: Predictions): string[] {
  return Array.from(chip_id, (id, chip) => {
    const content = digest[chip] ?? id.slice(0, id.lastIndexOf('-'));
    const owner = run[chip] ?? null;
    return owner === null ? content : nameOf({ run: owner, digest: content });
  });
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
