import { precise } from '../../base/text/numbers.ts';
import { printable } from '../../base/text/printable.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Expected, Mover } from '../expected.ts';
import type { BandSums } from './bandSum.ts';
import { type BandDrift, type JudgedBands, measureBands, strongestDrift } from './measureBands.ts';

export const bandsExpected: Expected<BandSums, JudgedBands> = {
  judge: ({ bands }, { profile, ...model }, limits, scenes) =>
    bands && profile && { bandDrift: measureBands(bands, { ...model, profile }, limits, scenes) },
  verdicts: ({ bandDrift = [] }) => bandDrift.map(({ verdict }) => verdict),
  onlyOfDays: ['bands', 'bandDrift'],
  alarmed: 'BandDrift',
  datums: ({ bandDrift }) => [{ metric: 'BandDrift', value: strongestDrift(bandDrift) }],
  mover: bandMover,
};

/** Returns the band that drifts, the furthest first; or else the one furthest from its profile. */
export function furthestBand<Band extends Pick<BandDrift, 'verdict' | 'score'>>(bands: readonly Band[]) {
  const drifts = ({ verdict }: Band) => Number(verdict === 'drift');
  return bands.toSorted((a, b) => drifts(b) - drifts(a) || (b.score ?? -1) - (a.score ?? -1))[0];
}

/** Of a file, only the numbers are of interest, and not the verdict. */
const NO_LIMITS = { threshold: 0, minimum: 0 };

/** The source band that moved most; undefined if none has values. A file contributes by what makes the band drift. */
function bandMover({ bandDrift = [] }: Partial<JudgedBands>, { profile = [], ...model }: ModelPackage) {
  const most = furthestBand(bandDrift);
  const place = profile.findIndex(({ name }) => name === most?.band);
  if (most === undefined || most.score === null || place === -1) return undefined;
  const { by, text } = effectOf(most);
  const byOf = ({ bands }: BandSums) =>
    bands?.[place]?.chips ? by(measureBands(bands, { ...model, profile }, NO_LIMITS)[place]!) : 0;
  const mover: Mover<BandSums> = {
    sentence: `The source band that moved most is ${printable(most.band)}: ${text(by(most), most)}.`,
    pull: (run) => (run.bands?.[place]?.chips ?? 0) * Math.sign(by(most)) * byOf(run),
    there: (run) => text(byOf(run)),
  };
  return mover;
}

/** How far a band has moved, and how to say it: by the effect that chance explains least. */
function effectOf({ mean, expectedMean, expectedMeanNoise: noise, meanShift, meanShiftNoise, ...band }: BandDrift) {
  if (mean !== null && expectedMean !== null && Math.abs(mean - expectedMean) > noise!)
    return {
      by: (one: BandDrift) => (one.mean ?? 0) - (one.expectedMean ?? one.mean ?? 0),
      text: (by: number, window?: BandDrift) =>
        window === undefined
          ? `its mean is ${precise(Math.abs(by))} ${by < 0 ? 'below' : 'above'} what its other bands let expect`
          : `its mean is ${precise(mean)}, and the other bands let expect ${precise(expectedMean)} ± ${precise(noise!)}`,
    };
  if (band.score! > band.jensenShannon! && Math.abs(meanShift!) > meanShiftNoise!)
    return {
      by: (one: BandDrift) => one.meanShift ?? 0,
      text: (by: number) =>
        `its mean is ${Math.abs(by).toFixed(2)} standard deviations ${by < 0 ? 'below' : 'above'} that of its profile`,
    };
  return {
    by: (one: BandDrift) => one.jensenShannon ?? 0,
    text: (by: number, window?: BandDrift) => `${by.toFixed(3)} away${window === undefined ? '' : ' from its profile'}`,
  };
}
