import type { ModelPackage } from '../package/package.ts';
import { bandsExpected } from './bands/expected.ts';
import type { JudgedBands } from './bands/measureBands.ts';
import type { Expected, VerdictLimits } from './expected.ts';
import type { Measured } from './registry.ts';

export const EXPECTED: Expected[] = [bandsExpected];

export type JudgedMeasures = Partial<JudgedBands>;

/** Compares a window's sums with what the package says of them. */
export const judgeMeasures = (
  sums: Measured,
  model: ModelPackage,
  limits: VerdictLimits,
  scenes?: number,
): JudgedMeasures => Object.assign({}, ...EXPECTED.map(({ judge }) => judge(sums, model, limits, scenes)));

export const verdictsOnMeasures = (judged: JudgedMeasures) => EXPECTED.flatMap(({ verdicts }) => verdicts(judged));

/** Returns a run's judgement without the fields of measures that are kept for days alone. */
export function withoutFieldsOfDays<Judgement extends object>(judgement: Judgement): Judgement {
  const left = new Set(EXPECTED.flatMap(({ onlyOfDays }) => onlyOfDays));
  return Object.fromEntries(Object.entries(judgement).filter(([field]) => !left.has(field))) as Judgement;
}
