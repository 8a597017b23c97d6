import type { Expected } from '../expected.ts';
import type { BandSums } from './bandSum.ts';
import { type JudgedBands, measureBands, strongestDrift } from './measureBands.ts';
import { bandMover } from './mover.ts';

/** Compares the source bands with the package's profile of them. */
export const bandsExpected: Expected<BandSums, JudgedBands> = {
  judge: ({ bands }, { profile, ...model }, limits, scenes) =>
    bands && profile && { bandDrift: measureBands(bands, { ...model, profile }, limits, scenes) },
  verdicts: ({ bandDrift = [] }) => bandDrift.map(({ verdict }) => verdict),
  onlyOfDays: ['bands', 'bandDrift'],
  datums: ({ bandDrift }) => [{ metric: 'BandDrift', value: strongestDrift(bandDrift) }],
  mover: bandMover,
};
