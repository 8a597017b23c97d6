import type { ModelPackage } from '../package/package.ts';
import { differenceAreas } from '../statistics/differenceAreas.ts';
import { type AreaShare, stratifiedAreas } from '../statistics/stratifiedAreas.ts';
import { total } from '../tasks/confusion.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import type { Totals } from './totals.ts';

/** A class's area in hectares: as mapped, and as corrected by chips whose truth is known, with its 95 % interval; null if none is. */
export type ClassArea = {
  name: string;
  mapped: number;
  corrected: { area: number; interval: [low: number, high: number] } | null;
};
export type Areas = { hectares: number; known: number; classes: ClassArea[] };

/**
 * Returns the land of each class in some runs, in hectares; null for tasks whose predictions share no land. Counting pixels is biased where a model
 * confuses classes, so the areas are corrected by the chips of these runs whose truth is known: others may be confused otherwise, and have other shares of classes.
 */
export function areasOf(sum: Totals, model: ModelPackage): Areas | null {
  const { task } = model;
  if (task.hectares === undefined) return null;
  const names = task.reference(model).map(({ name }) => name);
  const mapped = task.hectares(sum) ?? names.map(() => 0);
  const hectares = total(mapped);
  const land = hectares > 0 ? sum.knownLand : undefined;
  const shares = mapped.map((area) => area / hectares);
  const found = land && ('units' in land ? differenceAreas(shares, land) : stratifiedAreas(shares, land));
  const classes = names.map((name, i) => ({ name, mapped: mapped[i]!, corrected: inHectares(found?.[i], hectares) }));
  return { hectares, known: land?.chips ?? 0, classes };
}

/** Returns how many chips of each predicted class (row) truly are of each class (column), pixels as their part of one; null if that is not known of any. */
export function knownCounts(sum: Totals, model: ModelPackage, names: readonly string[]): number[][] | null {
  const { n = 0, confusion = [] } = shownOf(model).accuracy(sum, model) ?? {};
  if (confusion.length === 0) return null;
  const counts = names.map(() => names.map(() => 0));
  const each = n / total(confusion.map(({ count }) => count));
  for (const { truth, predicted, count } of confusion)
    counts[names.indexOf(predicted)]![names.indexOf(truth)] = count * each;
  return counts;
}

function inHectares(found: AreaShare | undefined, all: number): ClassArea['corrected'] {
  if (found === undefined) return null;
  const [low, high] = found.interval;
  return { area: found.share * all, interval: [low * all, high * all] };
}
