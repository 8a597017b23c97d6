import type { BandProfile } from '../../package/bandProfile.ts';
import { clusteringOfScenes } from '../scenesOfChips.ts';
import { addBandSums, type BandSum, valuesIn, varianceBetweenChips } from './bandSum.ts';
import { jointMeansOfBands } from './makeProfile.ts';
import { judgedBins } from './measureBands.ts';
import { nodataShare } from './violations.ts';

/**
 * Measures the bands of a profile anew on the sums of runs, each of which is a scene and has values in every band. The bins stay, but their range grows to
 * that of the runs; one without values counts as having one. How alike a chip's pixels are and the share of saturated values stay, too: runs lack them.
 */
export function bandsOfRuns(runs: readonly (readonly BandSum[])[], profile: readonly BandProfile[]) {
  const sumsOf = (of: BandSum) => judgedBins(of.counts).map((count) => (count / valuesIn(of)) * of.chips);
  const bands = profile.map(({ name, source: _, scenes: known, ...before }, i) => {
    if (before.counts.length === 1) return [name, { ...before, ...(known && { scenes: known }) }] as const; // its values were all equal
    const own = runs.map((sums) => sums[i]!);
    const sum = own.reduce(addBandSums);
    const sizes = own.map((of) => ({ size: of.chips, sums: sumsOf(of) }));
    const scenes = clusteringOfScenes(sizes, (used) => (used - 1) / before.valuesPerChip);
    const [low, high] = [before.edges[0]!, before.edges.at(-1)!];
    const found = {
      chips: sum.chips,
      edges: [Math.min(low, sum.minimum!), ...before.edges.slice(1, -1), Math.max(high, sum.maximum!)],
      counts: judgedBins(sum.counts).map((count) => Math.max(1, count)),
      mean: sum.mean,
      deviation: Math.sqrt(sum.squares / valuesIn(sum)),
      betweenChips: Math.sqrt(varianceBetweenChips(sum)!),
      nodata: nodataShare(sum),
    };
    return [name, { ...before, ...found, ...(scenes && { scenes }) }] as const;
  });
  const ofScenes = bands.flatMap(([name, { valuesPerChip, counts }], i) => {
    if (counts.length === 1) return [];
    const scenes = runs.map((sums, scene) => {
      const of = sums[i]!;
      return { scene, size: of.chips, sums: [...sumsOf(of), of.chipMean * of.chips] };
    });
    return [[name, { valuesPerChip, scenes }] as const];
  });
  const means = runs.map((sums) => {
    const size = Math.min(...sums.map(({ chips }) => chips));
    return { size, sums: sums.map(({ chipMean }) => chipMean * size) };
  });
  const names = profile.map(({ name }) => name);
  const bandMeans = jointMeansOfBands(means, names);
  const ofReference = { bands: Object.fromEntries(bands), ...(bandMeans && { bandMeans }) };
  return { ofReference, ofScenes: Object.fromEntries(ofScenes) };
}
