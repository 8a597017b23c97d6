import type { DriftScores } from '../ledger/ledgerRow.ts';
import type { ModelRef } from '../messages.ts';
import type { Datum, Window } from '../metrics.ts';
import type { ModelPackage } from '../models/package.ts';
import { measureDrift } from './statistics/measureDrift.ts';
import { type Summary, summarise } from './statistics/summary.ts';
import type { Totals } from './totals.ts';

/** A window's numbers, and the verdict on them; scores are null where nothing was predicted. */
export type Judgement = Totals & Summary & { drift: DriftScores | null };

/** What a verdict depends on beside the numbers: the score above which it is drift, and how many predictions it takes. */
export type Limits = { threshold: number; minimum: number };

export function judge(totals: Totals, model: ModelPackage, { threshold, minimum }: Limits): Judgement {
  const drift = measureDrift({ counts: totals.counts, reference: model.reference, threshold, minimum });
  return { ...totals, ...summarise(totals), drift };
}

/** The datums of a window. A number that there is none of is not published: CloudWatch takes no NaN. */
export function datumsOf(judgement: Judgement, { name }: ModelRef, model: ModelPackage, window: Window): Datum[] {
  const dimensions = { Model: name, Window: window };
  const { shares, drift, chips, blank } = judgement;
  const referenceTotal = model.reference.reduce((sum, count) => sum + count, 0);
  const values = [
    ['Chips', chips],
    ['Blanks', blank],
    ['BlankShare', chips === 0 ? null : blank / chips],
    ['Predictions', judgement.n],
    ['MostCommonShare', judgement.mostCommonShare],
    ['MissingShare', judgement.missingShare],
    ['MeanProbability', judgement.meanProbability],
    // Withheld where there is not enough data, so that an alarm on it needs no arithmetic of its own.
    ['Drift', drift?.verdict === 'not enough data' ? null : (drift?.jensenShannon ?? null)],
    ['NoiseFloor', drift?.noiseFloor ?? null],
  ] as const;
  return [
    ...values.flatMap(([metric, value]) => (value === null ? [] : [{ metric, value, dimensions }])),
    ...model.classes.flatMap(({ name: Class }, i): Datum[] => {
      if (shares === null) return [];
      const ofClass = { ...dimensions, Class };
      return [
        { metric: 'ClassShare', value: shares[i]!, dimensions: ofClass },
        { metric: 'ReferenceShare', value: model.reference[i]! / referenceTotal, dimensions: ofClass },
      ];
    }),
  ];
}
