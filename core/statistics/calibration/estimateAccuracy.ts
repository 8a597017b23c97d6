/** A version's right predictions on data held out from training, and its conformal threshold: `calibration` of reference.json. */
export type HeldOut = { readonly chips: number; readonly right: number; readonly threshold?: number };

type Predicted = { readonly n: number; readonly probabilitySum: number };

export type AccuracyEstimate = NonNullable<ReturnType<typeof estimateAccuracy>>;

/** The sampling errors between the estimate and either end of its interval: NannyML's `SAMPLING_ERROR_RANGE`. */
const RANGE = 3;

/**
 * Estimates the accuracy by confidence-based performance estimation (CBPE), as NannyML 0.13 does for several classes
 * (`MulticlassClassificationAccuracy`), but without a calibrator: the package's probabilities are assumed to be calibrated.
 * The estimate is the mean probability of the predicted class. Its sampling error is the standard deviation of correctness
 * in the reference, √(a (1 − a)) for an accuracy of a, divided by √n.
 *
 * It is valid if the probabilities are calibrated for current data, and the same images still mean the same classes.
 *
 * @returns null if nothing was predicted
 * @example estimateAccuracy({ n: 100, probabilitySum: 80 }, { chips: 500, right: 400 }) // 0.8, ± 0.04, 0.68 to 0.92
 */
export function estimateAccuracy({ n, probabilitySum }: Predicted, { chips, right }: HeldOut) {
  if (n === 0) return null;
  const value = probabilitySum / n;
  const accuracy = right / chips;
  const samplingError = Math.sqrt((accuracy * (1 - accuracy)) / n);
  const within = (share: number) => Math.min(1, Math.max(0, share));
  const ends = [value - RANGE * samplingError, value + RANGE * samplingError].map(within);
  return { value, samplingError, interval: ends as [low: number, high: number] };
}
