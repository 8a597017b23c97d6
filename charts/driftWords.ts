import { meanText, referenceText, scenesText, tooFewScenes } from '../core/drift/driftText.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import type { Words } from '../core/tasks/shown.ts';
import written from './driftWords.json' with { type: 'json' };
import { count, counted, distance, filled, pValue } from './format.ts';

/** The verdict on drift in words, with the numbers behind it, and what to do; that of a provisional reference is none. */
export function driftWords(drift: DriftScores, threshold: number, words: Words) {
  const { jensenShannon, noiseFloor, n, isProvisional } = drift;
  const verdict = isProvisional ? 'provisional' : drift.verdict;
  const of = scenesText(drift);
  const named = {
    ...words,
    threshold,
    score: distance(jensenShannon),
    'noise floor': distance(noiseFloor),
    predictions: `${counted(n, 'prediction')}${of === null ? '' : ` of ${of}`}`,
    reference: referenceText(drift),
    mean: meanText(drift),
    why: tooFewScenes(drift) ?? `chance alone could reach the threshold of ${threshold}`,
  };
  const { headline, sentence, otherwise, action } = written[verdict];
  const isOther = otherwise !== '' && (verdict === 'drift' ? named.mean !== null : noiseFloor >= threshold);
  return { headline, sentence: filled(isOther ? otherwise : sentence, named), action: filled(action, named) };
}

export type Fact = [name: string, value: string, meaning: string];

/** The scores of predictions against the reference, each with its meaning; there are none against a provisional one. */
export function scoreFacts(drift: DriftScores): Fact[] {
  if (drift.isProvisional) return [['Reference', 'provisional', written.provisional.action]];
  const { statistic, degreesOfFreedom, pValue: p } = drift.chiSquare;
  const [scenes = null, worth = ''] = scenesText(drift)?.split(', ') ?? [];
  const floor = distance(drift.noiseFloor);
  const chance = p < 0.001 ? pValue(p) : `= ${pValue(p)}`;
  return [
    ['Jensen–Shannon distance', distance(drift.jensenShannon), 'the drift score: 0 for equal shares, at most 0.833'],
    ['Noise floor', floor, 'what the distance exceeds by chance in at most one quiet day of a hundred'],
    ...(scenes === null ? [] : [['Scenes', scenes, `${worth}: chips of a scene are alike`] satisfies Fact]),
    ['Chi-square', statistic?.toFixed(1) ?? '∞', `at ${degreesOfFreedom} degrees of freedom, p ${chance}`],
    [
      'PSI',
      distance(drift.psi),
      'population stability index; a rule of thumb takes more than 0.2 for a shift, but the verdict goes by the distance',
    ],
    ['Predictions', count(drift.n), 'that the scores are based on'],
  ];
}

export const missingText = (missing: number): string =>
  `For ${counted(missing, 'chip')}, the model has no finite output where there is data, so ${missing === 1 ? 'it has' : 'they have'} no prediction.`;
