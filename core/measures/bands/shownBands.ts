import type { ModelPackage } from '../../package/package.ts';
import type { BandSum } from './bandSum.ts';
import { type BandDrift, judgedBins } from './measureBands.ts';

export type ShownBand = BandDrift & {
  /** The profile's minimum and maximum, where its bins begin and end. */
  range: [from: number, to: number];
  shares: number[];
  reference: number[];
};

/** Returns the bands of a window; empty without a profile, or if no chip was classified. */
export const shownBands = (
  { bands = [], bandDrift = [] }: { bands?: readonly BandSum[] | undefined; bandDrift?: readonly BandDrift[] },
  { profile = [] }: Pick<ModelPackage, 'profile'>,
): ShownBand[] =>
  bandDrift.flatMap((drift, i) => {
    const [of, sum] = [profile[i], bands[i]];
    if (of === undefined || sum === undefined) return [];
    const shares = sharesOf(judgedBins(sum.counts));
    const reference = sharesOf(judgedBins([0, ...of.counts, 0]));
    return [{ ...drift, range: [of.edges[0]!, of.edges.at(-1)!], shares, reference }];
  });

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}
