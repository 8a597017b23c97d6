/** The pixels sampled per chip, or all of a smaller one: docs/decisions/0027-bands-are-watched.md says why. */
export const PIXELS_PER_CHIP = 32;

/**
 * Which pixels of a chip are sampled: `count` of its `size`, starting at the chip's `startOf`, each `step` after the one
 * before, wrapping around at the chip's end.
 */
export type Sampling = { readonly count: number; readonly size: number; readonly step: number };

/**
 * Returns a lattice that spreads the pixels evenly over rows and columns: each step advances by the shares of height and
 * width of M. Roberts' R2 sequence (http://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/). No
 * pixel repeats, because step and size are coprime.
 */
export function samplingOf(height: number, width: number): Sampling {
  const size = height * width;
  if (size <= PIXELS_PER_CHIP) return { count: size, size, step: 1 };
  let step = (Math.round(height / PLASTIC) * width + Math.round(width / PLASTIC ** 2)) % size;
  while (greatestCommonDivisor(step, size) !== 1) step += 1;
  return { count: PIXELS_PER_CHIP, size, step: step % size };
}

/** Solves x³ = x + 1. */
const PLASTIC = 1.324717957244746;

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** The first sampled pixel of the chip with this index; it varies from chip to chip, so no pixel is never sampled. */
export const startOf = (index: number, { count, size }: Sampling): number =>
  count === size ? 0 : Math.floor(((index * GOLDEN) % 1) * size);

/** (√5 − 1) / 2 */
const GOLDEN = 0.6180339887498949;

/** Returns the sampled pixels of a chip, as indices into its planes. */
export function sampledPixels(sampling: Sampling, start: number): number[] {
  const { count, size, step } = sampling;
  return Array.from({ length: count }, (_, i) => (start + i * step) % size);
}
