import type { ModelRef } from '../base/messages.ts';
import type { DriftScores } from '../ledger/ledgerRow.ts';
import { alphaOf, alphaOfVerdict } from '../measures/chanceOfVerdict.ts';
import type { VerdictLimits } from '../measures/expected.ts';
import { EXPECTED, type JudgedMeasures, judgeMeasures } from '../measures/expectedRegistry.ts';
import { MEASURES } from '../measures/registry.ts';
import type { Datum, Window } from '../metrics/metrics.ts';
import { EFFECT } from '../package/chance.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Sizes, sizesOfScenes } from '../statistics/clustering.ts';
import { measureDrift, measureLabels } from '../statistics/measureDrift.ts';
import { deviationsOfChance } from '../statistics/noiseFloor.ts';
import { chipsIn, chipsInReference } from '../tasks/registry.ts';
import { inSeason, type SegmentName, seasonOf } from './inSeason.ts';
import { numbersOf, type Summary, type Totals } from './totals.ts';

/** A window's numbers and the verdict on them; scores are null if nothing was predicted. */
export type Judgement = Totals & Summary & { drift: DriftScores | null } & JudgedMeasures;

export type Limits = VerdictLimits;

type LimitParameters = { driftThreshold: number; driftMinimum: number; falseAlarmsPerYear: number };

export function limitsOf({ driftThreshold, driftMinimum, falseAlarmsPerYear }: LimitParameters): Limits {
  return { threshold: driftThreshold, minimum: driftMinimum, falseAlarmsPerYear };
}

/** Compares a window with the reference, or with what its months, and the segment that it is of, let expect. */
export function judgeDrift(totals: Totals, of: ModelPackage, limits: Limits, segment?: SegmentName): Judgement {
  const model = inSeason(of, totals, segment);
  const { threshold, minimum } = limits;
  const task = model.task;
  const reference = task.reference(model).map(({ count }) => count);
  const [n, total] = [chipsIn(task, totals), chipsInReference(task, model)];
  const sizes = model.unit === 'chip' ? undefined : sizesOfScenes(n, totals.sceneSquares, total, model.clustering);
  const scenes = scenesIn(totals, model);
  const [alpha, ofVerdict] = [alphaOf, alphaOfVerdict].map((of) => of(model, limits, scenes)) as [number, number];
  const isFloorEnough = sizes !== undefined || limits.share !== undefined;
  const asked = {
    counts: totals.counts,
    reference,
    threshold,
    minimum,
    sizes,
    alpha,
    ofVerdict,
    isFloorEnough,
    isExact: true,
  };
  const found = task.labels ? measureLabels({ ...asked, n, total }) : measureDrift(asked);
  const season = seasonOf(totals, of, segment);
  const scores = found && { ...scoresOf(found, sizes, totals.sceneSquares), ...(season && { season }) };
  const shift = task.meanShift?.(totals, model) ?? null;
  const judged = scores && shift !== null ? withMean(scores, shift) : scores;
  // How far it is from a stand-in says nothing.
  const { isProvisional } = of;
  const drift = judged && isProvisional ? { ...judged, verdict: 'not enough data' as const, isProvisional } : judged;
  return { ...withSummary(totals), drift, ...judgeMeasures(totals, model, limits, scenes) };

  /**
   * Adds how far the mean has moved: drift as well if chance does not explain it, and it is an effect that matters. Its standard error is that of independent chips,
   * which vary as the reference's do; or of scenes, whose means vary as those of the reference, and more if they are smaller, but at most as chips do.
   */
  function withMean(scores: DriftScores, shift: number): DriftScores {
    const { chips = 1, betweenScenes = 1 } = (sizes && of.clustering) ?? {};
    const alike = model.clustering && { ...model.clustering, exponent: 0 };
    const own = sizes ? sizesOfScenes(n, totals.sceneSquares, total, alike) : { n, reference: total };
    const between = Math.min(1, betweenScenes * Math.sqrt(Math.max(1, (chips * own.n) / n)));
    const error = between * Math.sqrt(1 / own.n + 1 / own.reference);
    const noise = deviationsOfChance(own, alpha) * error;
    const { meanShift } = model.effect ?? EFFECT;
    const moved =
      own.n >= ENOUGH && Math.abs(shift) > deviationsOfChance(own, ofVerdict) * error
        ? (threshold * Math.abs(shift)) / meanShift
        : 0;
    const isMoved = scores.verdict !== 'drift' && scores.n >= minimum && moved > threshold;
    const mean = { shift, noise, score: isMoved ? moved : 0 };
    return { ...scores, verdict: isMoved ? 'drift' : scores.verdict, mean };
  }
}

