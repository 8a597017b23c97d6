import { precise } from '../../base/text/numbers.ts';
import { printable } from '../../base/text/printable.ts';
import type { ModelPackage } from '../../package/package.ts';
import { jensenShannonDistance } from '../../statistics/jensenShannon.ts';
import type { Expected, Mover } from '../expected.ts';
import type { BandSums } from './bandSum.ts';
import { type BandDrift, type JudgedBands, judgedBins, measureBands, strongestDrift } from './measureBands.ts';

export const bandsExpected: Expected<BandSums, JudgedBands> = {
  judge: ({ bands }, { profile, ...model }, limits, scenes) =>
    bands && profile && { bandDrift: measureBands(bands, { ...model, profile }, limits, scenes) },
  verdicts: ({ bandDrift = [] }) => bandDrift.map(({ verdict }) => verdict),
  onlyOfDays: ['bands', 'bandDrift'],
  datums: ({ bandDrift }) => [{ metric: 'BandDrift', value: strongestDrift(bandDrift) }],
  mover: bandMover,
};

/** The source band that is furthest from its profile; undefined if none has values. */
function bandMover({ bandDrift = [] }: Partial<JudgedBands>, { profile = [] }: Pick<ModelPackage, 'profile'>) {
  const [most] = bandDrift.toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1));
  const place = profile.findIndex(({ name }) => name === most?.band);
  if (most === undefined || most.score === null || place === -1) return undefined;
  const reference = judgedBins([0, ...profile[place]!.counts, 0]);
  const distanceOf = ({ bands }: BandSums) =>
    bands?.[place]?.chips ? jensenShannonDistance(judgedBins(bands[place].counts), reference) : 0;
  const mover: Mover<BandSums> = {
    sentence: `The source band that moved most is ${printable(most.band)}: ${effectText(most)}.`,
    pull: (run) => (run.bands?.[place]?.chips ?? 0) * distanceOf(run),
    there: (run) => `${distanceOf(run).toFixed(3)} away`,
  };
  return mover;
}

/** Says how far a band has moved: by the effect that chance explains least. */
function effectText({ mean, expectedMean, expectedMeanNoise: noise, ...band }: BandDrift): string {
  const { meanShift, meanShiftNoise, jensenShannon, score } = band;
  if (mean !== null && expectedMean !== null && Math.abs(mean - expectedMean) > noise!)
    return `its mean is ${precise(mean)}, and the other bands let expect ${precise(expectedMean)} ± ${precise(noise!)}`;
  if (score! > jensenShannon! && Math.abs(meanShift!) > meanShiftNoise!)
    return `its mean is ${Math.abs(meanShift!).toFixed(2)} standard deviations ${meanShift! < 0 ? 'below' : 'above'} that of its profile`;
  return `${jensenShannon!.toFixed(3)} away from its profile`;
}
