import type * as z from 'zod';
import type { Chip } from '../package/chip.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import type { Verdict } from '../statistics/verdict.ts';
import type { BandSums } from './bands/bandSum.ts';
import { bands, bandsInRow } from './bands/bands.ts';
import type { JudgedBands } from './bands/measureBands.ts';
import { blanks, blanksInRow, type ChipCounts } from './blanks/blanks.ts';
import type { Measure, Mover, VerdictLimits } from './measure.ts';

export const MEASURES: Measure[] = [
  blanks, //
  bands,
];

export type Measured = ChipCounts & BandSums;

/** What judgements keep of the measures. */
export type JudgedMeasures = Partial<JudgedBands>;

/** The fields of a run's row that hold its measures. */
export const measuredShape = { ...blanksInRow, ...bandsInRow };

export function lookAtChips(model: ModelPackage) {
  const looks = MEASURES.map(({ look }) => look(model));
  return {
    at(chip: Chip, isBlank: boolean): void {
      for (const look of looks) look.at(chip, isBlank);
    },
    sum: (): Measured => measured((_, i) => looks[i]!.sum()),
  };
}

export function measured(sumOf: (measure: Measure, i: number) => Summed): Measured {
  return Object.assign({ ...blanks.zero }, ...MEASURES.map(sumOf));
}

/** Returns the fields of a run's row that hold its sums. */
export function measuresInRow(sums: Measured): MeasuredRow {
  return Object.assign({}, ...MEASURES.map(({ row }) => row.write(sums)));
}

/** Returns the sums in a run's row; those that it lacks are zero. */
export function measuresOfRow(row: { [Field in keyof MeasuredRow]?: MeasuredRow[Field] | undefined }): Measured {
  return measured((measure) => measure.row.read(row));
}

export type MeasuredRow = z.infer<z.ZodObject<typeof measuredShape>>;

/** Compares a window's sums with what the package says of them. */
export function judgeMeasures(sums: Measured, model: ModelPackage, limits: VerdictLimits): JudgedMeasures {
  return Object.assign({}, ...EXPECTED().map(({ judge }) => judge(sums, model, limits)));
}

export const verdictsOnMeasures = (judged: JudgedMeasures): Verdict[] =>
  EXPECTED().flatMap(({ verdicts }) => verdicts(judged));

export function moversOfMeasures(judged: JudgedMeasures, model: ModelPackage): Mover<Measured>[] {
  return EXPECTED().flatMap(({ mover }) => mover(judged, model) ?? []);
}

/** Returns a run's judgement without the fields of measures that are kept for days alone. */
export function withoutFieldsOfDays<Judgement extends object>(judgement: Judgement): Judgement {
  const left = new Set(EXPECTED().flatMap(({ onlyOfDays }) => onlyOfDays));
  return Object.fromEntries(Object.entries(judgement).filter(([field]) => !left.has(field))) as Judgement;
}

const EXPECTED = () => MEASURES.flatMap(({ expected }) => expected ?? []);
