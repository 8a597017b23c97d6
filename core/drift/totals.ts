import { added, sevenDigits } from '../base/added.ts';
import type { SceneRef } from '../base/messages.ts';
import { doorOf } from '../ledger/doorOf.ts';
import { type Measured, measured, measuresOfRow } from '../measures/registry.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import type { SampledPixels } from '../statistics/differenceAreas.ts';
import { productsOf, type SceneProducts } from '../statistics/meanOfScenes.ts';
import type { KnownPlaces } from '../statistics/stratifiedAreas.ts';
import { chipsIn, monthOf, ofRow, type StoredSummary, taskOfSum, truthsIn } from '../tasks/registry.ts';
import { segmentsIn } from '../tasks/segmentSums.ts';
import { type Months, monthsOf } from './inSeason.ts';

/** The sums that a window's numbers are computed from, which add up across windows. */
export type Totals = Measured &
  Summed & {
    /**
     * The sum of the squares of the scenes' numbers of predictions, from which their effective number follows; and how their right predictions,
     * or errors, vary, absent without truths. What came by queue or over HTTP is no scene: each of its chips counts by itself.
     */
    sceneSquares: number;
    truthScenes?: SceneProducts;
    /** What is known of the truth of the land; absent if nothing is. */
    knownLand?: KnownPlaces | SampledPixels;
    months?: Months;
  };

export function noTotals(model: ModelPackage): Totals {
  return { sceneSquares: 0, ...measured(({ zero }) => zero), ...model.task.summary.zero(model) };
}

/** Whether a run has predicted something, or found that there was nothing to predict. */
export const isPredicted = <Run extends { summary?: string | undefined }>(run: Run): run is Run & { summary: string } =>
  run.summary !== undefined;

export type Sums = StoredSummary &
  Parameters<typeof measuresOfRow>[0] & { scene?: SceneRef | undefined; changed?: string | undefined };

/** Returns a run's sums; chips that its row lacks are 0. */
export function totalsOfRun(run: Sums, sum = ofRow(run)): Totals {
  const task = taskOfSum(sum);
  const knownLand = task.knownLand?.(sum);
  const truths = truthsIn(task, sum);
  const truthScenes = truths && productsOf(truths, isScene(run.scene));
  const n = predictionsIn(sum);
  const months = monthsOf(n, run.scene?.key, run.changed, monthOf(run));
  const sceneSquares = squaresOf(n, run.scene);
  return {
    ...measuresOfRow(run),
    ...sum,
    sceneSquares,
    months,
    ...(truthScenes && { truthScenes }),
    ...(knownLand && { knownLand }),
  };
}

/** Returns the sums of a run's chips in each segment of a name; of their measures, only their number is known. */
export function totalsOfSegments(run: Sums, by: string, model: ModelPackage): [name: string, own: Totals][] {
  const { summary, scene, changed } = run;
  const own = segmentsIn(JSON.parse(summary), by, model);
  return own.map(([name, sum]) => [name, totalsOfRun({ summary, scene, changed, chips: predictionsIn(sum) }, sum)]);
}

const isScene = (scene: SceneRef | undefined): boolean => scene === undefined || doorOf(scene) === 'file';

export const squaresOf = (predictions: number, scene: SceneRef | undefined): number =>
  isScene(scene) ? predictions ** 2 : predictions;

export type TotalsOfRuns = Totals & { runs: number };

/** Adds a run's sums; returns these alone if there is no sum yet. */
export function withTotals(sum: TotalsOfRuns | undefined, own: Totals): TotalsOfRuns {
  return { ...(sum === undefined ? own : addTotals(sum, own)), runs: (sum?.runs ?? 0) + 1 };
}

export function addTotals(a: Totals, b: Totals): Totals {
  const truthScenes = added(a.truthScenes, b.truthScenes);
  const knownLand = added(a.knownLand, b.knownLand);
  return {
    sceneSquares: a.sceneSquares + b.sceneSquares,
    months: added(a.months, b.months) ?? {},
    ...(truthScenes && { truthScenes }),
    ...(knownLand && { knownLand }),
    ...measured(({ add }) => add(a, b)),
    ...taskOfSum(a).summary.add(a, b),
  };
}

export function sumsOf(totals: Totals): Totals {
  const { summary } = taskOfSum(totals);
  const { sceneSquares, months, truthScenes } = totals;
  const knownLand = totals.knownLand && sevenDigits(totals.knownLand);
  return {
    sceneSquares,
    ...(months && { months }),
    ...(truthScenes && { truthScenes }),
    ...(knownLand && { knownLand }),
    ...measured(({ schema }) => schema.parse(totals)),
    ...summary.schema.parse(totals),
  };
}

/** Null stands for a division by zero: no chip was classified, or none with a finite output. */
export type Summary = {
  n: number;
  /** Shares of n, by the names of the reference; 0 for one that was never predicted. */
  shares: number[] | null;
  /** The share of classified chips that have no finite output where there is data. */
  missingShare: number | null;
};

/** The numbers that follow from a summary, whichever its task; those that only some tasks have are absent for the others. */
export function numbersOf(sum: Summed): Summary & OfSomeTasks {
  const task = taskOfSum(sum);
  const { counts, missing } = sum;
  const n = chipsIn(task, sum);
  const shares = n > 0 ? counts.map((count) => count / n) : null;
  return { n, shares, missingShare: n + missing > 0 ? missing / (n + missing) : null, ...task.numbers?.(sum) };
}

type OfSomeTasks = { [Of in 'mostCommonShare' | 'meanProbability' | 'unsureShare']?: number | null };

export const predictionsOfRun = (run: StoredSummary): number => predictionsIn(ofRow(run));

/** Returns the number of chips with a prediction: the n of a drift score. */
export const predictionsIn = (sum: Summed): number => chipsIn(taskOfSum(sum), sum);
