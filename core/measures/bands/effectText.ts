import { precise } from '../../base/text/precise.ts';
import type { BandDrift } from './measureBands.ts';

/** Says how far a band has moved: by the effect that chance explains least. */
export function effectText({ mean, expectedMean, expectedMeanNoise: noise, ...band }: BandDrift): string {
  const { meanShift, meanShiftNoise, jensenShannon, score } = band;
  if (mean !== null && expectedMean !== null && Math.abs(mean - expectedMean) > noise!)
    return `its mean is ${precise(mean)}, and the other bands let expect ${precise(expectedMean)} ± ${precise(noise!)}`;
  if (score! > jensenShannon! && Math.abs(meanShift!) > meanShiftNoise!)
    return `its mean is ${Math.abs(meanShift!).toFixed(2)} standard deviations ${meanShift! < 0 ? 'below' : 'above'} that of its profile`;
  return `${jensenShannon!.toFixed(3)} away from its profile`;
}