/** The mean of fewer independent chips, or scenes, is not normal, if their values are skewed. */
const ENOUGH = 20;

/** Returns the effective number of a window's scenes; undefined if each chip is independent of the others. */
export const scenesIn = (totals: Totals, { task, unit }: ModelPackage): number | undefined =>
  unit === 'chip' || totals.sceneSquares === 0 ? undefined : chipsIn(task, totals) ** 2 / totals.sceneSquares;

function scoresOf(found: NonNullable<ReturnType<typeof measureDrift>>, sizes: Sizes | undefined, sceneSquares: number) {
  const { least = Infinity, ...scores } = found;
  if (sizes === undefined) return scores;
  const count = scores.n ** 2 / sceneSquares;
  const needed = Number.isFinite(least) ? Math.ceil((least / sizes.n) * count) : null;
  return { ...scores, scenes: { count, independentChips: sizes.n, needed } };
}

export const withSummary = (totals: Totals): Totals & Summary => ({ ...totals, ...numbersOf(totals) });

/** Returns the datums of a window. Numbers that do not exist are not published, because CloudWatch rejects NaN. */
export function datumsOf(judgement: Judgement, { name }: ModelRef, of: ModelPackage, window: Window): Datum[] {
  const model = inSeason(of, judgement);
  const { n, missingShare, drift } = judgement;
  const values = [
    ...MEASURES.flatMap(({ datums }) => datums(judgement)),
    ...EXPECTED.flatMap(({ datums }) => datums(judgement)),
    { metric: 'Predictions', value: n },
    { metric: 'MissingShare', value: missingShare },
    { metric: 'Drift', value: publishedScore(drift) },
    { metric: 'NoiseFloor', value: drift?.noiseFloor ?? null },
    ...model.task.datums(judgement, model),
  ];
  return values.flatMap(({ metric, value, ...of }): Datum[] =>
    value === null ? [] : [{ metric, value, dimensions: { Model: name, Window: window, ...of } }],
  );
}

/** Returns the score, which is withheld if there is not enough data, so that its alarm needs no arithmetic. */
export function publishedScore(found: Pick<DriftScores, 'jensenShannon' | 'verdict' | 'mean'> | null): number | null {
  if (found === null || found.verdict === 'not enough data') return null;
  return found.mean?.score || found.jensenShannon; // 0 unless the mean alone drifts
}

/** How often each name was predicted, next to how often it was expected. */
export type NamedShare = { name: string; count: number; share: number; reference: number };

/** The same as it is shown: a provisional reference, which is made up, is none. */
export type ShownShare = Omit<NamedShare, 'reference'> & { reference: number | null };

export const shownShares = (totals: Totals, of: ModelPackage): ShownShare[] =>
  sharesOf(totals, of).map((one) => (of.isProvisional ? { ...one, reference: null } : one));

/** Returns the shares of the predictions and of the reference, that of the segment if they are one's, in its order; 0 without predictions. */
export function sharesOf(totals: Totals, of: ModelPackage, segment?: SegmentName): NamedShare[] {
  const model = inSeason(of, totals, segment);
  const task = model.task;
  const [n, expected] = [chipsIn(task, totals), chipsInReference(task, model)];
  return task.reference(model).map(({ name, count: usual }, i) => {
    const count = totals.counts[i] ?? 0;
    return { name, count, share: n === 0 ? 0 : count / n, reference: usual / expected };
  });
}
