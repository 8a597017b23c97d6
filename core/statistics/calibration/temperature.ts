/** Temperatures outside of these leave nothing of a model's probabilities: all become 0 or 1, or equal. */
export const LEAST_TEMPERATURE = 0.05;
export const MOST_TEMPERATURE = 20;

/**
 * A chip with a known class: a finite score for each class, which is a logit or the logarithm of a probability, and the
 * index of the true class.
 */
export type ScoredChip = { readonly scores: ArrayLike<number>; readonly truth: number };

/** Stands for the logarithm of 0: that of the smallest 32-bit float. */
const LEAST_LOGARITHM = Math.log(2 ** -149);

/** Returns the logarithm of a probability; finite for 0, and for values below it from rounding. */
export function logProbability(probability: number): number {
  return probability > 0 ? Math.max(Math.log(probability), LEAST_LOGARITHM) : LEAST_LOGARITHM;
}

/** Returns the softmax of the scores divided by the temperature, in double precision. */
export function softmaxAt(scores: ArrayLike<number>, temperature: number): Float64Array {
  const weights = Float64Array.from(scores, (score) => score / temperature);
  const largest = Math.max(...weights);
  let total = 0;
  for (let i = 0; i < weights.length; i += 1) total += weights[i] = Math.exp(weights[i]! - largest);
  return weights.map((weight) => weight / total);
}

/** Returns the mean negative log probability of the true class at that temperature (log loss, in nats). */
export function negativeLogLikelihood(chips: readonly ScoredChip[], temperature: number): number {
  const sum = chips.reduce((all, { scores, truth }) => {
    const largest = largestOf(scores) / temperature;
    let total = 0;
    for (let i = 0; i < scores.length; i += 1) total += Math.exp(scores[i]! / temperature - largest);
    return all + Math.log(total) + largest - scores[truth]! / temperature;
  }, 0);
  return sum / chips.length;
}

/**
 * Fits a temperature (Guo et al., On Calibration of Modern Neural Networks, ICML 2017): the divisor of the scores before
 * the softmax that minimises the negative log likelihood. That is convex in 1 / T, so there is one minimum, where the
 * derivative is 0. It is found by Newton's method, with bisection for steps that leave the bracket.
 *
 * @returns null if the minimum is not between `LEAST_TEMPERATURE` and `MOST_TEMPERATURE`, for instance if all chips are
 *   right
 */
export function fitTemperature(chips: readonly ScoredChip[]): number | null {
  let [low, high] = [1 / MOST_TEMPERATURE, 1 / LEAST_TEMPERATURE];
  if (chips.length === 0 || slopes(chips, low).first >= 0 || slopes(chips, high).first <= 0) return null;
  let inverse = 1;
  for (let step = 0; step < MOST_STEPS && high - low > PRECISION * low; step += 1) {
    const { first, second } = slopes(chips, inverse);
    if (first === 0) break;
    if (first > 0) high = inverse;
    else low = inverse;
    const next = inverse - first / second;
    const isWithin = next > low && next < high;
    const before = inverse;
    inverse = isWithin ? next : (low + high) / 2;
    if (isWithin && Math.abs(inverse - before) <= PRECISION * inverse) break;
  }
  return 1 / inverse;
}

const PRECISION = 1e-14;
/** Bisection alone takes 60. */
const MOST_STEPS = 200;

/**
 * Returns the first and second derivative of the negative log likelihood by 1 / T: the mean of E[score] − score of the true
 * class, and of Var[score].
 */
function slopes(chips: readonly ScoredChip[], inverse: number): { first: number; second: number } {
  let [first, second] = [0, 0];
  for (const { scores, truth } of chips) {
    const largest = largestOf(scores);
    let [total, mean, square] = [0, 0, 0];
    for (let i = 0; i < scores.length; i += 1) {
      const below = scores[i]! - largest; // keeps squares small
      const weight = Math.exp(below * inverse);
      total += weight;
      mean += weight * below;
      square += weight * below * below;
    }
    mean /= total;
    first += mean - (scores[truth]! - largest);
    second += square / total - mean * mean;
  }
  return { first: first / chips.length, second: second / chips.length };
}

function largestOf(scores: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < scores.length; i += 1) largest = Math.max(largest, scores[i]!);
  return largest;
}
