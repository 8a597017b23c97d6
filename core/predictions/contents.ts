import { contentDigits } from '../run.ts';
import type { Values } from './column.ts';
import type { Content, Predictions } from './predictionColumns.ts';

/** Which rows of a file are whose, where it holds the predictions of many runs. */

/**
 * What a run's predictions may go by in a file: run and content; in one that a former release wrote, the content's digest,
 * or before that the digits of it that the chips' ids have.
 */
export function namesOf({ run, digest }: Content): string[] {
  return [nameOf({ run, digest }), digest, contentDigits(digest)];
}

/** What they go by in a file of today. */
export function nameOf({ run, digest }: Content): string {
  return `${run} ${digest}`;
}

/** What each chip's row goes by. */
export function rowNames({ chip_id, digest, run }: Predictions): string[] {
  return Array.from(chip_id, (id, chip) => {
    const content = digest[chip] ?? id.slice(0, id.lastIndexOf('-'));
    const owner = run[chip] ?? null;
    return owner === null ? content : nameOf({ run: owner, digest: content });
  });
}

/** Parts predictions by what they go by; those of one name keep their order. */
export function byName(predictions: Predictions): Map<string, Predictions> {
  const names = rowNames(predictions);
  const places = Map.groupBy(names.keys(), (chip) => names[chip]!);
  return new Map([...places].map(([name, chips]) => [name, picked(predictions, chips)]));
}

function picked(values: Values, chips: readonly number[]): Predictions {
  const columns = Object.entries(values).map(([name, all]) => [name, chips.map((chip) => all[chip])]);
  return Object.fromEntries(columns) as Predictions;
}
