/** What a probability may be off in its last digits, as of a 32-bit number. */
const ROUNDING = 1e-7;

/**
 * Returns the threshold of split-conformal prediction: the ⌈(n + 1) · coverage⌉th smallest of 1 − p over n chips that the model was not
 * trained on, where p is the probability of a chip's true class (M. Sadinle, J. Lei and L. Wasserman, JASA 114 (2019) 223; V. Vovk, A.
 * Gammerman and G. Shafer, *Algorithmic Learning in a Random World* (2005), 2.2). A further chip from the same source has its true class
 * among those with 1 − p up to the threshold at least as often as the coverage says.
 * @returns 1, for all classes, if there are too few chips
 */
export function conformalThreshold(ofTruths: readonly number[], coverage: number): number {
  const rank = Math.ceil((ofTruths.length + 1) * coverage - ROUNDING);
  return ofTruths.map((p) => 1 - p).toSorted((a, b) => a - b)[rank - 1] ?? 1;
}

/** Returns whether a set has other classes than `top`, which is always one of it. */
export function hasSeveral(probabilities: ArrayLike<number>, threshold: number, top: number): boolean {
  for (let place = 0; place < probabilities.length; place += 1)
    if (place !== top && 1 - probabilities[place]! <= threshold + ROUNDING) return true;
  return false;
}

/** Returns the places of the classes within the threshold, the most probable first; if there are none, that of the most probable class. */
export function predictionSet(probabilities: readonly number[], threshold: number): number[] {
  const sorted = [...probabilities.keys()].toSorted((a, b) => probabilities[b]! - probabilities[a]!);
  return sorted.filter((place, i) => i === 0 || 1 - probabilities[place]! <= threshold + ROUNDING);
}
