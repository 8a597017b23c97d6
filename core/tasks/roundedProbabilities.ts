/** Levels between 0 and 1 of 7 bits, as of a symmetric int8, and of 8. */
const [LEAST_LEVELS, MOST_LEVELS] = [127, 256];

/** What a float32 may be off, in steps: 256 × 2^-24, with a margin. */
const EXACT = 1e-4;

/**
 * Makes the function that says whether a row of numbers are probabilities that a quantised model has rounded to multiples
 * of one step: the scale of an output of 8 bits, about 1/255. Each is off by half a step, and the largest by one if it is
 * cut off at the end of the range, so that n of them add up to 1 within n / 2 + 1 steps. The step of one row is tried first
 * for the next.
 */
export function makeAreRounded() {
  let known = 0;
  return (outputs: ArrayLike<number>, start: number, count: number, stride = 1): boolean => {
    const row = Array.from({ length: count }, (_, i) => outputs[start + i * stride]!);
    const areMultiples = (step: number) =>
      step > 0 && row.every((value) => Math.abs(value / step - Math.round(value / step)) <= EXACT);
    const largest = Math.max(...row);
    let step = known;
    for (let levels = Math.ceil(LEAST_LEVELS * largest); !areMultiples(step); levels += 1) {
      if (!(levels <= MOST_LEVELS)) return false;
      step = largest / levels;
    }
    known = step;
    const sum = row.reduce((total, value) => total + value, 0);
    return Math.min(...row) >= -step && largest <= 1 + step && Math.abs(sum - 1) <= (count / 2 + 1) * step;
  };
}
