/** So many pixels of a chip are looked at, all of a smaller one: see docs/decisions/0027-bands-are-watched.md for why it is enough. */
export const PIXELS_PER_CHIP = 32;

/**
 * Which pixels of a chip are looked at: `count` of its `size`, the first of them at `startOf` the chip, each other one `step`
 * further than the one before, counted on from the chip's end at its beginning.
 */
export type Sampling = { readonly count: number; readonly size: number; readonly step: number };

/**
 * A lattice that spreads the pixels evenly over rows and columns: a step goes on by the shares of the height and of the width that M.
 * Roberts' R2 sequence does (http://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/). No pixel comes
 * twice, as the step and the size have no common divisor.
 */
export function samplingOf(height: number, width: number): Sampling {
  const size = height * width;
  if (size <= PIXELS_PER_CHIP) return { count: size, size, step: 1 };
  let step = (Math.round(height / PLASTIC) * width + Math.round(width / PLASTIC ** 2)) % size;
  while (greatestCommonDivisor(step, size) !== 1) step += 1;
  return { count: PIXELS_PER_CHIP, size, step: step % size };
}

/** x³ = x + 1 */
const PLASTIC = 1.324717957244746;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Where the pixels of the chip of this index begin: elsewhere from chip to chip, so that no pixel is always passed over. */
export function startOf(index: number, { count, size }: Sampling): number {
  return count === size ? 0 : Math.floor(((index * GOLDEN) % 1) * size);
}

/** (√5 − 1) / 2 */
const GOLDEN = 0.6180339887498949;

/** The pixels of a chip, as places in its planes. */
export function sampledPixels(sampling: Sampling, start: number): number[] {
  const { count, size, step } = sampling;
  return Array.from({ length: count }, (_, i) => (start + i * step) % size);
}
