import * as z from 'zod';
import { isMasked } from '../blanks/mask.ts';
import type { Measure } from '../measure.ts';
import { addBandSums, type BandSums, bandSums, ofOneRun } from './bandSum.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { makeBandCounter } from './countBand.ts';
import { samplingOf, startOf } from './sampledPixels.ts';
import { violationsOf } from './violations.ts';

const schema = z.object({ bands: bandSums.optional() });

/** The distribution of the source bands' values in the classified chips that are not masked, for packages with a profile. */
export const bands: Measure<BandSums> = {
  schema,
  zero: {},
  // A version has one profile, and only sums of the same version are added.
  add: ({ bands: a }, { bands: b }) => {
    if (a === undefined || b === undefined) return { ...((a ?? b) && { bands: a ?? b }) };
    return { bands: a.map((sum, i) => addBandSums(sum, b[i]!)) };
  },
  look: ({ profile, source, mask, text }) => {
    if (profile === undefined) return { at: () => {}, sum: () => ({}) };
    const { height, width, bands: of } = source;
    const sampling = text ? samplingOf(1, 1) : samplingOf(height, width); // of a text, each measure is one value
    const counters = profile.map((band) => makeBandCounter(of[band.source]!.dataType, band, sampling));
    let chips = 0;
    return {
      at: ({ place, planes, valid, masked }, isBlank) => {
        if (isBlank || isMasked(masked, mask) || planes.length === 0) return; // a chip that came with its prediction has no planes
        chips += 1;
        const start = startOf(place.index, sampling);
        for (let i = 0; i < counters.length; i += 1) counters[i]!.at(planes[profile[i]!.source]!, start, valid);
      },
      sum: () => {
        if (chips === 0) return {};
        return {
          bands: counters.map((counter, i) => {
            const looked = counter.looked();
            const broken = violationsOf(looked, profile[i]!, profile.length);
            return { ...looked.sum, ...(broken.length > 0 && { violations: ofOneRun(broken) }) };
          }),
        };
      },
    };
  },
  row: {
    write: ({ bands: sums }) => ({ ...(sums && { bands: bandSumsText(sums) }) }),
    read: ({ bands: text }: { bands?: string }) => (text === undefined ? {} : { bands: bandSumsOf(text) }),
  },
  datums: () => [], // what is published is how far they are from the profile: expected.ts
};
