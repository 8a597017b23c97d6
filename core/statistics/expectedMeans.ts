import { fQuantile } from './fQuantile.ts';
import { inverseScatter, type JointMeans, residualsOf } from './jointMeans.ts';

/** What is expected of a window's mean, and by how much chance makes it differ: by itself, and given the window's other means. */
export type ExpectedMean = { noiseAlone: number; expected: number; noise: number };

/**
 * Returns what the other means of a window let expect of each, by linear regression over the reference's scenes; and the half-width of the
 * prediction interval, which widens for a window that is unlike these scenes: N. R. Draper and H. Smith, Applied Regression
 * Analysis (1998), 3.1 and 5.2. Scenes have longer tails than the normal distribution, so nothing counts as more than chance that is
 * not beyond the furthest of the reference's scenes. A mean that is off makes the others look odd beside it: the one that is off most, in
 * standard errors, is not used to expect the others.
 * @param means those of a window
 * @param window its effective number of scenes, and its number of chips
 * @param alpha how often chance may exceed the noise
 */
export function expectedMeans(joint: JointMeans, means: readonly number[], { scenes, chips }: Window, alpha: number) {
  const units = scenes * Math.min(1, chips / scenes / joint.chips); // a smaller scene varies more, at most as independent chips do
  const among = (places: readonly number[], furthest: readonly number[]): Found[] => {
    const chance = Math.sqrt(fQuantile(1, joint.scenes - places.length, alpha));
    const covariance = places.map((a, i) =>
      places.slice(0, i + 1).map((b) => joint.covariance[Math.max(a, b)]![Math.min(a, b)]!),
    );
    const part = { scenes: joint.scenes, covariance };
    const apart = places.map((place) => means[place]! - joint.means[place]!);
    return residualsOf({ ...part, apart, inverse: inverseScatter(part) }, units).map(({ residual, error }, i) => ({
      place: places[i]!,
      residual,
      errors: Math.abs(residual) / error,
      noise: error * Math.max(chance, furthest[places[i]!]! / Math.sqrt(units)),
    }));
  };
  const found: Found[] = [];
  for (let left = means.map((_, place) => place); left.length > 0; ) {
    const all = among(left, left.length === 1 ? joint.furthest.alone : joint.furthest.together);
    for (const one of all) found[one.place] = one;
    const off = all.filter(({ residual, noise }) => Math.abs(residual) > noise);
    const most = off.toSorted((a, b) => b.errors - a.errors)[0];
    if (most === undefined) break;
    left = left.filter((place) => place !== most.place);
  }
  return means.map((mean, place): ExpectedMean => {
    const { residual, noise } = found[place]!;
    return { noiseAlone: among([place], joint.furthest.alone)[0]!.noise, expected: mean - residual, noise };
  });
}

type Window = { readonly scenes: number; readonly chips: number };
type Found = { place: number; residual: number; errors: number; noise: number };
