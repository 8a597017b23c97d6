import { meanText, referenceText, scenesText, tooFewScenes } from '../core/drift/driftText.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import type { Words } from '../core/tasks/shown.ts';
import { counted, distance } from './format.ts';

/** The verdict on drift in words, with the numbers behind it, and what to do. */
export function driftWords(drift: DriftScores, threshold: number, { many, lookAt }: Pick<Words, 'many' | 'lookAt'>) {
  const { verdict, jensenShannon, noiseFloor, n } = drift;
  const score = distance(jensenShannon);
  const of = scenesText(drift);
  const predictions = `${counted(n, 'prediction')}${of === null ? '' : ` of ${of}`}`;
  if (verdict === 'drift')
    return {
      headline: 'The predictions drift',
      sentence:
        jensenShannon > threshold
          ? `The predicted ${many} are ${score} away from ${referenceText(drift)}, above the threshold of ${threshold}; over ${predictions}, chance alone reaches ${distance(noiseFloor)} in at most one quiet window of a hundred.`
          : `The predicted ${many} have moved: over ${predictions}, ${meanText(drift)}.`,
      action: `Hold back maps made of them. ${lookAt}`,
    };
  if (verdict === 'not enough data')
    return {
      headline: 'Too few predictions to judge',
      sentence:
        noiseFloor < threshold
          ? `There are ${predictions}, fewer than this deployment asks for, so the score of ${score} stands for nothing.`
          : `With ${predictions}, ${tooFewScenes(drift) ?? `chance alone could reach the threshold of ${threshold}`} (the noise floor is ${distance(noiseFloor)}), so the score of ${score} proves nothing.`,
      action: 'Nothing yet. Look at several days together before you draw a conclusion.',
    };
  return {
    headline: 'No drift',
    sentence: `The predicted ${many} are ${score} away from ${referenceText(drift)}, within the threshold of ${threshold}, over ${predictions}.`,
    action: 'Nothing.',
  };
}
