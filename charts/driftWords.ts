import { meanText, referenceText, scenesText, tooFewScenes } from '../core/drift/driftText.ts';
import type { DriftScores } from '../core/ledger/ledgerRow.ts';
import type { Words } from '../core/tasks/shown.ts';
import written from './driftWords.json' with { type: 'json' };
import { counted, distance, filled } from './format.ts';

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
