import { shuffle } from 'simple-statistics';
import { calibrationOf } from './calibration.ts';
import { conformalThreshold } from './conformal.ts';
import { countChip, noReliabilityBins } from './reliabilityBins.ts';
import { fitTemperature, negativeLogLikelihood, type ScoredChip, softmaxAt } from './temperature.ts';

export const FOLDS = 5;

/** The expected calibration error, the mean negative log likelihood in nats, the predicted class's mean probability. */
export type Goodness = { error: number; likelihood: number; probability: number };

/**
 * Measures the effect of a temperature on chips that it was not fitted to (cross-validation): the chips are divided into
 * `FOLDS` parts, and each part gets the temperature fitted to the others.
 * @param random returns numbers from 0 to 1, by which chips are shuffled
 * @param coverage of the conformal threshold, which is measured on the same parts
 * @returns null if no temperature can be fitted for one of the parts
 */
export function crossValidate(chips: readonly ScoredChip[], random: () => number, coverage: number) {
  const dealt = shuffle([...chips], random);
  const parts = Array.from({ length: FOLDS }, (_, fold) => dealt.filter((_, i) => i % FOLDS === fold));
  const judged: { chips: readonly ScoredChip[]; temperature: number }[] = [];
  for (const part of parts) {
    const temperature = fitTemperature(parts.filter((one) => one !== part).flat());
    if (temperature === null) return null;
    judged.push({ chips: part, temperature });
  }
  const ofTruths = judged.flatMap(({ chips: part, temperature }) =>
    part.map(({ scores, truth }) => softmaxAt(scores, temperature)[truth]!),
  );
  return { ...goodnessOf(judged), threshold: conformalThreshold(ofTruths, coverage) };
}

/** Measures the same for one temperature for all chips; 1 leaves the model's probabilities unchanged. */
export const goodnessAt = (chips: readonly ScoredChip[], temperature: number): Goodness =>
  goodnessOf([{ chips, temperature }]);

function goodnessOf(parts: readonly { chips: readonly ScoredChip[]; temperature: number }[]): Goodness {
  const bins = noReliabilityBins();
  let [likelihood, probability, n] = [0, 0, 0];
  for (const { chips, temperature } of parts) {
    if (chips.length === 0) continue;
    n += chips.length;
    likelihood += chips.length * negativeLogLikelihood(chips, temperature);
    for (const { scores, truth } of chips) {
      const probabilities = softmaxAt(scores, temperature);
      const winner = probabilities.indexOf(Math.max(...probabilities));
      probability += probabilities[winner]!;
      countChip(bins, probabilities[winner]!, winner === truth);
    }
  }
  return { error: calibrationOf(bins)!.error, likelihood: likelihood / n, probability: probability / n };
}
