import type { Chip, ModelPackage } from '../package/package.ts';
import type { BandSums } from './bands/bandSum.ts';
import { bands } from './bands/bands.ts';
import { blanks, type ChipCounts } from './blanks/blanks.ts';
import type { Measure } from './measure.ts';
import type { MeasuredRow } from './rowFields.ts';

export const MEASURES: Measure[] = [
  blanks, //
  bands,
];

export type Measured = ChipCounts & BandSums;

export function lookAtChips(model: ModelPackage) {
  const looks = MEASURES.map(({ look }) => look(model));
  return {
    at(chip: Chip, isBlank: boolean): void {
      for (const look of looks) look.at(chip, isBlank);
    },
    sum: (): Measured => measured((_, i) => looks[i]!.sum()),
  };
}

export const measured = (sumOf: (measure: Measure, i: number) => object): Measured =>
  Object.assign({ ...blanks.zero }, ...MEASURES.map(sumOf));

export const measuresInRow = (sums: Measured): MeasuredRow =>
  Object.assign({}, ...MEASURES.map(({ row }) => row.write(sums)));

/** Returns the sums in a run's row; those that it lacks are zero. */
export const measuresOfRow = (row: { [Field in keyof MeasuredRow]?: MeasuredRow[Field] | undefined }): Measured =>
  measured((measure) => measure.row.read(row));
