import type { ModelPackage } from '../package/package.ts';
import type { TaskDatum } from '../package/task.ts';
import type { Verdict } from '../statistics/verdict.ts';

/** Compares what a measure has found with what the package says of it. */
export interface Expected<Sum extends object = object, Judged extends object = object> {
  /**
   * What a judgement keeps of the comparison; undefined where the package says nothing, or nothing was measured.
   * @param scenes the effective number of scenes that the sum is of; undefined if each chip is independent of the others
   */
  judge(sum: Sum, model: ModelPackage, limits: VerdictLimits, scenes?: number): Judged | undefined;
  verdicts(judged: Partial<Judged>): readonly Verdict[];
  /** Fields of the measure and of its judgement that only days store: with each run they would cost several KB per write. */
  readonly onlyOfDays: readonly string[];
  /** The metric, one of `datums`, by whose alarm a segment that drifts is seen. */
  readonly alarmed: string;
  datums(judged: Partial<Judged>): readonly TaskDatum[];
  /** What moved furthest; undefined where nothing can be told. */
  mover(judged: Partial<Judged>, model: ModelPackage): Mover<Sum> | undefined;
}

/** The limits that a verdict depends on: the score above which it is drift, the least number of chips, and what chance may do. */
export type VerdictLimits = {
  threshold: number;
  minimum: number;
  falseAlarmsPerYear?: number;
  /** Which share of what is left to chance is left to this verdict; 1 by default. */
  share?: number;
};

export type Mover<Sum> = {
  sentence: string;
  /** How far a run moves the window in that direction, by its number of chips and their distance. */
  pull(run: Sum): number;
  /** The run's own number. */
  there(run: Sum): string;
};
