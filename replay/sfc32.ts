export type Random = () => number;

/** So many numbers are passed over after seeding, until each word of the seed has its effect on all of the state. */
const PASSED_OVER = 15;

/**
 * Pseudo-random numbers that are the same on every machine: sfc32, "small fast counting", by Chris Doty-Humphrey, with
 * the seeding by three words of his PractRand (https://pracrand.sourceforge.net/RNG_engines.txt). Each seed begins a
 * sequence of its own.
 *
 * @param seed whole numbers; their lowest 32 bits count
 */
export function sfc32(...seed: [number, number, number]): Random {
  let [a, b, c] = seed;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < PASSED_OVER; i += 1) next();
  return next;
}
