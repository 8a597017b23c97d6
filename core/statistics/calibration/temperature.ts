import { turningPoint } from '../turningPoint.ts';

/** Temperatures outside of these leave nothing of a model's probabilities: all become 0 or 1, or equal. */
export const LEAST_TEMPERATURE = 0.05;
export const MOST_TEMPERATURE = 20;

/** A chip with a known class: for each class a finite logit or logarithm of a probability, and the true one's index. */
export type ScoredChip = { readonly scores: readonly number[] | Float64Array; readonly truth: number };

/** Stands for the logarithm of 0: that of the smallest 32-bit float. */
const LEAST_LOGARITHM = Math.log(2 ** -149);

/** Returns the logarithm of a probability; finite for 0, and for values below it from rounding. */
export const logProbability = (probability: number): number =>
  probability > 0 ? Math.max(Math.log(probability), LEAST_LOGARITHM) : LEAST_LOGARITHM;

/** Returns the softmax of the scores divided by the temperature, in double precision; `into` may be used again. */
export function softmaxAt(scores: ArrayLike<number>, temperature: number, into = new Float64Array(scores.length)) {
  let largest = -Infinity;
  for (let i = 0; i < scores.length; i += 1) {
    into[i] = scores[i]! / temperature;
    largest = Math.max(largest, into[i]!);
  }
  let total = 0;
  for (let i = 0; i < scores.length; i += 1) total += into[i] = Math.exp(into[i]! - largest);
  for (let i = 0; i < scores.length; i += 1) into[i]! /= total;
  return into;
}

/** Returns the mean negative log probability of the true class at that temperature (log loss, in nats). */
export function negativeLogLikelihood(chips: readonly ScoredChip[], temperature: number): number {
  const sum = chips.reduce((all, { scores, truth }) => {
    const largest = Math.max(...scores) / temperature;
    let total = 0;
    for (let i = 0; i < scores.length; i += 1) total += Math.exp(scores[i]! / temperature - largest);
    return all + Math.log(total) + largest - scores[truth]! / temperature;
  }, 0);
  return sum / chips.length;
}

/**
 * Fits a temperature (Guo et al., On Calibration of Modern Neural Networks, ICML 2017): the divisor of the scores before
 * the softmax that minimises the negative log likelihood, which is convex in 1 / T: its derivative is 0 there.
 * @returns null if the minimum is beyond `LEAST_TEMPERATURE` and `MOST_TEMPERATURE`, such as if all chips are right
 */
export function fitTemperature(chips: readonly ScoredChip[]): number | null {
  if (slopeAt(chips, MOST_TEMPERATURE) >= 0 || slopeAt(chips, LEAST_TEMPERATURE) <= 0) return null;
  return turningPoint((temperature) => slopeAt(chips, temperature) > 0, LEAST_TEMPERATURE, MOST_TEMPERATURE);
}

/** Returns the derivative of the negative log likelihood by 1 / T: the sum of E[score] − score of the true class. */
function slopeAt(chips: readonly ScoredChip[], temperature: number): number {
  const probabilities = new Float64Array(chips[0]?.scores.length ?? 0);
  let sum = 0;
  for (const { scores, truth } of chips) {
    softmaxAt(scores, temperature, probabilities);
    for (let i = 0; i < scores.length; i += 1) sum += probabilities[i]! * (scores[i]! - scores[truth]!);
  }
  return sum;
}
