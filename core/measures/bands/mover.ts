import { printable } from '../../base/text/printable.ts';
import type { ModelPackage } from '../../package/package.ts';
import { jensenShannonDistance } from '../../statistics/jensenShannon.ts';
import type { Mover } from '../expected.ts';
import type { BandSums } from './bandSum.ts';
import { effectText } from './effectText.ts';
import { type JudgedBands, judgedBins } from './measureBands.ts';

/** The source band that is furthest from its profile; undefined if none has values. */
export function bandMover(
  { bandDrift = [] }: Partial<JudgedBands>,
  { profile = [] }: Pick<ModelPackage, 'profile'>,
): Mover<BandSums> | undefined {
  const [most] = bandDrift.toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1));
  const place = profile.findIndex(({ name }) => name === most?.band);
  if (most === undefined || most.score === null || place === -1) return undefined;
  const reference = judgedBins([0, ...profile[place]!.counts, 0]);
  const distanceOf = ({ bands }: BandSums) =>
    bands?.[place]?.chips ? jensenShannonDistance(judgedBins(bands[place].counts), reference) : 0;
  return {
    sentence: `The source band that moved most is ${printable(most.band)}: ${effectText(most)}.`,
    pull: (run) => (run.bands?.[place]?.chips ?? 0) * distanceOf(run),
    there: (run) => `${distanceOf(run).toFixed(3)} away`,
  };
}
