/** How many predictions of a version were right on data that it was not trained on: `calibration` of reference.json. */
export type HeldOut = { readonly chips: number; readonly right: number };

/** An accuracy that is estimated without truth. */
export type AccuracyEstimate = {
  value: number;
  /** What chance makes of it, in so many predictions. */
  samplingError: number;
  /** Three of them to each side, within 0 and 1. */
  interval: [low: number, high: number];
};

/** How many sampling errors lie between the estimate and either end of its interval: NannyML's `SAMPLING_ERROR_RANGE`. */
const RANGE = 3;

/**
 * Confidence-based performance estimation (CBPE) of accuracy, as NannyML 0.13 has it for several classes
 * (`MulticlassClassificationAccuracy`), without a calibrator of its own: the package's probabilities are taken for calibrated.
 * The estimate is the mean probability of the predicted class. Its sampling error is the standard deviation of being right in
 * the reference, which is √(a (1 − a)) for an accuracy of a, over √n.
 *
 * It holds where the probabilities are calibrated for what comes now, and the same images still mean the same classes.
 *
 * @returns null where nothing was predicted
 * @example estimateAccuracy({ n: 100, probabilitySum: 80 }, { chips: 500, right: 400 }) // 0.8, sampling error 0.04, 0.68 to 0.92
 */
export function estimateAccuracy(
  { n, probabilitySum }: { n: number; probabilitySum: number },
  { chips, right }: HeldOut,
): AccuracyEstimate | null {
  if (n === 0) return null;
  const value = probabilitySum / n;
  const accuracy = right / chips;
  const samplingError = Math.sqrt((accuracy * (1 - accuracy)) / n);
  const [low, high] = [value - RANGE * samplingError, value + RANGE * samplingError];
  return { value, samplingError, interval: [Math.max(0, low), Math.min(1, high)] };
}
