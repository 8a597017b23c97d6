import { scenesText } from '../core/drift/driftText.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import written from './driftWords.json' with { type: 'json' };
import { count, distance, pValue } from './format.ts';

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
